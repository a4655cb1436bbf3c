import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { newFolder, passphrase, sealpost } from '../../fixtures/run.ts'

describe('sealpost did', () => {
  let cwd = ''
  beforeAll(async () => {
    cwd = await newFolder()
  })

  it('did new prints the DID alone and makes a key file for its owner alone', async () => {
    const { code, stdout, stderr } = await sealpost(['did', 'new', '--keys', 'alice.json', '--endpoint', 'https://example.com/didcomm'], {
      cwd,
    })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^did:peer:2\.\S+\n$/)
    expect((await stat(join(cwd, 'alice.json'))).mode & 0o777).toBe(0o600)
    const { stdout: document } = await sealpost(['did', 'resolve', stdout.trim(), '--json'])
    expect(JSON.parse(document).service).toMatchObject([
      { type: 'DIDCommMessaging', serviceEndpoint: [{ uri: 'https://example.com/didcomm', accept: ['didcomm/v2'] }] },
    ])
  })

  it.each([
    [['--method', 'key'], 'did:key:z6Mk', ['X25519', 'Ed25519']],
    [['--method', 'key', '--curve', 'P-521'], 'did:key:z2J9', ['P-521']],
    [['--method', 'jwk'], 'did:jwk:', ['P-256']],
    [['--method', 'peer:2', '--curve', 'P-384', '--signing', 'secp256k1'], 'did:peer:2.V', ['P-384', 'secp256k1']],
    [['--method', 'peer:4'], 'did:peer:4z', ['X25519', 'Ed25519']],
  ])('did new %j makes what it says', async (options, prefix, curves) => {
    const { code, stdout } = await sealpost(['did', 'new', '-k', 'many.json', '--json', ...options], { cwd })
    expect(code).toBe(0)
    const { did, kids, document } = JSON.parse(stdout)
    expect(did.startsWith(prefix)).toBe(true)
    expect(kids.length).toBeGreaterThanOrEqual(curves.length)
    expect(document.id).toBe(did)
    const shown = (await sealpost(['did', 'resolve', did])).stdout
    for (const curve of curves) expect(shown).toContain(curve)
  })

  it('SVC-10: routing keys go into the endpoint', async () => {
    const key = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'
    const { stdout } = await sealpost(['did', 'new', '-k', 'routed.json', '--json', '-e', 'https://a.example/', '--routing-key', key], {
      cwd,
    })
    expect(JSON.parse(stdout).document.service[0].serviceEndpoint[0].routingKeys).toEqual([key])
  })

  it.each([
    [['--method', 'key', '--endpoint', 'https://a.example'], 2, /one key alone/],
    [['--endpoint', 'not a url'], 2, /URL or a DID.*SVC-08/],
    [['--routing-key', 'did:key:z6Mk'], 2, /need an endpoint.*SVC-10/],
    [['--curve', 'Ed25519'], 2, /for signatures.*CRV-07/],
  ])('did new %j is refused, and no key file is left', async (options, expected, sentence) => {
    const { code, stdout, stderr } = await sealpost(['did', 'new', '--keys', 'none.json', ...options], { cwd })
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(sentence)
    expect(await readdir(cwd)).not.toContain('none.json')
  })

  it('did new without a key file or a passphrase says what to do, with exit code 4', async () => {
    const nameless = await sealpost(['did', 'new'])
    expect([nameless.code, nameless.stdout]).toEqual([4, ''])
    expect(nameless.stderr).toMatch(/--keys or in SEALPOST_KEYS/)
    const wordless = await sealpost(['did', 'new', '--keys', 'wordless.json'], { cwd, env: { SEALPOST_PASSPHRASE: '' } })
    expect(wordless.code).toBe(4)
    expect(wordless.stderr).toMatch(/SEALPOST_PASSPHRASE.*--passphrase-file/)
    const wrong = await sealpost(['did', 'new', '--keys', 'alice.json'], { cwd, env: { SEALPOST_PASSPHRASE: `${passphrase}!` } })
    expect(wrong.code).toBe(4)
    expect(wrong.stderr).toMatch(/does not open/)
  })

  it('did resolve prints keys and endpoints; a DID URL stands for its DID', async () => {
    const { code, stdout } = await sealpost(['did', 'resolve', 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK#x'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/keys for encryption\n {2}X25519 {4}#z6LS/)
  })

  it.each([
    ['did:key:z6MkNONSENSE0', 1],
    ['hello', 2],
    ['did:ion:abc', 5],
    ['did:peer:4zQmPfUwpMRookqfmDpfhQK7zKBFbp4aPE7UG7aLtxarLZCd', 5],
  ])('did resolve %s fails with exit code %i and one sentence', async (did, expected) => {
    const { code, stdout, stderr } = await sealpost(['did', 'resolve', did])
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(/^sealpost: [^\n]+\n$/)
    const json = await sealpost(['did', 'resolve', did, '--json'])
    expect(JSON.parse(json.stderr).error.code).toMatch(/^ERR_/)
  })
})
