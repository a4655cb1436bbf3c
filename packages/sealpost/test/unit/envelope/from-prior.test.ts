import { describe, expect, it } from 'vitest'
import { decodeBase64url } from '../../../src/bytes/base64url.ts'
import { parseJsonBytes } from '../../../src/bytes/json.ts'
import { fromPrior, pack, signFromPrior } from '../../../src/envelope/index.ts'
import { parseCompactJws, verifySignature } from '../../../src/jose/index.ts'
import { outcomeOf, receive } from '../../hostile/outcome.ts'
import { alice, bob, carol, everybody, hello, resolverWith } from '../../parties.ts'

const port = { keys: alice.keys, resolver: everybody }

describe('what is written', () => {
  it('ROT-02, ROT-03, ROT-04, ROT-17: a JWT by a key of the prior DID, of the time that is given', async () => {
    const jwt = await fromPrior({ prior: alice.did, next: carol.did, issuedAtSeconds: 1_700_000_000 }, port)
    const { payload, signature } = parseCompactJws(jwt, 65_536)
    expect(signature.header).toEqual({ typ: 'JWT', alg: 'EdDSA', kid: alice.key('sign-ed25519-1').kid })
    expect(parseJsonBytes(decodeBase64url(payload))).toEqual({ sub: carol.did, iss: alice.did, iat: 1_700_000_000 })
    await expect(verifySignature(signature, alice.method('sign-ed25519-1').jwk)).resolves.toBeUndefined()
  })

  it('ROT-18: the end of a relationship names nobody, and is proved in anoncrypt without `from`', async () => {
    const from_prior = await fromPrior({ prior: alice.key('sign-secp256k1-1').kid, issuedAtSeconds: 7 }, port)
    const { from: _, ...anonymous } = hello({ from_prior })
    const [packed] = await pack(anonymous, port)
    const { proof } = await receive(packed?.envelope ?? '')
    expect([packed?.wrapping, proof.rotation]).toEqual(['anoncrypt', { prior: alice.did, issuedAt: 7 }])
  })

  it('ROT-12, ROT-14, SIG-04: another DID, a whole time, a key that is for signatures', async () => {
    const of = (change: object) => outcomeOf(fromPrior({ prior: alice.did, next: carol.did, issuedAtSeconds: 1, ...change }, port))
    expect(await of({})).toBe('taken')
    for (const next of [alice.did, `${carol.did}#a`, 'carol']) expect(await of({ next })).toBe('ERR_USAGE_ARGUMENT ROT-12')
    for (const issuedAtSeconds of [1.5, -1, Number.NaN, 2 ** 53, '1'])
      expect(await of({ issuedAtSeconds })).toBe('ERR_USAGE_ARGUMENT ROT-12')
    expect(await of({ prior: bob.did })).toBe('ERR_USAGE_NO_KEY SIG-04')
    expect(await of({ prior: alice.key('agree-x25519-1').kid })).toBe('ERR_USAGE_NO_KEY SIG-04')
    expect(await outcomeOf(() => signFromPrior({ prior: alice.method('agree-x25519-1'), issuedAtSeconds: 1 }, alice.keys))).toBe(
      'ERR_USAGE_NO_KEY SIG-15',
    )
  })
})

it('ROT-05, ROT-06, SEC-27: the prior DID is resolved, and nobody else than the two that speak', async () => {
  const resolver = resolverWith()
  const from_prior = await fromPrior({ prior: alice.did, next: carol.did, issuedAtSeconds: 1 }, port)
  const [packed] = await pack(hello({ from: carol.did, from_prior }), { keys: carol.keys, resolver: everybody })
  expect((await receive(packed?.envelope ?? '', { resolver })).proof.rotation).toEqual({ prior: alice.did, next: carol.did, issuedAt: 1 })
  expect(resolver.asked).toEqual([carol.did, alice.did])
})
