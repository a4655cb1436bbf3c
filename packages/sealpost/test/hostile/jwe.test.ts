/**
 * Encrypted envelopes that break one rule and hold all others (the adversarial cases C01 to C35). C36 and C37 are about post-quantum
 * recipients: their algorithms are unsupported, which C35 shows.
 */
import { describe, expect, it } from 'vitest'
import kwp from '../../../../vectors/rfc/rfc5649.json' with { type: 'json' }
import rfc7748 from '../../../../vectors/rfc/rfc7748.json' with { type: 'json' }
import wycheproofX25519 from '../../../../vectors/wycheproof/x25519_jwk_test.json' with { type: 'json' }
import { decodeBase64url, encodeBase64url } from '../../src/bytes/base64url.ts'
import { decodeUtf8, encodeUtf8 } from '../../src/bytes/utf8.ts'
import type { DidUrl } from '../../src/did/index.ts'
import { pack } from '../../src/envelope/index.ts'
import { type AgreementCurve, checkPrivateJwk, checkPublicJwk, contentAlgorithms } from '../../src/jose/index.ts'
import { memoryKeys } from '../../src/keys/memory.ts'
import { alice, bob, carol, documentWith, everybody, hello, listedOn, mallory, publicOf, resolverWith } from '../parties.ts'
import { agreeWith, type ForgedJwe, forgeJwe, forgeJws, variants, withoutPadding, wrapWithPadding } from './forge.ts'
import { outcome, outcomeOf, receive } from './outcome.ts'

const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16))
const bobX = bob.method('agree-x25519-1')
const bobX2 = bob.method('agree-x25519-2')
const aliceX = alice.key('agree-x25519-1')
const anon = { plaintext: hello(), recipients: [bobX] }
const auth = { plaintext: hello(), recipients: [bobX], sender: { kid: aliceX.kid, jwk: aliceX } }
const decryptFailed = 'ERR_TRUST_DECRYPT GEN-01'

/** Changes the protected header after the fact: for rules that are held before anything is decrypted. */
function reheaded(envelope: ForgedJwe, change: (header: Record<string, unknown>) => object): ForgedJwe {
  const header = JSON.parse(decodeUtf8(decodeBase64url(envelope.protected))) as Record<string, unknown>
  return { ...envelope, protected: encodeBase64url(encodeUtf8(JSON.stringify(change(header)))) }
}

describe('what is forged with nothing wrong is taken', () => {
  it('CEA-01, CEA-02, CEA-03, ES-01, 1PU-02: the forger builds what the rules demand', async () => {
    for (const enc of ['A256CBC-HS512', 'A256GCM', 'XC20P'] as const) {
      const { envelope } = await forgeJwe({ ...anon, enc })
      expect((await receive(envelope)).proof).toMatchObject({ layers: ['anoncrypt'], recipient: { kid: bobX.kid } })
    }
    const { envelope } = await forgeJwe(auth)
    expect((await receive(envelope)).proof.sender).toEqual({ did: alice.did, kid: aliceX.kid })
  })
})

