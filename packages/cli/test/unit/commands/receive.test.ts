import type { ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ended, newFolder, person, sealpost, start } from '../../fixtures/run.ts'

type Event = { readonly event: string; readonly [member: string]: unknown }
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** Starts `receive --json` and hands out its events. */
function listening(args: readonly string[], cwd: string) {
  const child = start(['receive', '--json', ...args], { cwd })
  children.push(child)
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  const next = async (): Promise<Event> => JSON.parse((await lines.next()).value)
  return { child, next, end: ended(child) }
}

describe('sealpost receive and post', () => {
  let cwd = ''
  let alice = ''
  beforeAll(async () => {
    cwd = await newFolder()
    alice = (await person(cwd, 'alice')).did
    await person(cwd, 'bob')
  })
  const local = ['--allow-http', '--allow-private', '--json'] as const
  const send = (...args: readonly string[]) => sealpost(['post', '-k', 'alice.json', '--from', alice, ...args], { cwd })

  it('HTTP-01, HTTP-02, ADR-01: what one process sends, the other prints, with who sent it', async () => {
    const bob = listening(['--keys', 'bob.json', '--once'], cwd)
    const { did, url } = await bob.next()
    const sent = await send('--to', String(did), '--text', 'Hello żółć 🦭', ...local)
    expect([sent.code, sent.stderr]).toEqual([0, ''])
    expect(JSON.parse(sent.stdout)).toMatchObject([{ to: did, uri: url, status: 202, failed: [] }])
    const heard = await bob.next()
    expect(heard).toMatchObject({
      event: 'message',
      message: { body: { content: 'Hello żółć 🦭' } },
      proof: { sender: { did: alice }, layers: ['authcrypt'] },
    })
    expect((await bob.end).code).toBe(0)
  })

  it('HTTP-07: what does not open, or proves nothing, gets the same 202, and is told at our end alone', async () => {
    const bob = listening([], cwd)
    const { did, url } = await bob.next()
    const post = async (body: string, type = 'application/didcomm-encrypted+json') =>
      (await fetch(String(url), { method: 'POST', headers: { 'content-type': type }, body })).status
    expect(await post('{"ciphertext":"x"}')).toBe(202)
    expect(await bob.next()).toMatchObject({ event: 'refused', error: { code: 'ERR_MALFORMED_ENVELOPE' } })
    const plain = '{"id":"1","type":"https://example.com/h/1.0/h","body":{}}'
    expect(await post(plain, 'application/didcomm-plain+json')).toBe(202)
    expect(await bob.next()).toMatchObject({ event: 'refused', error: { rule: 'MED-20' } })
    expect(await post(plain, 'application/json')).toBe(415)
    expect((await send('--to', String(did), '--text', 'still here', ...local)).code).toBe(0)
    expect(await bob.next()).toMatchObject({ event: 'message' })
    bob.child.kill('SIGINT')
    expect(await bob.end).toMatchObject({ code: 0, stderr: '' })
  })

  it('--save stores the envelope before it is acknowledged, under a name that fits it (MED-11, T01)', async () => {
    const bob = listening(['--save', 'inbox'], cwd)
    const { url } = await bob.next()
    const response = await fetch(String(url), {
      method: 'POST',
      headers: { 'content-type': 'didcomm-signed+json' },
      body: '{"payload":""}',
    })
    bob.child.kill('SIGKILL')
    expect(response.status).toBe(202)
    expect(await readdir(join(cwd, 'inbox'))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.dcsm$/)])
  })

  it('the DID of the key file is used again at the same endpoint', async () => {
    const endpoint = ['--keys', 'bob.json', '--endpoint', 'https://bob.example/']
    const [first, second] = [listening(endpoint, cwd), listening([], cwd)]
    const { did } = await first.next()
    await second.next()
    first.child.kill('SIGTERM')
    expect((await first.end).code).toBe(0)
    expect((await listening(endpoint, cwd).next()).did).toBe(did)
  })

  it('SVC-13: without leave, http and this machine are not called', async () => {
    const bob = listening([], cwd)
    const { did } = await bob.next()
    const refused = await send('--to', String(did), '--text', 'x')
    expect([refused.code, refused.stdout]).toEqual([3, ''])
    expect(refused.stderr).toMatch(/^sealpost: [^\n]+--allow-http[^\n]+\n$/)
  })

  it('FLO-01: nobody there is told with exit code 3, and as retryable', async () => {
    const { did } = await person(cwd, 'dead', { endpoints: ['http://127.0.0.1:9/', 'http://127.0.0.1:10/'] })
    const { code, stderr } = await send('--to', did, '--text', 'x', ...local)
    expect(code).toBe(3)
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE', retryable: true })
  })

  it('a recipient without endpoint, a message without recipient, a wrong passphrase: each has its exit code', async () => {
    const { did } = await person(cwd, 'mute')
    expect((await send('--to', did, '--text', 'x')).code).toBe(5)
    expect((await send('--as', 'signed', '--text', 'x')).code).toBe(2)
    const locked = await sealpost(['receive', '-k', 'bob.json'], { cwd, env: { SEALPOST_PASSPHRASE: 'wrong' } })
    expect([locked.code, locked.stdout]).toEqual([4, ''])
  })

  it('a folder to save in that cannot be made is a slip in usage, and no port is opened', async () => {
    const { code, stdout, stderr } = await sealpost(['receive', '--save', 'alice.json/inbox'], { cwd })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^sealpost: cannot make the folder [^\n]+\n$/)
  })

  it('a port that is taken is a slip in usage', async () => {
    const first = listening([], cwd)
    const { url } = await first.next()
    const { code, stderr } = await sealpost(['receive', '--port', new URL(String(url)).port], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/cannot listen on/)
  })

  it('for people: the address and the DID first, then each message with what proves it', async () => {
    const child = start(['receive', '--once', '--keys', 'bob.json'], { cwd })
    children.push(child)
    const result = ended(child)
    const url = await new Promise<string>((resolve) =>
      child.stdout?.on('data', (data) => {
        const match = /DID (\S+)/.exec(String(data))
        if (match?.[1] !== undefined) resolve(match[1])
      }),
    )
    await send('--to', url, '--text', 'Good morning', ...local)
    const { code, stdout } = await result
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^Listening at http:\/\/127\.0\.0\.1:\d+\/\nDID did:peer:2\S+\n\nFrom did:peer:2\S+, proved by authenticated encryption/,
    )
    expect(stdout).toContain('"content": "Good morning"')
  })
})
