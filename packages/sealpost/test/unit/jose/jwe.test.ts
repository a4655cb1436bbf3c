import { describe, expect, it } from 'vitest'
import { decodeBase64url } from '../../../src/bytes/base64url.ts'
import { decodeUtf8 } from '../../../src/bytes/utf8.ts'
import { apvOf, defaultLimits } from '../../../src/envelope/index.ts'
import { agreementCurves, contentAlgorithms, decryptJwe, parseJwe } from '../../../src/jose/index.ts'
import { encryptJwe, jweHeader } from '../../../src/jose/jwe.ts'
import { agreeWith, forgeJwe } from '../../hostile/forge.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice, bob, listedOn } from '../../parties.ts'

const seal = async (crv: (typeof agreementCurves)[number], enc: keyof typeof contentAlgorithms = 'A256CBC-HS512') => {
  const recipients = listedOn(bob, crv)
  const apv = await apvOf(recipients.map(({ kid }) => kid))
  return encryptJwe('{}', jweHeader({ alg: 'ECDH-ES+A256KW', enc, apv }, { typ: 't' }), { recipients })
}
const parse = (envelope: unknown) => parseJwe(envelope as Record<string, unknown>, defaultLimits)

describe('what is written', () => {
  it.each(agreementCurves)(
    'ENC-05, 1PU-01, 1PU-03, ES-01, ES-03, ES-04, ES-05, CRV-05: general JSON, all headers protected, one ephemeral key on %s',
    async (crv) => {
      const envelope = JSON.parse(await seal(crv)) as Record<string, unknown>
      expect(Object.keys(envelope).sort()).toEqual(['ciphertext', 'iv', 'protected', 'recipients', 'tag'])
      const header = JSON.parse(decodeUtf8(decodeBase64url(envelope['protected'] as string))) as { epk: { crv: string; x: string } }
      expect(Object.keys(header).sort()).toEqual(['alg', 'apv', 'enc', 'epk', 'typ'])
      expect([header.epk.crv, 'd' in header.epk]).toEqual([crv, false])
      for (const recipient of envelope['recipients'] as { header: object }[]) expect(Object.keys(recipient.header)).toEqual(['kid'])
      expect(parse(envelope).epk).toEqual(header.epk)
    },
  )

  it.each(Object.entries(contentAlgorithms))(
    'CEA-01, CEA-02, CEA-03, KWA-07, G-08: lengths of %s',
    async (enc, { keyOctets, ivOctets, tagOctets }) => {
      const jwe = parse(JSON.parse(await seal('X25519', enc as keyof typeof contentAlgorithms)))
      expect([jwe.enc, jwe.iv.length, jwe.tag.length]).toEqual([enc, ivOctets, tagOctets])
      for (const { encryptedKey } of jwe.recipients) expect(decodeBase64url(encryptedKey)).toHaveLength(keyOctets + 8)
    },
  )

  it('CRV-05, CRV-06: coordinates keep their leading zeros', async () => {
    for (let i = 0; i < 8; i++) {
      const { epk } = parse(JSON.parse(await seal('P-521')))
      expect([decodeBase64url(epk.x).length, decodeBase64url(epk.y ?? '').length, epk.x.charAt(0)]).toEqual([66, 66, 'A'])
    }
  })
})