describe('keys of the envelope', () => {
  it.each(rfc7748.all_zero_policy.low_order_u_hex)('C01, CRV-04: an ephemeral key of low order, %s', async (u) => {
    const epk = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(fromHex(u)) }
    // With a secret of zeros everything else would hold.
    const { envelope } = await forgeJwe({ ...anon, ze: new Uint8Array(32), header: (header) => ({ ...header, epk }) })
    expect(await outcome(envelope)).toBe(decryptFailed)
    const authcrypted = await forgeJwe({ ...auth, ze: new Uint8Array(32), header: (header) => ({ ...header, epk }) })
    expect(await outcome(authcrypted.envelope)).toBe(decryptFailed)
  })

  it('C02, C03, CRV-04: through the keys port, X25519 refuses secrets of zeros and gives the exact secret of every other point', async () => {
    let refused = 0
    for (const { private: own, public: theirs, shared, result } of wycheproofX25519.testGroups.flatMap(({ tests }) => tests)) {
      let secret: string
      try {
        const keys = memoryKeys([{ ...checkPrivateJwk(own), kid: 'did:example:a#k' }])
        secret = [...(await keys.agree('did:example:a#k', checkPublicJwk(theirs), false))]
          .map((octet) => octet.toString(16).padStart(2, '0'))
          .join('')
      } catch {
        secret = 'refused'
        refused++
      }
      if (result === 'valid') expect(secret).toBe(shared)
      else expect(['refused', /^0+$/.test(shared) ? 'refused' : shared]).toContain(secret)
      if (/^0+$/.test(shared)) expect(secret).toBe('refused')
    }
    expect(refused).toBeGreaterThanOrEqual(31)
  }, 60_000)

  it('C02, CRV-04: a keys port that hands out zeros is not believed', async () => {
    const { envelope } = await forgeJwe({ ...anon, ze: new Uint8Array(32) })
    expect(await outcome(envelope, { keys: { ...bob.keys, agree: () => new Uint8Array(32) } })).toBe(decryptFailed)
    const { envelope: authcrypted } = await forgeJwe({ ...auth, zs: async () => new Uint8Array(32) })
    const keys = {
      ...bob.keys,
      agree: (kid: DidUrl, jwk: never, lasting: boolean) => (lasting ? new Uint8Array(32) : bob.keys.agree(kid, jwk, lasting)),
    }
    expect(await outcome(authcrypted, { keys })).toBe(decryptFailed)
  })

  const other = { 'P-256': 'P-384', 'P-384': 'P-256', 'P-521': 'P-256' } as const
  it.each(['P-256', 'P-384', 'P-521'] as const)('C04, CRV-03, CRV-05: an ephemeral key that is no point of %s', async (crv) => {
    const label = crv.toLowerCase()
    const recipient = bob.method(`agree-${label}-1`)
    const { x, y = '' } = recipient.jwk
    const octets = decodeBase64url(x)
    const yOctets = decodeBase64url(y)
    const flipped = Uint8Array.from(yOctets, (octet, i) => (i === yOctets.length - 1 ? octet ^ 1 : octet))
    const elsewhere = bob.method(`agree-${other[crv].toLowerCase()}-1`).jwk
    const zeros = encodeBase64url(new Uint8Array(octets.length))
    const beyond = encodeBase64url(new Uint8Array(octets.length).fill(0xff))
    const cases: readonly [string, object][] = [
      ['off the curve', { y: encodeBase64url(flipped) }],
      ["another curve's point", { x: elsewhere.x, y: elsewhere.y }],
      ['infinity as zeros', { x: zeros, y: zeros }],
      ['x beyond p', { x: beyond }],
      ['y beyond p', { y: beyond }],
      ['no y', { y: undefined }],
      ['an empty y', { y: '' }],
      ['a leading zero', { x: encodeBase64url(Uint8Array.of(0, ...octets)) }],
      ['a short coordinate', { x: encodeBase64url(octets.subarray(1)) }],
      ['y as a number', { y: 1 }],
    ]
    for (const [name, change] of cases) {
      const { envelope } = await forgeJwe({
        ...anon,
        recipients: [recipient],
        header: (header) => ({ ...header, epk: { ...(header['epk'] as object), ...{ x, y }, ...change } }),
      })
      expect([name, (await outcome(envelope)).split(' ')[0]]).toEqual([name, 'ERR_MALFORMED_KEY'])
    }
    const { envelope } = await forgeJwe({ ...anon, recipients: [recipient] })
    expect(await outcome(envelope)).toBe('taken')
  })

  it("C05, CRV-08: the sender's static key is off the curve, of low order, or of another curve", async () => {
    const kid: DidUrl = `${alice.did}#bad`
    const p256 = alice.method('agree-p-256-1').jwk
    const bad = (jwk: object) => ({ resolver: resolverWith(documentWith(alice.did, { keyAgreement: [{ kid, jwk }] })) })
    const offCurve = await forgeJwe({
      ...auth,
      recipients: [bob.method('agree-p-256-1')],
      sender: { kid, jwk: alice.key('agree-p-256-1') },
    })
    expect(await outcome(offCurve.envelope, bad({ ...p256, y: p256.x }))).toBe('ERR_TRUST_KEY HDR-12')
    expect(await outcome(offCurve.envelope, bad(p256))).toBe('taken')
    const zeros = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(new Uint8Array(32)) }
    const lowOrder = await forgeJwe({ ...auth, sender: { kid, jwk: aliceX }, zs: async () => new Uint8Array(32) })
    expect(await outcome(lowOrder.envelope, bad(zeros))).toBe(decryptFailed)
    expect(await outcome(lowOrder.envelope, bad(p256))).toBe('ERR_TRUST_KEY CRV-08')
  })

  it("C06, CRV-09: the ephemeral key is of another curve than the recipient's", async () => {
    const p256 = bob.method('agree-p-256-1').jwk
    const { envelope } = await forgeJwe({ ...anon, header: (header) => ({ ...header, epk: p256 }) })
    expect(await outcome(envelope)).toBe('ERR_MALFORMED_KEY CRV-09')
    const authcrypted = await forgeJwe({ ...auth, header: (header) => ({ ...header, epk: p256 }) })
    expect(await outcome(authcrypted.envelope)).toBe('ERR_TRUST_KEY CRV-08')
  })

  it('C07, CRV-10: an ephemeral key with its private half', async () => {
    const { envelope } = await forgeJwe({
      ...anon,
      header: (header) => ({ ...header, epk: { ...(header['epk'] as object), d: aliceX.d } }),
    })
    expect(await outcome(envelope)).toBe('ERR_MALFORMED_KEY CRV-10')
  })

  it.each([
    ['Ed25519', { kty: 'OKP', crv: 'Ed25519', x: alice.key('sign-ed25519-1').x }],
    ['secp256k1', publicOf(alice.key('sign-secp256k1-1'))],
    ['X448', { kty: 'OKP', crv: 'X448', x: encodeBase64url(new Uint8Array(56).fill(5)) }],
    ['kty EC with X25519', { kty: 'EC', crv: 'X25519', x: aliceX.x, y: aliceX.x }],
    ['kty oct', { kty: 'oct', k: 'AA' }],
    ['a name of every object', { kty: 'OKP', crv: 'constructor', x: aliceX.x }],
  ])('C08, CRV-07: an ephemeral key of %s', async (_, epk) => {
    const { envelope } = await forgeJwe({ ...anon, header: (header) => ({ ...header, epk }) })
    expect(await outcome(envelope)).toBe('ERR_UNSUPPORTED_CURVE CRV-07')
  })
})

