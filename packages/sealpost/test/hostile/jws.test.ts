/** Signed messages that break one rule and hold all others (the adversarial cases S01 to S15). */
import { describe, expect, it } from 'vitest'
import { decodeBase64url, encodeBase64url } from '../../src/bytes/base64url.ts'
import { encodeUtf8 } from '../../src/bytes/utf8.ts'
import type { DidUrl } from '../../src/did/index.ts'
import { pack, signAttachment, verifyAttachment } from '../../src/envelope/index.ts'
import { base64Attachment, jsonAttachment } from '../../src/message/index.ts'
import { alice, bob, carol, documentWith, everybody, hello, mallory, publicOf, resolverWith } from '../parties.ts'
import { concat, type ForgedJws, forgeJwe, forgeJws, forgeJwt, type JwsForgery } from './forge.ts'
import { outcome, outcomeOf, receive } from './outcome.ts'

const ed25519 = alice.key('sign-ed25519-1')
const p256 = alice.key('sign-p-256-1')
const secp256k1 = alice.key('sign-secp256k1-1')
const byAlice = { payload: hello(), by: ed25519, alg: 'EdDSA' } as const
const signed = async (change: Partial<JwsForgery>): Promise<ForgedJws> => forgeJws({ ...byAlice, ...change })
const n = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES256K: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
}
const toInteger = (octets: Uint8Array): bigint => octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n)
const toOctets = (value: bigint): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 255n))
const badSignature = 'ERR_TRUST_SIGNATURE SIG-17'

