import { expect, it } from 'vitest'
import { createDidPeer2, type Did, type DidUrl, peer } from '../../src/did/index.ts'
import { fromPrior, pack, unpack } from '../../src/envelope/index.ts'
import { createResolver, memoryKeys } from '../../src/index.ts'
import { generateKey, publicJwkOf, signCompactJws } from '../../src/jose/index.ts'
import type { Plaintext } from '../../src/message/index.ts'
import { resolver as documents, keys as known } from '../support.ts'
import { alice, bob, headerOf, letter, refusal } from './letters.ts'

const agree = await generateKey('X25519')
const sign = await generateKey('Ed25519')
const { did: next } = createDidPeer2({
  keys: [
    { purpose: 'keyAgreement', jwk: publicJwkOf(agree) },
    { purpose: 'authentication', jwk: publicJwkOf(sign) },
  ],
})
const own = memoryKeys([
  { ...agree, kid: `${next}#key-1` },
  { ...sign, kid: `${next}#key-2` },
])
/** The keys of the new DID and those of the old. */
const keys: typeof own = {
  held: async (kids) => [...(await own.held(kids)), ...(await known.alice.held(kids))],
  agree: (kid, ...rest) => (kid.startsWith(next) ? own : known.alice).agree(kid, ...rest),
  sign: (kid, ...rest) => (kid.startsWith(next) ? own : known.alice).sign(kid, ...rest),
}
const resolver = createResolver([peer(), { method: 'example', resolve: (did) => documents.resolve(did) }])
const nowSeconds = () => 1_700_000_000

async function received(message: Plaintext, as?: 'anoncrypt') {
  const [packed] = await pack(message, { keys, resolver, ...(as && { as }) })
  return unpack(packed?.envelope ?? '', { keys: known.bob, resolver, policy: { nowSeconds } })
}

const jwt = (claims: object, kid: DidUrl = `${alice}#key-1`): Promise<string> =>
  signCompactJws(JSON.stringify(claims), 'JWT', { kid, alg: 'EdDSA', sign: (data) => known.alice.sign(`${alice}#key-1`, data) })

it('ROT-01, ROT-02, ROT-03, ROT-04, ROT-05, ROT-06, ROT-15: a rotation tells the prior DID and the time, in every message that repeats it', async () => {
  const from_prior = await fromPrior({ prior: alice, next, issuedAtSeconds: 1_699_000_000 }, { keys, resolver })
  expect(headerOf(from_prior.split('.')[0] ?? '')).toEqual({ typ: 'JWT', alg: 'EdDSA', kid: `${alice}#key-1` })
  for (const id of ['first', 'second']) {
    const { proof } = await received(letter({ id, from: next, from_prior }))
    expect(proof.rotation).toEqual({ prior: alice, next, issuedAt: 1_699_000_000 })
    expect(proof.sender?.did).toBe(next)
  }
})

it('ROT-04, D-13: a rotation of the future is refused, one without time gets a warning', async () => {
  const future = await jwt({ iss: alice, sub: next, iat: 1_800_000_000 })
  expect(await refusal(received(letter({ from: next, from_prior: future })))).toBe('ERR_TRUST_ROTATION ROT-04')
  const timeless = await jwt({ iss: alice, sub: next })
  const { proof } = await received(letter({ from: next, from_prior: timeless }))
  expect(proof.rotation?.issuedAt).toBe(0)
  expect(proof.warnings.map(({ rule }) => rule)).toEqual(['ROT-04'])
})

it('ROT-09, ROT-10, ROT-14: the key is one of the prior DID, for signatures', async () => {
  const claims = { iss: alice, sub: next, iat: 1 }
  const refused = async (kid: DidUrl) => refusal(received(letter({ from: next, from_prior: await jwt(claims, kid) })))
  expect(await refused(`${bob}#key-1`)).toBe('ERR_TRUST_ROTATION ROT-10')
  expect(await refused(`${alice}#key-x25519-1`)).toBe('ERR_TRUST_ROTATION ROT-14')
})

it('ROT-11, ROT-12: the new DID is the sender, and another than the prior one', async () => {
  const to = (sub: Did) => jwt({ iss: alice, sub, iat: 1 })
  expect(await refusal(received(letter({ from: next, from_prior: await to(bob) })))).toBe('ERR_TRUST_ROTATION ROT-11')
  expect(await refusal(received(letter({ from: next, from_prior: await to(alice) })))).toBe('ERR_TRUST_ROTATION ROT-12')
})

it('ROT-13: what is no signed JWT makes the message refused', async () => {
  const [header, payload] = (await jwt({ iss: alice, sub: next, iat: 1 })).split('.')
  for (const text of ['', 'a.b', `${header}.${payload}.`, `e30.${payload}.AAAA`]) {
    expect(await refusal(received(letter({ from: next, from_prior: text })))).toMatch(/^ERR_(TRUST_ROTATION|MALFORMED_)/)
  }
})

it('ROT-18, ROT-19, D-13: the end of a relationship has no `from`, and may be anonymous', async () => {
  const end = await fromPrior({ prior: alice, issuedAtSeconds: 1 }, { keys, resolver })
  const { from: _, ...anonymous } = letter({ from_prior: end })
  expect((await received(anonymous, 'anoncrypt')).proof.rotation).toEqual({ prior: alice, issuedAt: 1 })
  expect(await refusal(received(letter({ from_prior: end })))).toBe('ERR_TRUST_ROTATION ROT-19')
})

it('D-13: a rotation to another DID in anoncrypt is refused, since anybody who saw the JWT could send it', async () => {
  const from_prior = await fromPrior({ prior: alice, next, issuedAtSeconds: 1 }, { keys, resolver })
  expect(await refusal(received(letter({ from: next, from_prior }), 'anoncrypt'))).toBe('ERR_TRUST_ROTATION ROT-01')
})