describe('algorithms', () => {
  it.each(['A256GCM', 'XC20P'] as const)('C09, CEA-04: authcrypt with %s', async (enc) => {
    const { envelope } = await forgeJwe({ ...auth, enc })
    expect(await outcome(envelope)).toBe('ERR_UNSUPPORTED_ALGORITHM CEA-04')
  })

  it.each(['without the tag', 'with the tag but not its length', 'with Zs before Ze'])(
    'C10, KWA-05, KWA-06: ECDH-1PU derived %s',
    async (name) => {
      const { envelope } = await forgeJwe({ ...auth, kdf: variants[name] as never })
      expect(await outcome(envelope)).toBe(decryptFailed)
    },
  )

  it('C11, KWA-04: ECDH-ES derived with the tag, which we do not write either', async () => {
    const { envelope } = await forgeJwe({ ...anon, kdf: variants['with the tag'] as never })
    expect(await outcome(envelope)).toBe(decryptFailed)
  })

  it('C12, ENC-08, CEA-05: algorithms outside of the profile are refused before any work', async () => {
    const { envelope } = await forgeJwe(anon)
    const outside = [
      'ECDH-ES',
      'ECDH-ES+A128KW',
      'ECDH-1PU+A128KW',
      'ECDH-1PU',
      'dir',
      'A256KW',
      'RSA-OAEP',
      'RSA1_5',
      'PBES2-HS512+A256KW',
      'none',
      '',
      'toString',
      null,
    ]
    for (const alg of [...outside, undefined, 7, ['ECDH-ES+A256KW']]) {
      const start = performance.now()
      expect(await outcome(reheaded(envelope, (header) => ({ ...header, alg, p2c: 2 ** 31, p2s: 'AAAA' })))).toBe(
        'ERR_UNSUPPORTED_ALGORITHM ENC-08',
      )
      expect(performance.now() - start).toBeLessThan(200)
    }
    for (const enc of ['A128CBC-HS256', 'A192CBC-HS384', 'A128GCM', 'C20P', 'none', 'toString', undefined, 7])
      expect(await outcome(reheaded(envelope, (header) => ({ ...header, enc })))).toBe('ERR_UNSUPPORTED_ALGORITHM CEA-05')
  })

  it.each(['HPKE-9-KE', 'HPKE-0-KE', 'HPKE-8', 'ML-KEM-768+A256KW'])('C35, C36, C37, ENC-08: %s is unsupported', async (alg) => {
    const { envelope } = await forgeJwe({ ...anon, header: (header) => ({ ...header, alg }) })
    expect(await outcome(envelope)).toBe('ERR_UNSUPPORTED_ALGORITHM ENC-08')
  })
})