describe('algorithms of signatures', () => {
  it('SIG-02, SIG-08: what is forged with nothing wrong is taken, general and flattened, with `kid` in either header', async () => {
    for (const [by, alg] of [
      [ed25519, 'EdDSA'],
      [p256, 'ES256'],
      [secp256k1, 'ES256K'],
    ] as const) {
      const general = await signed({ by, alg })
      expect((await receive(general)).proof.signature?.kid).toBe(by.kid)
      const { payload, signatures } = await signed({ by, alg, header: (header) => ({ ...header, kid: by.kid }), unprotected: {} })
      expect((await receive({ payload, ...signatures[0] })).proof.signature?.kid).toBe(by.kid)
    }
  })

  it.each(['none', 'None', 'NONE', '', 'HS256', 'ES384', 'PS256', 'RS256', 'ML-DSA-65', 'constructor', null, 7])(
    'S01, S02, SIG-15: `alg` as %j',
    async (alg) => {
      expect(await outcome(await signed({ header: (header) => ({ ...header, alg }) }))).toBe('ERR_UNSUPPORTED_ALGORITHM SIG-15')
      expect(await outcome(await signed({ header: (header) => ({ ...header, alg }), signature: () => new Uint8Array(0) }))).toBe(
        'ERR_UNSUPPORTED_ALGORITHM SIG-15',
      )
    },
  )

  it('S01, SIG-15, JOSE-02: no `alg`, or one that is not protected', async () => {
    expect(await outcome(await signed({ header: ({ alg: _, ...header }) => header }))).toBe('ERR_UNSUPPORTED_ALGORITHM SIG-15')
    expect(
      await outcome(await signed({ header: ({ alg: _, ...header }) => header, unprotected: { kid: ed25519.kid, alg: 'EdDSA' } })),
    ).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
    const { payload, signatures } = await signed({})
    expect(
      await outcome({ payload, signatures: [{ signature: signatures[0]?.signature, header: { kid: ed25519.kid, alg: 'EdDSA' } }] }),
    ).toBe('ERR_MALFORMED_ENVELOPE SIG-07')
  })

  it('S02, SIG-15: HS256 with the public key as the secret', async () => {
    const secret = await globalThis.crypto.subtle.importKey(
      'raw',
      concat(decodeBase64url(ed25519.x)),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    )
    const jws = await signed({
      header: (header) => ({ ...header, alg: 'HS256' }),
      signature: async (_, input) => new Uint8Array(await globalThis.crypto.subtle.sign('HMAC', secret, concat(input))),
    })
    expect(await outcome(jws)).toBe('ERR_UNSUPPORTED_ALGORITHM SIG-15')
  })

  it('S03, SIG-15: the algorithm of another kind of key', async () => {
    const kids: readonly DidUrl[] = [ed25519.kid, p256.kid, secp256k1.kid]
    for (const [by, alg] of [
      [ed25519, 'EdDSA'],
      [p256, 'ES256'],
      [secp256k1, 'ES256K'],
    ] as const)
      for (const kid of kids.filter((one) => one !== by.kid))
        expect(await outcome(await signed({ by: { ...by, kid }, alg }))).toBe('ERR_TRUST_KEY SIG-15')
  })

  it('S04, JOSE-08: a key that the header brings along is not used', async () => {
    const jwk = publicOf(mallory.key('sign-ed25519-1'))
    const lure = { jwk, jku: 'https://evil.example', x5c: ['AAAA'] }
    const by = { ...mallory.key('sign-ed25519-1'), kid: ed25519.kid }
    expect(await outcome(await signed({ by, header: (header) => ({ ...header, ...lure }) }))).toBe(badSignature)
    expect(await outcome(await signed({ by, unprotected: { kid: ed25519.kid, ...lure } }))).toBe(badSignature)
    expect(await outcome(await signed({ header: (header) => ({ ...header, ...lure }) }))).toBe('taken')
  })

  it.each([
    ['ES256', p256],
    ['ES256K', secp256k1],
  ] as const)('S05, SIG-16: %s in DER, of another length, with r or s that is zero or beyond the order', async (alg, by) => {
    const of = async (signature: (rs: Uint8Array) => Uint8Array) => outcome(await signed({ by, alg, signature }))
    const der = (rs: Uint8Array): Uint8Array => {
      const integer = (octets: Uint8Array) => {
        const value = (octets[0] as number) >= 128 ? concat(Uint8Array.of(0), octets) : octets
        return concat(Uint8Array.of(2, value.length), value)
      }
      const body = concat(integer(rs.subarray(0, 32)), integer(rs.subarray(32)))
      return concat(Uint8Array.of(0x30, body.length), body)
    }
    const zero = new Uint8Array(32)
    const order = toOctets(n[alg])
    const cases: readonly ((rs: Uint8Array) => Uint8Array)[] = [
      der,
      (rs) => rs.subarray(0, 63),
      (rs) => concat(rs, zero.subarray(0, 1)),
      () => new Uint8Array(0),
      (rs) => concat(zero, rs.subarray(32)),
      (rs) => concat(rs.subarray(0, 32), zero),
      () => new Uint8Array(64),
      (rs) => concat(order, rs.subarray(32)),
      (rs) => concat(rs.subarray(0, 32), order),
      () => concat(order, order),
      () => new Uint8Array(64).fill(0xff),
      () => concat(toOctets(1n), toOctets(1n)),
    ]
    for (const one of cases) expect(await of(one)).toBe(badSignature)
    expect(await of((rs) => rs)).toBe('taken')
  })

  it.each([
    ['ES256', p256],
    ['ES256K', secp256k1],
  ] as const)('S06, SIG-19: %s is taken with the higher s too', async (alg, by) => {
    const other = await signed({ by, alg, signature: (rs) => concat(rs.subarray(0, 32), toOctets(n[alg] - toInteger(rs.subarray(32)))) })
    expect(await outcome(other)).toBe('taken')
  })

  it('S06, SIG-19: what we sign with ES256K has the lower s', async () => {
    for (let i = 0; i < 8; i++) {
      const [packed] = await pack(hello({ id: `m${i}` }), { keys: alice.keys, resolver: everybody, as: 'signed', signBy: secp256k1.kid })
      const { signature } = (JSON.parse(packed?.envelope ?? '') as ForgedJws).signatures[0] ?? { signature: '' }
      expect(toInteger(decodeBase64url(signature).subarray(32)) <= n.ES256K / 2n).toBe(true)
    }
  })

  it('S07, SIG-19: Ed25519 with S beyond the order, or R that is not canonical', async () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const reversed = (octets: Uint8Array): Uint8Array => Uint8Array.from(octets).reverse()
    const malleated = await signed({
      signature: (rs) => concat(rs.subarray(0, 32), reversed(toOctets(toInteger(reversed(rs.subarray(32))) + order))),
    })
    expect(await outcome(malleated)).toBe(badSignature)
    expect(await outcome(await signed({ signature: (rs) => concat(new Uint8Array(32).fill(0xff), rs.subarray(32)) }))).toBe(badSignature)
  })

  it.each([
    ['identity', '0100000000000000000000000000000000000000000000000000000000000000'],
    ['identity, not canonical', 'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['identity, with its sign', '0100000000000000000000000000000000000000000000000000000000000080'],
    ['order 2', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['order 4', '0000000000000000000000000000000000000000000000000000000000000000'],
    ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  ])('S07, SIG-19: a key of small order signs nothing: %s', async (_, hex) => {
    const x = encodeBase64url(Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16)))
    const kid: DidUrl = `${alice.did}#small`
    const resolver = resolverWith(documentWith(alice.did, { authentication: [{ kid, jwk: { kty: 'OKP', crv: 'Ed25519', x } }] }))
    const identity = Uint8Array.from({ length: 64 }, (_, i) => (i === 0 ? 1 : 0))
    // Where A is the identity, R as the identity with S = 0 would hold for every message; for the other orders, for some.
    for (let i = 0; i < 16; i++)
      expect(
        await outcome(await signed({ payload: hello({ id: `m${i}` }), by: { ...ed25519, kid }, signature: () => identity }), { resolver }),
      ).not.toBe('taken')
  })
})

