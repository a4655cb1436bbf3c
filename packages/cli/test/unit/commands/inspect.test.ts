import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import oob from '../../../../../vectors/didcomm-v2.1/oob.json' with { type: 'json' }
import { newFolder, person, sealpost } from '../../fixtures/run.ts'

describe('sealpost inspect', () => {
  let cwd = ''
  let alice = ''
  let bob = ''
  let envelope = ''
  beforeAll(async () => {
    cwd = await newFolder()
    alice = (await person(cwd, 'alice')).did
    bob = (await person(cwd, 'bob')).did
    await person(cwd, 'carol')
    envelope = (await sealpost(['pack', '--text', 'hi', '-k', 'alice.json', '--to', bob], { cwd })).stdout
    await writeFile(join(cwd, 'm.dcem'), envelope)
  })
  const inspect = (...args: readonly string[]) => sealpost(['inspect', ...args], { cwd })

  it('HDR-13, ADR-01: without keys the sender is a claim; with keys it is proved', async () => {
    const outside = await inspect('m.dcem', '--full')
    expect([outside.code, outside.stderr]).toEqual([0, ''])
    expect(outside.stdout).toContain(`${alice}#key-2 (claimed, until it is opened)`)
    expect(outside.stdout).toContain('no keys were given')
    const inside = await inspect('m.dcem', '--keys', 'bob.json')
    expect(inside.stdout).toMatch(/^An encrypted message \(authcrypt\) for a key that is held, from did:peer:2\S*…\S*, which is proved\.\n/)
    expect(inside.stdout).toMatch(/proved {12}it is from did:peer:2/)
    expect(inside.stdout).toContain('"content": "hi"')
    const other = await inspect('m.dcem', '--keys', 'carol.json')
    expect([other.code, other.stdout.includes('none of its recipients is a key of the key file')]).toEqual([0, true])
  })

  it('takes a file, stdin, or the thing itself', async () => {
    const results = await Promise.all([
      inspect('m.dcem', '--json'),
      sealpost(['inspect', '--json'], { stdin: envelope }),
      inspect(envelope, '--json'),
    ])
    for (const { code, stdout } of results) {
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ kind: 'encrypted', verdict: 'sound' })
    }
  })

  it('OOB-07: explains the URL of an invitation', async () => {
    const { code, stdout } = await inspect(oob.url)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^A URL with an invitation/)
    expect(stdout).toContain('goal_code')
  })

  it('OOB-11: the invitation behind a short URL is fetched only where that is asked for, and never from inside of a network', async () => {
    let calls = 0
    const server = createServer((_, response) => void response.end(String(calls++)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/x?_oobid=5f0e3ffb-3f92-4648-9868-0d6f8889e6f3`
    const unfetched = await inspect(url)
    expect([unfetched.code, unfetched.stdout.includes('was not fetched')]).toEqual([0, true])
    const fetched = await inspect(url, '--fetch')
    expect([fetched.code, fetched.stdout]).toEqual([3, ''])
    expect(calls).toBe(0)
    server.close()
  })

  it('a broken rule is told with its id and what to do, and exit code 1', async () => {
    const { code, stdout } = await inspect('{"id":"1","type":"https://example.com/hello/1.0/hello","to":"did:example:bob"}')
    expect(code).toBe(1)
    expect(stdout).toMatch(/BROKEN {12}expected `to` to be an array.*\[HDR-04\]\n.*→ the sender's software has to be corrected/)
  })

  it('a DID that cannot be looked up is no broken rule: exit code 5', async () => {
    const signed =
      '{"payload":"eyJpZCI6IjEiLCJ0eXBlIjoiaHR0cHM6Ly9leGFtcGxlLmNvbS9oLzEuMC9oIiwiZnJvbSI6ImRpZDpleGFtcGxlOmEifQ","signatures":[{"protected":"eyJhbGciOiJFZERTQSJ9","header":{"kid":"did:example:a#1"},"signature":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}'
    const { code, stdout } = await inspect(signed)
    expect([code, stdout.includes('unchecked')]).toEqual([5, true])
  })

  it.each(['', 'hello world?', '{"a":1}', '[1]', '{', '\u0007', 'https://example.com/', 'eyJhbGciOiJub25lIn0.e30.'])(
    'what is nothing of ours is said to be so, with exit code 1: %j',
    async (text) => {
      const { code, stdout, stderr } = await sealpost(['inspect', '-'], { stdin: text })
      expect([code, stderr]).toEqual([1, ''])
      expect(stdout.length).toBeGreaterThan(10)
    },
  )

  it('a name of a file that is not there is a slip, not a message', async () => {
    const { code, stdout, stderr } = await inspect('mesage.dcem')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('there is no such file')
  })

  it('a folder is told to be one', async () => {
    const { code, stdout, stderr } = await inspect('.')
    expect([code, stdout, stderr]).toEqual([2, '', 'sealpost: cannot read .: it is a folder\n'])
  })
})