describe('headers', () => {
  it.each(['alg', 'enc', 'epk', 'apu', 'apv', 'skid', 'typ', 'zip', 'crit'])(
    'C13, 1PU-01, ES-01, JOSE-02, JOSE-09: `%s` that is not protected',
    async (name) => {
      const { envelope } = await forgeJwe({ ...auth, header: ({ [name]: _, ...header }) => header })
      const value = {
        alg: 'ECDH-1PU+A256KW',
        enc: 'A256CBC-HS512',
        skid: aliceX.kid,
        zip: 'DEF',
        crit: ['exp'],
        apu: 'AA',
        apv: 'AA',
        typ: 'x',
        epk: bobX.jwk,
      }[name]
      const malformed = /^ERR_MALFORMED_ENVELOPE|^ERR_UNSUPPORTED_ALGORITHM/
      expect(await outcome({ ...envelope, unprotected: { [name]: value } })).toMatch(malformed)
      const [recipient] = envelope.recipients
      expect(await outcome({ ...envelope, recipients: [{ ...recipient, header: { ...recipient?.header, [name]: value } }] })).toMatch(
        malformed,
      )
    },
  )

  it.each(['alg', 'enc', 'epk', 'apv', 'typ', 'more'])('C13, JOSE-02: `%s` in two places', async (name) => {
    const { envelope } = await forgeJwe({ ...anon, header: (header) => ({ ...header, more: 1 }) })
    expect(await outcome(envelope)).toBe('taken')
    expect(await outcome({ ...envelope, unprotected: { [name]: 1 } })).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
    const [recipient] = envelope.recipients
    expect(await outcome({ ...envelope, recipients: [{ ...recipient, header: { ...recipient?.header, [name]: 1 } }] })).toBe(
      'ERR_MALFORMED_ENVELOPE JOSE-02',
    )
  })

  it('C13, JOSE-02: a `kid` that is shared, or protected too', async () => {
    const { envelope } = await forgeJwe(anon)
    expect(await outcome({ ...envelope, unprotected: { kid: bobX.kid } })).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
    expect(await outcome((await forgeJwe({ ...anon, header: (header) => ({ ...header, kid: bobX.kid }) })).envelope)).toBe(
      'ERR_MALFORMED_ENVELOPE JOSE-02',
    )
  })

  it('C14, JOSE-03: `zip` is refused without inflating', async () => {
    // 200 kB that would inflate to 200 MB.
    const plaintext = new Uint8Array(200_000)
    const { envelope } = await forgeJwe({ ...anon, plaintext, header: (header) => ({ ...header, zip: 'DEF' }) })
    const start = performance.now()
    expect(await outcome(envelope)).toBe('ERR_MALFORMED_ENVELOPE JOSE-03')
    expect(performance.now() - start).toBeLessThan(500)
  })

  it.each([[['exp']], [[]], ['exp'], [null], [['alg']]])('C15, JOSE-01: `crit` as %j', async (crit) => {
    const { envelope } = await forgeJwe({ ...anon, header: (header) => ({ ...header, crit, exp: 1 }) })
    expect(await outcome(envelope)).toBe('ERR_MALFORMED_ENVELOPE JOSE-01')
    const plain = await forgeJwe(anon)
    expect(await outcome({ ...plain.envelope, unprotected: { crit } })).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
  })

  it('C16, JOSE-02: a protected header that nobody knows is tolerated', async () => {
    const { envelope } = await forgeJwe({
      ...auth,
      header: (header) => ({ ...header, 'x-y': { z: [1] }, constructor: 'a', toString: 'b' }),
    })
    expect(await outcome(envelope)).toBe('taken')
  })

  it('C17, JOSE-08: keys and addresses in headers are neither fetched nor used', async () => {
    const resolver = resolverWith()
    const lure = {
      jku: 'https://evil.example/keys',
      x5u: 'https://evil.example/x5',
      jwk: mallory.method('agree-x25519-1').jwk,
      x5c: ['AAAA'],
    }
    for (const header of [lure, {}]) {
      const { envelope } = await forgeJwe({ ...anon, header: (own) => ({ ...own, ...header }) })
      const outside = Object.keys(header).length === 0 ? { unprotected: lure } : {}
      expect(await outcome({ ...envelope, ...outside }, { resolver })).toBe('taken')
    }
    expect(resolver.asked).toEqual([])
    const { envelope } = await forgeJwe({ ...anon, header: (own) => ({ ...own, jku: lure.jku }) })
    expect(await outcome({ ...envelope, unprotected: { jku: lure.jku } })).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
  })

  it('C27, 1PU-04, 1PU-05, 1PU-07, ES-02: `apu` and `apv` that are missing, wrong or not sorted', async () => {
    const two = { ...auth, recipients: [bobX2, bobX] }
    const utf8 = (text: string) => encodeUtf8(text)
    const sha = async (text: string) => new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', encodeUtf8(text) as never))
    const of = async (change: object) => outcome((await forgeJwe({ ...two, ...change })).envelope)
    expect(await of({ apu: utf8(`${mallory.did}#agree-x25519-1`) })).toBe('ERR_MALFORMED_ENVELOPE 1PU-04')
    expect(await of({ apu: null })).toBe('ERR_MALFORMED_ENVELOPE 1PU-04')
    expect(await of({ apu: Uint8Array.of(0xff) })).toMatch(/^ERR_MALFORMED/)
    expect(await of({ apv: null })).toBe('ERR_MALFORMED_ENVELOPE 1PU-05')
    expect(await of({ apv: await sha(`${bobX2.kid}.${bobX.kid}`) })).toBe('ERR_MALFORMED_ENVELOPE 1PU-05')
    expect(await of({ apv: await sha(bobX.kid) })).toBe('ERR_MALFORMED_ENVELOPE 1PU-05')
    expect(await of({ apv: new Uint8Array(0) })).toBe('ERR_MALFORMED_ENVELOPE 1PU-05')
    expect(await of({})).toBe('taken')
    // 1PU-07: without `skid`, `apu` tells the sender.
    expect(await of({ header: ({ skid: _, ...header }: Record<string, unknown>) => header })).toBe('taken')
    expect(await outcome((await forgeJwe({ ...anon, apv: await sha('x') })).envelope)).toBe('ERR_MALFORMED_ENVELOPE ES-02')
    // ES-04: a skid in ECDH-ES proves nothing.
    const { envelope } = await forgeJwe({ ...anon, header: (header) => ({ ...header, skid: aliceX.kid }) })
    expect((await receive(envelope)).proof.sender).toBeUndefined()
  })
})

