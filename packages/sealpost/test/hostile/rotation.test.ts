/**
 * Rotations that prove nothing (the adversarial cases R01 to R14), as far as one message decides. What needs memory of a relationship is
 * the agent's to hold:
 *
 * | case | why it is not here |
 * |---|---|
 * | R02 | whether `iss` is a peer of ours, and of which of our DIDs, is known to relationships |
 * | R04 | the last accepted `iat` is remembered by a relationship |
 * | R06 | which DIDs were retired is remembered by a relationship |
 * | R07 | whether `sub` is another peer already is known to relationships |
 * | R09 | that a DID was retired is remembered by a relationship |
 * | R11 | one winner of two rotations is chosen between two messages |
 * | R12 | that a relationship ended, and was opened anew, is remembered by it; that the end itself is read is below |
 * | R13 | the overlap after our own rotation is kept by the agent |
 */
import { describe, expect, it } from 'vitest'
import type { Did, DidUrl } from '../../src/did/index.ts'
import { fromPrior, pack } from '../../src/envelope/index.ts'
import type { Plaintext } from '../../src/message/index.ts'
import { alice, bob, carol, documentWith, everybody, hello, mallory, type PartyOfTests, resolverWith } from '../parties.ts'
import { forgeJwe, forgeJws, forgeJwt, type JwsForgery } from './forge.ts'
import { outcome, receive } from './outcome.ts'

// Alice becomes Carol.
const claims = { iss: alice.did, sub: carol.did, iat: 1_700_000_000 }
const rotated = hello({ from: carol.did })
const jwt = (change: Partial<JwsForgery> = {}): Promise<string> =>
  forgeJwt({ payload: claims, by: alice.key('sign-ed25519-1'), alg: 'EdDSA', ...change })
const by = (party: PartyOfTests) => ({ kid: party.key('agree-x25519-1').kid, jwk: party.key('agree-x25519-1') })
const recipients = [bob.method('agree-x25519-1')]

async function carry(
  from_prior: string | Promise<string>,
  message: Plaintext = rotated,
  sender: PartyOfTests | 'nobody' = carol,
): Promise<object> {
  const plaintext = { ...message, from_prior: await from_prior }
  return (await forgeJwe({ plaintext, recipients, ...(sender !== 'nobody' && { sender: by(sender) }) })).envelope
}

