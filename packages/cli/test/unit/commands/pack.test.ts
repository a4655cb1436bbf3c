import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { newFolder, person, sealpost } from '../../fixtures/run.ts'

const message = { id: 'm-1', type: 'https://example.com/hello/1.0/hello', body: { text: 'żółć 🦭' } }

describe('sealpost pack and unpack', () => {
  let cwd = ''
  let alice = ''
  let bob = ''
  let carol = ''
  beforeAll(async () => {
    cwd = await newFolder()
    alice = (await person(cwd, 'alice')).did
    bob = (await person(cwd, 'bob')).did
    carol = (await person(cwd, 'carol', { method: 'peer:4', curve: 'P-384' })).did
  })
  const run = (args: readonly string[], stdin?: string) => sealpost(args, { cwd, ...(stdin !== undefined && { stdin }) })
  const opened = async (envelope: string, keys = 'bob.json', ...more: readonly string[]) =>
    JSON.parse((await run(['unpack', '--keys', keys, '--json', ...more], envelope)).stdout)

  it('MED-13: from stdin to stdout; with a sender it is authcrypt, and who sent it is proved', async () => {
    const { code, stdout, stderr } = await run(['pack', '-', '--keys', 'alice.json', '--to', bob], JSON.stringify(message))
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\{"protected":[^\n]+\}\n$/)
    const result = await opened(stdout)
    expect(result.proof).toMatchObject({ layers: ['authcrypt'], encrypted: true, sender: { did: alice }, expired: false })
    expect(result.message).toMatchObject({ ...message, from: alice, to: [bob] })
    expect(result.message.created_time).toBeTypeOf('number')
  })

  it.each(['signed', 'anoncrypt', 'authcrypt', 'anoncrypt(signed)', 'authcrypt(signed)', 'anoncrypt(authcrypt)'])(
    'MED-12: --as %s',
    async (wrapping) => {
      const { code, stdout, stderr } = await run([
        'pack',
        '--text',
        'hi',
        '-k',
        'alice.json',
        '--from',
        alice,
        '--to',
        bob,
        '--as',
        wrapping,
      ])
      expect([code, stderr]).toEqual([0, ''])
      const { proof, message: said } = await opened(stdout)
      expect(proof.layers).toEqual(wrapping.match(/\w+/g))
      expect(proof.sender?.did).toBe(wrapping === 'anoncrypt' ? undefined : alice)
      expect(said.body).toEqual({ content: 'hi' })
    },
  )

  it('MED-20: plaintext is unpacked only where it is allowed', async () => {
    const { stdout } = await run(['pack', '--text', 'hi', '--as', 'plaintext'])
    const refused = await run(['unpack'], stdout)
    expect([refused.code, refused.stdout]).toEqual([1, ''])
    expect(refused.stderr).toContain('MED-20')
    expect((await run(['unpack', '--allow-plaintext'], stdout)).code).toBe(0)
  })

  it('ENC-02: for two DIDs there are two envelopes, one a line, and --out is refused', async () => {
    const args = ['pack', '--text', 'hi', '--keys', 'alice.json', '--to', bob, '--to', bob, '--to', carol, '--as', 'anoncrypt']
    const lines = (await run(args)).stdout.trim().split('\n')
    expect(lines).toHaveLength(2)
    expect((await opened(lines[1] ?? '', 'carol.json')).proof.recipient.did).toBe(carol)
    const refused = await run([...args, '--out', 'two.dcem'])
    expect([refused.code, refused.stdout]).toEqual([2, ''])
    expect(refused.stderr).toContain('ENC-02')
    expect(await readdir(cwd)).not.toContain('two.dcem')
  })

  it('ENC-02: --json tells for whom each is, with which keys', async () => {
    const { stdout } = await run(['pack', '--text', 'hi', '--to', bob, '--enc', 'XC20P', '--json'])
    expect(JSON.parse(stdout)).toMatchObject([
      { to: bob, wrapping: 'anoncrypt', mediaType: 'application/didcomm-encrypted+json', kids: [`${bob}#key-2`], endpoints: [] },
    ])
  })

  it('MED-11: through files, whole or not at all', async () => {
    await writeFile(join(cwd, 'm.json'), JSON.stringify(message))
    expect((await run(['pack', 'm.json', '-k', 'alice.json', '--to', bob, '-o', 'm.dcem'])).stdout).toBe('')
    const { code, stdout, stderr } = await run(['unpack', 'm.dcem', '-k', 'bob.json', '-o', 'out.json'])
    expect([code, stdout]).toEqual([0, ''])
    expect(stderr).toMatch(/^From did:peer:2\.\S+…\S+, proved by authenticated encryption \(authcrypt\)\.\nOpened with /)
    expect(JSON.parse(await readFile(join(cwd, 'out.json'), 'utf8'))).toMatchObject(message)
    const wrong = await run(['unpack', 'm.dcem', '-k', 'carol.json', '-o', 'wrong.json'])
    expect(wrong.code).toBe(1)
    expect((await readdir(cwd)).filter((name) => name.includes('wrong') || name.endsWith('.tmp'))).toEqual([])
  })

  it.each([
    [['--to', 'bob'], /expected a DID after --to/],
    [['--to', 'did:example:bob', '--sign-by', 'alice'], /expected a DID after --sign-by/],
    [['--to', 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', '--out', '.'], /cannot write \.: it is a folder/],
    [['--to', 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', '--out', 'm.json/x'], /a part of its path is no folder/],
  ])('a wrong argument, %j, is a slip in usage', async (options, sentence) => {
    await writeFile(join(cwd, 'm.json'), JSON.stringify(message))
    const { code, stderr } = await run(['pack', '--text', 'x', '--as', 'anoncrypt', ...options])
    expect(code).toBe(2)
    expect(stderr).toMatch(sentence)
  })

  it('PLN-02: what is not UTF-8 is refused, and not sent as another text', async () => {
    const latin1 = Buffer.from(JSON.stringify({ ...message, body: { name: 'Zoë' } }), 'latin1')
    const { code, stdout, stderr } = await sealpost(['pack', '-', '--as', 'anoncrypt', '--to', bob], { cwd, stdin: latin1 })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/UTF-8.*PLN-02/)
  })

  it('unpack prints the message alone on stdout, and what was proved on stderr', async () => {
    const { stdout: envelope } = await run(
      ['pack', '-', '--to', bob, '--as', 'anoncrypt'],
      JSON.stringify({ ...message, from: alice, body: { text: 'a\u202e\u001b[2Jb' } }),
    )
    const { stdout, stderr } = await run(['unpack', '-k', 'bob.json', '-'], envelope)
    expect(stderr).toContain('From nobody that is proved (anoncrypt).')
    expect(JSON.parse(stdout).body).toEqual({ text: 'a\u202e\u001b[2Jb' })
    for (const acting of ['\u001b', '\u202e']) expect(stdout).not.toContain(acting)
  })

  it('HDR-18: an expired message opens, and it is said', async () => {
    const { stdout } = await run(['pack', '-', '--to', bob], JSON.stringify({ ...message, created_time: 1, expires_time: 2 }))
    expect((await run(['unpack', '-k', 'bob.json'], stdout)).stderr).toContain('It has expired (HDR-18).')
  })

  it.each([
    [{ ...message, to: 'did:example:bob' }, 'HDR-04'],
    [{ ...message, from: 'did:example:a#1' }, 'HDR-10'],
    [{ ...message, id: undefined, type: undefined }, 'HDR-03'],
    [{ ...message, body: [] }, 'HDR-19'],
    [{ ...message, created_time: 'now' }, 'HDR-16'],
    [[message], 'PLN-01'],
  ])('a message that breaks a rule is refused with exit code 1 and the rule: %j', async (broken, rule) => {
    const { code, stdout, stderr } = await run(['pack', '-', '--to', bob], JSON.stringify(broken))
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(new RegExp(`^sealpost: [^\\n]+\\(${rule}\\)\\n$`))
  })

  it.each([
    [['--text', 'x'], 2, 'ENC-01'],
    [['--text', 'x', '--to', 'bob'], 2, 'HDR-05'],
    [['--text', 'x', '--to', 'did:ion:bob'], 5, ''],
    [['--text', 'x', '--to', 'BOB', '--as', 'authcrypt'], 2, 'HDR-09'],
    [['--text', 'x', '--to', 'BOB', '--as', 'authcrypt', '--from', 'CAROL', '-k', 'alice.json'], 4, ''],
    [['--text', 'x', '--to', 'CAROL', '-k', 'alice.json'], 1, 'CRV-01'],
    [['--text', 'x', '--to', 'BOB', '-k', 'alice.json', '--enc', 'A256GCM'], 2, 'CEA-04'],
    [['--text', 'x', '-', '--to', 'BOB'], 2, ''],
    [['missing.json', '--to', 'BOB'], 2, ''],
    [['.', '--to', 'BOB'], 2, ''],
    [['--text', 'x', '--to', 'BOB', '--out', 'no/such/folder.dcem'], 2, ''],
    [['--to', 'BOB'], 2, ''],
  ])('pack %j fails with exit code %i and one sentence', async (args, expected, rule) => {
    const { code, stdout, stderr } = await run(['pack', ...args.map((word) => (word === 'BOB' ? bob : word === 'CAROL' ? carol : word))])
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(/^sealpost: [^\n]+\n$/)
    expect(stderr).toContain(rule)
  })
})