describe('recipients', () => {
  it('C18, JOSE-05: ten thousand recipients, all of them ours, cost no key agreement', async () => {
    const { envelope } = await forgeJwe(anon)
    const [recipient] = envelope.recipients
    let asked = 0
    const count = <T>(answer: T): T => {
      asked++
      return answer
    }
    const many = { ...envelope, recipients: Array.from({ length: 10_000 }, () => recipient) }
    const keys = { held: () => count([]), agree: () => count(new Uint8Array(32)), sign: () => count(new Uint8Array(64)) }
    expect(await outcome(many, { keys })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(asked).toBe(0)
  })

  it('C19, JOSE-02: 64 recipients with ours last are taken; the same kid twice is not', async () => {
    const strangers = Array.from({ length: 63 }, (_, i) => ({ kid: `${bob.did}#a${i}`, jwk: mallory.method('agree-x25519-1').jwk }))
    const { envelope } = await forgeJwe({ ...anon, recipients: [...strangers, bobX] })
    expect((await receive(envelope)).proof.recipient?.kid).toBe(bobX.kid)
    const twice = await forgeJwe({ ...anon, recipients: [bobX, bobX] })
    expect(await outcome(twice.envelope)).toBe('ERR_MALFORMED_ENVELOPE JOSE-02')
    expect(await outcome({ ...envelope, recipients: [] })).toBe('ERR_MALFORMED_ENVELOPE JOSE-06')
  })

  it('C20, JOSE-07, SEC-07: an envelope for somebody else costs no resolution and no key agreement', async () => {
    const resolver = resolverWith()
    const { envelope } = await forgeJwe({ ...auth, recipients: [carol.method('agree-x25519-1')] })
    let agreed = 0
    const agree = () => {
      agreed++
      return new Uint8Array(32)
    }
    const keys = { ...bob.keys, agree }
    expect(await outcome(envelope, { keys, resolver })).toBe('ERR_TRUST_NOT_FOR_US JOSE-07')
    expect([resolver.asked, agreed]).toEqual([[], 0])
  })

  it('C20, ADR-06, KID-07: kids of two DIDs, without fragment, or no DID URLs', async () => {
    const jwk = bobX.jwk
    const of = async (...kids: string[]) => outcome((await forgeJwe({ ...anon, recipients: kids.map((kid) => ({ kid, jwk })) })).envelope)
    expect(await of(bobX.kid, carol.method('agree-x25519-1').kid)).toBe('ERR_TRUST_ADDRESSING ADR-06')
    expect(await of(bob.did)).toBe('ERR_MALFORMED_ENVELOPE KID-07')
    expect(await of(`${bob.did}#`)).toBe('ERR_MALFORMED_ENVELOPE KID-07')
    expect(await of('key-1')).toBe('ERR_MALFORMED_ENVELOPE KID-07')
    expect(await of(bobX.kid, `${bob.did}#a b`)).toBe('ERR_MALFORMED_ENVELOPE KID-07')
    expect(await of(bobX.kid, `${bob.did}#%zz`)).toBe('ERR_MALFORMED_ENVELOPE KID-07')
  })

  it('C28, 1PU-05: a recipient taken away or added by a mediator', async () => {
    const { envelope } = await forgeJwe({ ...auth, recipients: [bobX, bobX2] })
    expect(await outcome({ ...envelope, recipients: envelope.recipients.slice(0, 1) })).toBe('ERR_MALFORMED_ENVELOPE 1PU-05')
    const added = { header: { kid: `${bob.did}#agree-x25519-3` }, encrypted_key: envelope.recipients[0]?.encrypted_key }
    expect(await outcome({ ...envelope, recipients: [...envelope.recipients, added] })).toBe('ERR_MALFORMED_ENVELOPE 1PU-05')
  })
})

describe('lengths', () => {
  it('C21, KWA-07, KWA-08: an encrypted key of another length, or none', async () => {
    const { envelope } = await forgeJwe(auth)
    const [recipient] = envelope.recipients
    const wrapped = decodeBase64url(recipient?.encrypted_key ?? '')
    for (const length of [0, 1, 8, 16, 40, 64, 71, 73, 80]) {
      const changed = new Uint8Array(length)
      changed.set(wrapped.subarray(0, length))
      expect(await outcome({ ...envelope, recipients: [{ ...recipient, encrypted_key: encodeBase64url(changed) }] })).toBe(decryptFailed)
    }
    // A sound wrap of a key that is not of the algorithm's length.
    for (const cek of [new Uint8Array(32), new Uint8Array(72), new Uint8Array(16)])
      expect(await outcome((await forgeJwe({ ...anon, recipients: [{ ...bobX, cek }] })).envelope)).toBe(decryptFailed)
  })

  it('C21, KWA-07: a content key wrapped with padding (RFC 5649) is none wrapped by RFC 3394', async () => {
    for (const { kek_hex, key_data_hex, wrapped_hex } of kwp.vectors)
      expect(await wrapWithPadding(fromHex(kek_hex), fromHex(key_data_hex))).toEqual(fromHex(wrapped_hex))
    for (const enc of ['A256CBC-HS512', 'A256GCM'] as const) {
      const { envelope } = await forgeJwe({ ...anon, enc, wrap: wrapWithPadding })
      expect(decodeBase64url(envelope.recipients[0]?.encrypted_key ?? '')).toHaveLength(contentAlgorithms[enc].keyOctets + 8)
      expect(await outcome(envelope)).toBe(decryptFailed)
    }
  })

  it.each([
    ['A256CBC-HS512', [31, 16, 0, 33, 64]],
    ['A256GCM', [12, 8, 4, 0, 15, 17]],
    ['XC20P', [12, 0, 15, 17]],
  ] as const)('C22, CEA-07: a tag of %s of another length', async (enc, lengths) => {
    const { envelope } = await forgeJwe({ ...anon, enc })
    const tag = decodeBase64url(envelope.tag)
    for (const length of lengths) {
      const changed = new Uint8Array(length)
      changed.set(tag.subarray(0, length))
      expect(await outcome({ ...envelope, tag: encodeBase64url(changed) })).toBe('ERR_MALFORMED_ENVELOPE CEA-07')
    }
  })

  it.each([
    ['A256CBC-HS512', 12],
    ['A256GCM', 16],
    ['XC20P', 12],
  ] as const)('C23, CEA-07: an initialization vector of %s with %d octets, or none', async (enc, wrong) => {
    const { envelope } = await forgeJwe({ ...anon, enc })
    for (const length of [wrong, 0, contentAlgorithms[enc].ivOctets + 1])
      expect(await outcome({ ...envelope, iv: encodeBase64url(new Uint8Array(length)) })).toBe('ERR_MALFORMED_ENVELOPE CEA-07')
  })

  it('C24, CEA-01: a CBC ciphertext of no whole blocks, or empty', async () => {
    const { envelope } = await forgeJwe(anon)
    const ciphertext = decodeBase64url(envelope.ciphertext)
    for (const changed of [ciphertext.subarray(1), ciphertext.subarray(0, 15), new Uint8Array(0)])
      expect(await outcome({ ...envelope, ciphertext: encodeBase64url(changed) })).toBe('ERR_MALFORMED_ENVELOPE CEA-01')
  })
})

describe('contents', () => {
  it('C25, CEA-08: a padding that is none, under a valid tag, is told from nothing', async () => {
    const text = encodeUtf8(JSON.stringify(hello()).padEnd(320))
    const bad = [0, 17, 255, 16].map((last) => Uint8Array.from(text.subarray(0, 320), (octet, i) => (i === 319 ? last : octet)))
    const failures: unknown[] = []
    for (const plaintext of bad) {
      const { envelope } = await forgeJwe({ ...auth, plaintext, content: withoutPadding })
      failures.push(await receive(envelope).catch((error: unknown) => error))
    }
    const { envelope } = await forgeJwe(auth)
    failures.push(await receive({ ...envelope, tag: encodeBase64url(new Uint8Array(32)) }).catch((error: unknown) => error))
    failures.push(
      await receive({ ...envelope, recipients: [{ header: { kid: bobX.kid }, encrypted_key: encodeBase64url(new Uint8Array(72)) }] }).catch(
        (error: unknown) => error,
      ),
    )
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'ERR_TRUST_DECRYPT', rule: 'GEN-01' })
      expect((failure as Error).message).toBe((failures[0] as Error).message)
      expect((failure as Error).cause).toBeUndefined()
    }
    const good = Uint8Array.from(text, (octet, i) => (i >= 304 ? 16 : octet))
    expect(await outcome((await forgeJwe({ ...auth, plaintext: good, content: withoutPadding })).envelope)).toBe('taken')
  })

  it('C30, CEA-04: we write what commits to its key; the policy can refuse what does not, for several recipients', async () => {
    const [packed] = await pack(hello(), { keys: alice.keys, resolver: everybody, as: 'anoncrypt' })
    expect((await receive(packed?.envelope ?? '')).proof.evidence[0]).toMatchObject({ enc: 'A256CBC-HS512' })
    for (const enc of ['A256GCM', 'XC20P'] as const) {
      const two = await forgeJwe({ ...anon, enc, recipients: [bobX, bobX2] })
      expect(await outcome(two.envelope)).toBe('taken')
      expect(await outcome(two.envelope, { policy: { refuseNonCommitting: true } })).toBe('ERR_TRUST_POLICY CEA-02')
      expect(await outcome((await forgeJwe({ ...anon, enc })).envelope, { policy: { refuseNonCommitting: true } })).toBe('taken')
    }
    // With CBC and HMAC two content keys cannot both open one ciphertext.
    const cek = new Uint8Array(64).fill(7)
    const { envelope } = await forgeJwe({ ...anon, recipients: [{ ...bobX, cek }, bobX2] })
    expect(await outcome(envelope)).toBe(decryptFailed)
  })

  it('C31, SEC-04, KWA-05: a recipient who keeps the content key cannot forge to the other recipients, nor to itself', async () => {
    const { envelope, cek } = await forgeJwe({ ...auth, recipients: [bobX, bobX2] })
    const forged = await forgeJwe({
      ...auth,
      plaintext: hello({ body: { text: 'pay mallory' } }),
      recipients: [bobX, bobX2],
      cek,
      headerText: () => decodeUtf8(decodeBase64url(envelope.protected)),
    })
    for (const { kid } of [bobX, bobX2]) {
      const keys = memoryKeys(bob.jwks.filter((jwk) => jwk.kid === kid))
      expect(await outcome(envelope, { keys })).toBe('taken')
      expect(await outcome({ ...forged.envelope, recipients: envelope.recipients }, { keys })).toBe(decryptFailed)
    }
  })

  it("C32, SEC-01, SIG-13: whoever has the recipient's key can be anybody to it; a signature inside is the remedy, and policy can demand it", async () => {
    const stolen = bob.key('agree-x25519-1')
    const { sender, ...rest } = auth
    // Zs by the recipient's private key and the sender's public one.
    const { envelope } = await forgeJwe({ ...rest, sender, zs: () => agreeWith(stolen, publicOf(aliceX)) })
    expect((await receive(envelope)).proof.sender?.did).toBe(alice.did)
    const policy = { wrappings: ['anoncrypt(signed)', 'authcrypt(signed)'] } as const
    expect(await outcome(envelope, { policy })).toBe('ERR_TRUST_POLICY MED-12')
    const jws = await forgeJws({ payload: hello(), by: alice.key('sign-ed25519-1'), alg: 'EdDSA' })
    expect(await outcome((await forgeJwe({ ...auth, plaintext: jws })).envelope, { policy })).toBe('taken')
  })

  it('C33, JOSE-07: a bad key, a bad tag and a bad padding take times of one size', async () => {
    const { envelope } = await forgeJwe(auth)
    const badTag = { ...envelope, tag: encodeBase64url(new Uint8Array(32)) }
    const badKey = { ...envelope, recipients: [{ header: { kid: bobX.kid }, encrypted_key: encodeBase64url(new Uint8Array(72)) }] }
    const padding = await forgeJwe({ ...auth, plaintext: new Uint8Array(320), content: withoutPadding })
    const times = [[], [], []] as [number[], number[], number[]]
    for (let round = 0; round < 60; round++) {
      for (const [i, one] of [badTag, badKey, padding.envelope].entries()) {
        const start = performance.now()
        await outcome(one)
        times[i as 0].push(performance.now() - start)
      }
    }
    const medians = times.map((list) => list.sort((a, b) => a - b)[30] as number)
    // No proof of constant time, which JavaScript cannot give: no gross difference.
    expect(Math.max(...medians)).toBeLessThan(4 * Math.min(...medians) + 1)
  })

  it.each(['A256CBC-HS512', 'A256GCM', 'XC20P'] as const)(
    'C34, PLN-01: an empty plaintext in %s, or one that is no object',
    async (enc) => {
      expect(await outcome((await forgeJwe({ ...anon, enc, plaintext: '' })).envelope)).toBe('ERR_MALFORMED_JSON PLN-02')
      for (const plaintext of ['[]', '"text"', '7', 'null', 'true'])
        expect(await outcome((await forgeJwe({ ...anon, enc, plaintext })).envelope)).toBe('ERR_MALFORMED_MESSAGE PLN-01')
    },
  )

  it('C34, MED-17, MED-18: onions that are no combination of DIDComm are not opened further', async () => {
    const wrap = async (inner: object, by: 'anon' | 'auth'): Promise<ForgedJwe> =>
      (await forgeJwe({ ...(by === 'anon' ? anon : auth), plaintext: inner })).envelope
    const jws = await forgeJws({ payload: hello(), by: alice.key('sign-ed25519-1'), alg: 'EdDSA' })
    const sign = (payload: object) => forgeJws({ payload, by: alice.key('sign-ed25519-1'), alg: 'EdDSA' })
    const plain = hello()
    const anonymous = await wrap(plain, 'anon')
    const authenticated = await wrap(plain, 'auth')
    for (const onion of [
      await wrap(anonymous, 'anon'),
      await wrap(authenticated, 'auth'),
      await wrap(anonymous, 'auth'),
      await sign(anonymous),
      await sign(authenticated),
      await sign(jws),
      await wrap(await wrap(authenticated, 'anon'), 'anon'),
      await wrap(await sign(jws), 'anon'),
    ])
      expect(await outcome(onion)).toBe('ERR_MALFORMED_ENVELOPE MED-17')
    expect(await outcome(await wrap(await wrap(jws, 'auth'), 'anon'))).toBe('taken')
    expect(await outcome(await wrap(await wrap(jws, 'auth'), 'anon'), { policy: { strict: true } })).toBe('ERR_TRUST_POLICY MED-16')
    expect(await outcome({ ...anonymous, ...jws })).toBe('ERR_MALFORMED_ENVELOPE MED-10')
  })
})

describe('every agreement curve', () => {
  it.each(['X25519', 'P-256', 'P-384', 'P-521'] as const satisfies readonly AgreementCurve[])(
    'KWA-01, CRV-06, KWA-02: %s derives what another derivation derives',
    async (crv) => {
      const label = `agree-${crv.toLowerCase()}-1`
      const sender = alice.key(label)
      const { envelope } = await forgeJwe({ plaintext: hello(), recipients: listedOn(bob, crv), sender: { kid: sender.kid, jwk: sender } })
      for (const { kid } of listedOn(bob, crv)) {
        const { proof } = await receive(envelope, { keys: memoryKeys(bob.jwks.filter((jwk) => jwk.kid === kid)) })
        expect([proof.sender?.kid, proof.recipient?.kid]).toEqual([sender.kid, kid])
      }
    },
  )

  it('SEC-06: nothing of a message of a stranger is an error of another class', async () => {
    expect(await outcomeOf(() => receive({ ciphertext: 1 }))).toMatch(/^ERR_MALFORMED/)
    expect(await outcomeOf(() => receive({ ciphertext: 'AA', protected: 'e30', recipients: [null], iv: '', tag: '' }))).toMatch(/^ERR_/)
  })
})