describe('rotations', () => {
  it('ROT-01, ROT-02, ROT-03, ROT-09: a sound one is proved, by each algorithm', async () => {
    for (const [label, alg] of [
      ['sign-ed25519-1', 'EdDSA'],
      ['sign-p-256-1', 'ES256'],
      ['sign-secp256k1-1', 'ES256K'],
    ] as const) {
      const { proof } = await receive(await carry(jwt({ by: alice.key(label), alg })))
      expect(proof.rotation).toEqual({ prior: alice.did, next: carol.did, issuedAt: claims.iat })
      expect(proof.sender?.did).toBe(carol.did)
    }
  })

  it('R01, ROT-09, ROT-14: a signature that does not hold, or a key that is not for signatures, refuses the whole message', async () => {
    expect(await outcome(await carry(jwt({ signature: () => new Uint8Array(64) })))).toBe('ERR_TRUST_ROTATION ROT-09')
    const otherKey = { ...mallory.key('sign-ed25519-1'), kid: alice.key('sign-ed25519-1').kid }
    expect(await outcome(await carry(jwt({ by: otherKey })))).toBe('ERR_TRUST_ROTATION ROT-09')
    expect(await outcome(await carry(jwt({ signature: (signature) => signature.subarray(0, 32) })))).toBe('ERR_TRUST_ROTATION ROT-09')
    const { kid, jwk } = alice.method('sign-ed25519-1')
    for (const relationship of ['keyAgreement', 'assertionMethod']) {
      const resolver = resolverWith(documentWith(alice.did, { [relationship]: [{ kid, jwk }] }))
      expect(await outcome(await carry(jwt()), { resolver })).toBe('ERR_TRUST_ROTATION ROT-14')
    }
    expect(await outcome(await carry(jwt({ by: { ...alice.key('sign-ed25519-1'), kid: `${alice.did}#unknown` } })))).toBe(
      'ERR_TRUST_ROTATION ROT-14',
    )
  })

  it('R01, ROT-10: a key of another DID than `iss` is a takeover', async () => {
    expect(await outcome(await carry(jwt({ by: mallory.key('sign-ed25519-1') })))).toBe('ERR_TRUST_ROTATION ROT-10')
    expect(await outcome(await carry(jwt({ by: carol.key('sign-ed25519-1') })))).toBe('ERR_TRUST_ROTATION ROT-10')
    for (const kid of [alice.did, 'key-1', '#sign-ed25519-1'])
      expect(await outcome(await carry(jwt({ by: { ...alice.key('sign-ed25519-1'), kid: kid as DidUrl } })))).toBe(
        'ERR_TRUST_ROTATION ROT-10',
      )
    expect(await outcome(await carry(jwt({ header: ({ kid: _, ...header }) => header })))).toBe('ERR_TRUST_ROTATION ROT-09')
  })

  it('R03, ROT-11: `sub` is not who sends', async () => {
    expect(await outcome(await carry(jwt(), hello({ from: mallory.did }), mallory))).toBe('ERR_TRUST_ROTATION ROT-11')
    expect(await outcome(await carry(jwt({ payload: { ...claims, sub: mallory.did } })))).toBe('ERR_TRUST_ROTATION ROT-11')
    // Not even by a claim that the envelope contradicts.
    expect(await outcome(await carry(jwt(), rotated, mallory))).toBe('ERR_TRUST_ADDRESSING ADR-01')
  })

  it('R05, ROT-04: a rotation of the future, or of a time that is none', async () => {
    const policy = { nowSeconds: () => claims.iat - 601 }
    expect(await outcome(await carry(jwt()), { policy })).toBe('ERR_TRUST_ROTATION ROT-04')
    expect(await outcome(await carry(jwt()), { policy: { nowSeconds: () => claims.iat - 599 } })).toBe('taken')
    expect(
      await outcome(await carry(jwt({ payload: { ...claims, nbf: claims.iat + 5000 } })), { policy: { nowSeconds: () => claims.iat } }),
    ).toBe('ERR_TRUST_ROTATION ROT-04')
    expect(await outcome(await carry(jwt({ payload: { ...claims, exp: 1 } })))).toBe('ERR_TRUST_ROTATION ROT-02')
    for (const iat of ['1700000000', -1, null, true, [1]])
      expect(await outcome(await carry(jwt({ payload: { ...claims, iat } })))).toBe('ERR_TRUST_ROTATION ROT-04')
    expect(await outcome(await carry(jwt({ payload: JSON.stringify(claims).replace('1700000000', '1e400') })))).toBe(
      'ERR_TRUST_ROTATION ROT-13',
    )
  })

  it('ROT-04, D-13: without `iat` it is older than any other, and refused by the strict', async () => {
    const envelope = await carry(jwt({ payload: { iss: alice.did, sub: carol.did } }))
    const { proof } = await receive(envelope)
    expect([proof.rotation?.issuedAt, proof.warnings.map(({ rule }) => rule)]).toEqual([0, ['ROT-04']])
    expect(await outcome(envelope, { policy: { strict: true } })).toBe('ERR_TRUST_ROTATION ROT-04')
  })

  it('R08, ROT-01, D-13: not encrypted, encrypted by the old DID, or by nobody', async () => {
    const from_prior = await jwt()
    const signed = await forgeJws({ payload: { ...rotated, from_prior }, by: carol.key('sign-ed25519-1'), alg: 'EdDSA' })
    expect(await outcome(signed)).toBe('ERR_TRUST_ROTATION ROT-01')
    expect(await outcome({ ...rotated, from_prior }, { policy: { wrappings: ['plaintext'] } })).toBe('ERR_TRUST_ROTATION ROT-01')
    expect(await outcome(await carry(from_prior, hello(), alice))).toBe('ERR_TRUST_ROTATION ROT-11')
    const { envelope: anonymous } = await forgeJwe({ plaintext: { ...rotated, from_prior }, recipients })
    expect(await outcome(anonymous)).toBe('ERR_TRUST_ROTATION ROT-01')
    // anoncrypt around what the new DID signed proves who sends.
    expect(await outcome((await forgeJwe({ plaintext: signed, recipients })).envelope)).toBe('taken')
  })

  it('R10, ROT-15, ROT-16: the same JWT again is the same proof', async () => {
    const from_prior = await jwt()
    for (const id of ['m1', 'm2', 'm3'])
      expect((await receive(await carry(from_prior, { ...rotated, id }))).proof.rotation?.prior).toBe(alice.did)
  })

  it('R12, ROT-18, ROT-19: the end of a relationship has no `sub` and no `from`', async () => {
    const end = await jwt({ payload: { iss: alice.did, iat: claims.iat } })
    const { from: _, ...anonymous } = hello()
    const { proof } = await receive(await carry(end, anonymous, 'nobody'))
    expect([proof.rotation, proof.sender]).toEqual([{ prior: alice.did, issuedAt: claims.iat }, undefined])
    expect(await outcome(await carry(end, hello(), alice))).toBe('ERR_TRUST_ROTATION ROT-19')
    expect(await outcome(await carry(end, hello(), 'nobody'))).toBe('ERR_TRUST_ROTATION ROT-19')
  })

  it('R14, ROT-13, ROT-03: no algorithm, a secret one, another `typ`, not a JWT at all, or one of a megabyte', async () => {
    for (const alg of ['none', 'None', 'HS256', 'RS256', ''])
      expect(await outcome(await carry(jwt({ header: (header) => ({ ...header, alg }) })))).toBe('ERR_TRUST_ROTATION ROT-13')
    const [header, payload] = (await jwt()).split('.')
    for (const text of [
      '',
      '.',
      '..',
      'a.b',
      'a.b.c.d',
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}.${payload}.AA=`,
      '{}',
      `${await jwt()}.`,
    ])
      expect([text, await outcome(await carry(text))]).toEqual([text, expect.stringMatching(/^ERR_TRUST_ROTATION ROT-(13|09)/)])
    for (const typ of ['JWS', 'application/didcomm-signed+json', 7, null])
      expect(await outcome(await carry(jwt({ header: (own) => ({ ...own, typ }) })))).toBe('ERR_TRUST_ROTATION ROT-03')
    expect(await outcome(await carry(jwt({ header: (own) => ({ ...own, crit: ['exp'] }) })))).toBe('ERR_TRUST_ROTATION ROT-13')
    expect(await outcome(await carry(jwt({ header: (own) => ({ ...own, typ: 'jwt' }) })))).toBe('taken')
    expect(await outcome(await carry(jwt({ header: (own) => ({ ...own, typ: 'jwt' }) })), { policy: { strict: true } })).toBe(
      'ERR_TRUST_ROTATION ROT-03',
    )
    expect(await outcome(await carry(jwt({ payload: { ...claims, pad: 'x'.repeat(1_000_000) } })))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    for (const text of ['[]', '7', 'null', '{"iss":1}', '{}', '{"iss":"did:example:alice","iss":"did:example:alice"}'])
      expect(await outcome(await carry(jwt({ payload: text })))).toMatch(/^ERR_TRUST_ROTATION ROT-1[23]/)
  })

  it('ROT-12: `iss` and `sub` are two DIDs, without fragment', async () => {
    for (const change of [
      { sub: alice.did },
      { iss: carol.did },
      { iss: `${alice.did}#a` },
      { sub: `${carol.did}#a` },
      { sub: 'carol' },
      { iss: undefined },
      { sub: 7 },
      { sub: null },
    ])
      expect(await outcome(await carry(jwt({ payload: { ...claims, ...change } })))).toBe('ERR_TRUST_ROTATION ROT-12')
  })

  it('ROT-01, ROT-12, ROT-15: what we write is proved, and never written unencrypted', async () => {
    const from_prior = await fromPrior(
      { prior: alice.did, next: carol.did, issuedAtSeconds: claims.iat },
      { keys: alice.keys, resolver: everybody },
    )
    const [packed] = await pack({ ...rotated, from_prior }, { keys: carol.keys, resolver: everybody })
    expect((await receive(packed?.envelope ?? '')).proof.rotation).toEqual({ prior: alice.did, next: carol.did, issuedAt: claims.iat })
    for (const as of ['plaintext', 'signed'] as const)
      await expect(pack({ ...rotated, from_prior }, { keys: carol.keys, resolver: everybody, as })).rejects.toMatchObject({
        code: 'ERR_USAGE_WRAPPING',
        rule: 'ROT-01',
      })
    const write = (next: Did, issuedAtSeconds: number) =>
      fromPrior({ prior: alice.did, next, issuedAtSeconds }, { keys: alice.keys, resolver: everybody })
    await expect(write(alice.did, 1)).rejects.toMatchObject({ rule: 'ROT-12' })
    for (const seconds of [1.5, -1, Number.NaN])
      await expect(write(carol.did, seconds)).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
  })
})
