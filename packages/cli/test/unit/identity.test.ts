import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import { keysOf, type Resolver } from 'sealpost/did'
import { pack, unpack } from 'sealpost/envelope'
import type { PrivateJwk } from 'sealpost/jose'
import { memoryKeys } from 'sealpost/keys/memory'
import { beforeAll, describe, expect, it } from 'vitest'
import { createIdentity, didMethods, x25519PrivateOf } from '../../src/identity.ts'
import { makeResolver } from '../../src/means.ts'

describe('createIdentity', () => {
  let resolver: Resolver
  beforeAll(async () => {
    resolver = await makeResolver()
  })

  it.each(didMethods)('did:%s: the private keys are those of the document, and open what is sent to it', async (method) => {
    const { keys, stored, document } = await createIdentity({ method }, resolver, 7)
    expect(stored).toMatchObject({ did: document.id, createdTime: 7 })
    const kids = [...keysOf(document, 'authentication'), ...keysOf(document, 'keyAgreement')].map(({ kid }) => kid)
    for (const kid of kids) expect(keys.map((key) => key.kid)).toContain(kid)
    const port = memoryKeys(keys)
    const message = { id: '1', type: 'https://example.com/h/1.0/h', body: {}, from: stored.did, to: [stored.did] }
    for (const as of ['authcrypt', 'anoncrypt(signed)'] as const) {
      const [packed] = await pack(message, { keys: port, resolver, as })
      const { proof } = await unpack(packed?.envelope ?? '', { keys: port, resolver })
      expect(proof.sender?.did).toBe(stored.did)
    }
  })

  it('ADR-07: the keys of a did:peer:4 are held under its short form too', async () => {
    const { keys, stored } = await createIdentity({ method: 'peer:4' }, resolver, 0)
    const short = keys.filter(({ kid }) => kid.startsWith(`${stored.shortForm}#`))
    expect(short).toHaveLength(2)
    const message = { id: '1', type: 'https://example.com/h/1.0/h', body: {} }
    const [packed] = await pack(message, { keys: memoryKeys([]), resolver, to: stored.shortForm ?? stored.did })
    expect((await unpack(packed?.envelope ?? '', { keys: memoryKeys(keys), resolver })).message.id).toBe('1')
  })

  it('G-45: the X25519 key of an Ed25519 did:key is the one that belongs to it', () => {
    const formats = { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } }
    const { privateKey } = generateKeyPairSync('ed25519', formats as never) as unknown as { privateKey: PrivateJwk }
    const derived = x25519PrivateOf(privateKey)
    const key = createPrivateKey({ key: { ...derived }, format: 'jwk' })
    expect(createPublicKey(key).export({ format: 'jwk' }).x).toBe(derived.x)
    expect(diffieHellman({ privateKey: key, publicKey: createPublicKey(key) })).toHaveLength(32)
  })
})
