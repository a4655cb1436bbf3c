import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import secrets from '../../../../../vectors/didcomm-v2.1/secrets-recipient.json' with { type: 'json' }
import { newFolder, passphrase, person, sealpost } from '../../fixtures/run.ts'

describe('sealpost keys', () => {
  let cwd = ''
  let did = ''
  beforeAll(async () => {
    cwd = await newFolder()
    did = (await person(cwd, 'alice')).did
  })
  const keys = (args: readonly string[], stdin?: string) =>
    sealpost(['keys', ...args], { cwd, env: { SEALPOST_KEYS: 'alice.json' }, ...(stdin !== undefined && { stdin }) })

  it('imports a JWK, an array and a JWK Set, lists them, and gives out public halves alone', async () => {
    const [first, second, ...others] = secrets
    expect((await keys(['import', '-'], JSON.stringify(first))).stdout).toBe(`${first?.kid}\n`)
    await writeFile(join(cwd, 'set.json'), JSON.stringify({ keys: [second] }))
    expect((await keys(['import', 'set.json', '--json'])).stdout).toBe(`{"imported":["${second?.kid}"]}\n`)
    expect((await keys(['import', '-'], JSON.stringify(others))).code).toBe(0)
    const listed = JSON.parse((await keys(['list', '--json'])).stdout)
    expect(listed.dids.map((entry: { did: string }) => entry.did)).toEqual([did])
    expect(listed.keys).toHaveLength(secrets.length + 2)
    expect((await keys([])).stdout).toMatch(/did:example:bob\n {2}X25519 {4}#key-x25519-1/)
    const exported = await keys(['export-public', 'did:example:bob'])
    expect(JSON.parse(exported.stdout).keys).toHaveLength(secrets.length)
    expect(exported.stdout).not.toContain('"d"')
    for (const { d } of secrets) expect((await readFile(join(cwd, 'alice.json'), 'utf8')).includes(d)).toBe(false)
  })

  it('the passphrase may stand in a file, with or without a line break', async () => {
    await writeFile(join(cwd, 'word'), `${passphrase}\n`)
    const { code } = await sealpost(['keys', '-k', 'alice.json', '--passphrase-file', 'word'], {
      cwd,
      env: { SEALPOST_PASSPHRASE: 'wrong' },
    })
    expect(code).toBe(0)
  })

  it('removes a key by its kid and a DID with its keys; what is not there is an error', async () => {
    const { path, did: gone } = await person(cwd, 'carol')
    const kid = `${gone}#key-1`
    expect((await sealpost(['keys', 'remove', '-k', path, kid])).stdout).toBe(`${kid}\n`)
    expect((await sealpost(['keys', 'remove', '-k', path, gone])).stdout).toBe(`${gone}#key-2\n`)
    const again = await sealpost(['keys', 'remove', '-k', path, gone])
    expect([again.code, again.stdout]).toEqual([4, ''])
    expect((await sealpost(['keys', '-k', path])).stdout).toBe('no keys\n')
  })

  it.each([
    ['[]', 2],
    ['{"kty":"OKP"}', 1],
    ['{"kty":"RSA","kid":"did:example:x#1","n":"AQAB","e":"AQAB"}', 1],
    ['not JSON', 1],
    ['{"kid":"did:example:x#1","kty":"OKP","crv":"X25519","x":"AAAA","d":"AAAA"}', 1],
  ])('CRV-05: %s is not imported, and the file stays as it was', async (text, expected) => {
    const before = await readFile(join(cwd, 'alice.json'), 'utf8')
    const { code, stderr } = await keys(['import', '-'], text)
    expect(code).toBe(expected)
    expect(stderr).toMatch(/^sealpost: [^\n]+\n$/)
    expect(await readFile(join(cwd, 'alice.json'), 'utf8')).toBe(before)
  })

  it('a damaged key file is named for what it is, with exit code 4', async () => {
    await writeFile(join(cwd, 'cut.json'), (await readFile(join(cwd, 'alice.json'), 'utf8')).slice(0, 200))
    const { code, stderr } = await sealpost(['keys', '-k', 'cut.json'], { cwd })
    expect(code).toBe(4)
    expect(stderr).toMatch(/not a whole key file.*backup/)
  })
})