describe('what is read', () => {
  it('ENC-05, D-05, CEA-09: no flattened form, no compact form, no `aad`', async () => {
    const { envelope } = await forgeJwe({ plaintext: '{}', recipients: [bob.method('agree-x25519-1')] })
    const { recipients, ...rest } = envelope
    expect(await outcomeOf(() => parse({ ...rest, ...recipients[0] }))).toBe('ERR_MALFORMED_ENVELOPE ENC-05')
    expect(await outcomeOf(() => parse({ ...envelope, encrypted_key: 'AA' }))).toBe('ERR_MALFORMED_ENVELOPE ENC-05')
    expect(await outcomeOf(() => parse({ ...envelope, aad: 'AA' }))).toBe('ERR_MALFORMED_ENVELOPE CEA-09')
    for (const name of Object.keys(envelope))
      expect(await outcomeOf(() => parse({ ...envelope, [name]: undefined }))).toMatch(/^ERR_MALFORMED/)
  })

  it('JOSE-06, KID-03, KID-07, JOSE-05: recipients that are none, or too many', async () => {
    const { envelope } = await forgeJwe({ plaintext: '{}', recipients: [bob.method('agree-x25519-1')] })
    const [recipient] = envelope.recipients
    for (const recipients of [undefined, null, [], {}, 'x'])
      expect(await outcomeOf(() => parse({ ...envelope, recipients }))).toBe('ERR_MALFORMED_ENVELOPE JOSE-06')
    for (const one of [null, 'x', {}, { header: {} }, { header: { kid: 7 }, encrypted_key: 'AA' }, { header: { kid: 'a' } }])
      expect(await outcomeOf(() => parse({ ...envelope, recipients: [one] }))).toBe('ERR_MALFORMED_ENVELOPE KID-03')
    expect(
      await outcomeOf(() => parseJwe({ ...envelope, recipients: [recipient, recipient] }, { ...defaultLimits, maxRecipients: 1 })),
    ).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  })

  it('1PU-01, JOSE-09, KWA-03, ES-03: `epk` is there; `apu` and `apv` are texts; null counts as absent', async () => {
    const of = async (header: object) =>
      outcomeOf(async () =>
        parse(
          (await forgeJwe({ plaintext: '{}', recipients: [bob.method('agree-x25519-1')], header: (own) => ({ ...own, ...header }) }))
            .envelope,
        ),
      )
    expect(await of({ epk: undefined })).toBe('ERR_MALFORMED_ENVELOPE 1PU-01')
    expect(await of({ epk: 'x' })).toBe('ERR_MALFORMED_KEY CRV-05')
    expect(await of({ apu: 7 })).toBe('ERR_MALFORMED_ENVELOPE JOSE-04')
    expect(await of({ apv: ['x'] })).toBe('ERR_MALFORMED_ENVELOPE JOSE-04')
    expect(await of({ apu: null })).toBe('taken')
    const { envelope } = await forgeJwe({ plaintext: '{}', recipients: [bob.method('agree-x25519-1')] })
    for (const unprotected of [7, 'x', [], null])
      expect(await outcomeOf(() => parse({ ...envelope, unprotected }))).toBe('ERR_MALFORMED_ENVELOPE JOSE-09')
  })

  it('GEN-01, KWA-06, 1PU-02, KWA-08: decrypts with the right secrets, and says nothing of the wrong ones', async () => {
    const sender = alice.key('agree-p-384-1')
    const [one] = listedOn(bob, 'P-384')
    if (one === undefined) throw new Error('Bob has keys on P-384')
    const own = bob.key('agree-p-384-1')
    const { envelope } = await forgeJwe({ plaintext: '{"a":1}', recipients: [one], sender: { kid: sender.kid, jwk: sender } })
    const jwe = parse(envelope)
    const zs = () => agreeWith(own, alice.method('agree-p-384-1').jwk)
    const ze = () => agreeWith(own, jwe.epk)
    expect(decodeUtf8(await decryptJwe(jwe, one.kid, { ephemeral: ze, static: zs }))).toBe('{"a":1}')
    for (const secrets of [
      { ephemeral: zs, static: ze },
      { ephemeral: ze },
      { ephemeral: ze, static: () => new Uint8Array(48) },
      { ephemeral: () => new Uint8Array(0), static: zs },
      { ephemeral: () => Promise.reject(new Error('hardware')), static: zs },
    ])
      expect(await outcomeOf(decryptJwe(jwe, one.kid, secrets))).toBe('ERR_TRUST_DECRYPT GEN-01')
    expect(await outcomeOf(decryptJwe(jwe, 'did:example:bob#unknown', { ephemeral: ze, static: zs }))).toBe('ERR_TRUST_DECRYPT GEN-01')
  })
})