describe('headers and forms of signatures', () => {
  it('S08, SIG-18, JOSE-01: `b64: false`, and any `crit`', async () => {
    expect(await outcome(await signed({ header: (header) => ({ ...header, b64: false }) }))).toBe('ERR_MALFORMED_ENVELOPE SIG-18')
    expect(await outcome(await signed({ header: (header) => ({ ...header, b64: true }) }))).toBe('ERR_MALFORMED_ENVELOPE SIG-18')
    for (const crit of [['b64'], [], 'exp', null])
      expect(await outcome(await signed({ header: (header) => ({ ...header, crit }) }))).toBe('ERR_MALFORMED_ENVELOPE JOSE-01')
    expect(await outcome(await signed({ unprotected: { kid: ed25519.kid, b64: false } }))).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
  })

  it('S09, SIG-10, D-04: two signatures, whether one is bad or both hold', async () => {
    const one = await signed({})
    const two = await signed({ by: p256, alg: 'ES256' })
    const both = { ...one, signatures: [...one.signatures, ...two.signatures] }
    expect(await outcome(both)).toBe('ERR_TRUST_SIGNATURE SIG-10')
    const bad = { ...two.signatures[0], signature: encodeBase64url(new Uint8Array(64)) }
    expect(await outcome({ ...one, signatures: [bad, ...one.signatures] })).toBe('ERR_TRUST_SIGNATURE SIG-10')
    expect(await outcome({ ...one, signatures: [] })).toBe('ERR_MALFORMED_ENVELOPE SIG-17')
    expect(await outcome({ ...one, ...one.signatures[0] })).toBe('ERR_MALFORMED_ENVELOPE SIG-08')
  })

  it('S10, SIG-12, ADR-03, SEC-22: a `kid` that was rewritten to a stranger makes us resolve nobody', async () => {
    const resolver = resolverWith()
    const strange = 'did:web:evil.example#key-1'
    expect(await outcome(await signed({ unprotected: { kid: strange } }), { resolver })).toBe('ERR_TRUST_ADDRESSING ADR-03')
    expect(await outcome(await signed({ by: mallory.key('sign-ed25519-1') }), { resolver })).toBe('ERR_TRUST_ADDRESSING ADR-03')
    expect(await outcome(await signed({ payload: { ...hello(), from: undefined } }), { resolver })).toBe('ERR_TRUST_ADDRESSING ADR-03')
    expect(resolver.asked).toEqual([])
  })

  it('SIG-05, SIG-14: no `kid`, one without fragment, or one that is no text', async () => {
    expect(await outcome(await signed({ unprotected: {} }))).toBe('ERR_MALFORMED_ENVELOPE SIG-14')
    expect(await outcome(await signed({ unprotected: { kid: 7 } }))).toBe('ERR_MALFORMED_ENVELOPE SIG-14')
    for (const kid of [alice.did, 'key-1', `${alice.did}#`, '#key-1', ''])
      expect(await outcome(await signed({ unprotected: { kid } }))).toBe('ERR_MALFORMED_ENVELOPE SIG-05')
    // An implementation in use writes the same `kid` twice. Two different ones are the vector jws-kid-conflict.
    expect(await outcome(await signed({ header: (header) => ({ ...header, kid: ed25519.kid }) }))).toBe('taken')
    expect(await outcome(await signed({ header: (header) => ({ ...header, kid: `${alice.did}#other` }) }))).toBe(
      'ERR_MALFORMED_ENVELOPE JOSE-02',
    )
  })

  it('S11, MED-08, HDR-03: what was signed for something else is no message', async () => {
    expect(await outcome(await signed({ payload: { iss: alice.did, sub: bob.did, iat: 1 } }))).toBe('ERR_MALFORMED_MESSAGE HDR-01')
    expect(
      await outcome(await signed({ payload: { ...hello(), type: undefined, '@context': ['https://www.w3.org/2018/credentials/v1'] } })),
    ).toBe('ERR_MALFORMED_MESSAGE HDR-03')
    const jwt = await forgeJwt({ payload: { iss: alice.did, sub: bob.did, iat: 1 }, by: ed25519, alg: 'EdDSA' })
    const [header, payload, signature] = jwt.split('.')
    expect(await outcome({ payload, signatures: [{ protected: header, signature }] })).toBe('ERR_UNSUPPORTED_MEDIA_TYPE MED-08')
    expect(await outcome(jwt)).toBe('ERR_MALFORMED_ENVELOPE SIG-07')
    expect(await outcome(await signed({ header: (own) => ({ ...own, typ: 'JWT' }) }))).toBe('ERR_UNSUPPORTED_MEDIA_TYPE MED-08')
    // D-06: the text itself shows this one.
    expect(await outcome(await signed({ header: (own) => ({ ...own, typ: 'JWM' }) }))).toBe('taken')
    for (const text of ['[]', '"x"', '7']) expect(await outcome(await signed({ payload: text }))).toBe('ERR_MALFORMED_MESSAGE PLN-01')
    expect(await outcome(await signed({ payload: Uint8Array.of(0xff, 0xfe) }))).toBe('ERR_MALFORMED_ENCODING PLN-02')
  })

  it('S12, ROT-03: a signed message is no `from_prior`', async () => {
    const { payload, signatures } = await signed({
      header: (header) => ({ ...header, kid: ed25519.kid }),
      unprotected: {},
      payload: { ...hello(), iss: alice.did, sub: mallory.did, iat: 1 },
    })
    const compact = `${signatures[0]?.protected}.${payload}.${signatures[0]?.signature}`
    const sender = { kid: mallory.key('agree-x25519-1').kid, jwk: mallory.key('agree-x25519-1') }
    const message = hello({ from: mallory.did, from_prior: compact })
    const { envelope } = await forgeJwe({ plaintext: message, recipients: [bob.method('agree-x25519-1')], sender })
    expect(await outcome(envelope)).toBe('ERR_TRUST_ROTATION ROT-03')
  })

  it('S13, MED-22, ADR-02, D-02: what was signed without `to`, or for somebody else, does not come to us as ours', async () => {
    const recipients = [bob.method('agree-x25519-1')]
    const without = await signed({ payload: { ...hello(), to: undefined } })
    expect(await outcome((await forgeJwe({ plaintext: without, recipients })).envelope)).toBe('ERR_TRUST_ADDRESSING MED-22')
    const forCarol = await signed({ payload: hello({ to: [carol.did] }) })
    expect(await outcome((await forgeJwe({ plaintext: forCarol, recipients })).envelope)).toBe('ERR_TRUST_ADDRESSING ADR-02')
    // Carol authcrypts on what Alice signed for her.
    const sender = { kid: carol.key('agree-x25519-1').kid, jwk: carol.key('agree-x25519-1') }
    expect(await outcome((await forgeJwe({ plaintext: await signed({}), recipients, sender })).envelope)).toBe(
      'ERR_TRUST_ADDRESSING MED-15',
    )
    // MED-23: alone it is taken, and says so.
    expect((await receive(without)).proof.warnings.map(({ rule }) => rule)).toEqual(['MED-23'])
  })

  it.each(['keyAgreement', 'assertionMethod', 'capabilityInvocation'])(
    'S14, SIG-11, SIG-04: the key is listed for %s alone',
    async (relationship) => {
      const { kid, jwk } = alice.method('sign-ed25519-1')
      const resolver = resolverWith(documentWith(alice.did, { [relationship]: [{ kid, jwk }] }))
      expect(await outcome(await signed({}), { resolver })).toBe('ERR_TRUST_KEY SIG-11')
      expect(await outcome(await signed({}), { resolver: resolverWith(documentWith(alice.did, { authentication: [{ kid, jwk }] })) })).toBe(
        'taken',
      )
    },
  )

  it('S15, ATT-11: a detached signature over other content, by a stranger, or by nobody that was named', async () => {
    const attachment = base64Attachment(encodeUtf8('content'), { id: 'a' })
    const ours = await signAttachment(attachment, { keys: carol.keys, resolver: everybody, signBy: carol.did })
    expect(await verifyAttachment(ours, { resolver: everybody, signers: [carol.did] })).toEqual({
      did: carol.did,
      kid: carol.key('sign-ed25519-1').kid,
    })
    const verify = (one: object, signers: readonly never[] | readonly `did:${string}:${string}`[]) =>
      outcomeOf(verifyAttachment(one as never, { resolver: everybody, signers }))
    const altered = { ...ours, data: { ...ours.data, base64: encodeBase64url(encodeUtf8('Content')) } }
    expect(await verify(altered, [carol.did])).toBe(badSignature)
    expect(await verify(ours, [alice.did])).toBe('ERR_TRUST_KEY ATT-11')
    expect(await verify(ours, [])).toBe('ERR_TRUST_KEY ATT-11')
    expect(await verify(attachment, [carol.did])).toBe('ERR_MALFORMED_ATTACHMENT ATT-11')
    expect(await verify({ ...ours, data: { json: {}, jws: ours.data.jws } }, [carol.did])).toBe('ERR_MALFORMED_ATTACHMENT ATT-11')
    expect(await verify({ ...ours, data: { ...ours.data, jws: { ...ours.data.jws, payload: 'AA' } } }, [carol.did])).toBe(
      'ERR_MALFORMED_ENVELOPE ATT-11',
    )
    expect(await outcomeOf(signAttachment(jsonAttachment({}), { keys: carol.keys, resolver: everybody, signBy: carol.did }))).toBe(
      'ERR_MALFORMED_ATTACHMENT ATT-11',
    )
  })

  it('SIG-06, SIG-17: the received octets are verified, never what they would be written as', async () => {
    const text = JSON.stringify(hello()).replace('{', '{ ').replace(':', ' : ')
    const jws = await signed({ payload: text })
    expect(await outcome(jws)).toBe('taken')
    expect(await outcome({ ...jws, payload: encodeBase64url(encodeUtf8(JSON.stringify(hello()))) })).toBe(badSignature)
  })
})
