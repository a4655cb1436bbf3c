import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { primitives } from '#primitives'
import onePu from '../../../../vectors/rfc/ecdh-1pu-draft-04.json' with { type: 'json' }
import rfc3394 from '../../../../vectors/rfc/rfc3394.json' with { type: 'json' }
import rfc5649 from '../../../../vectors/rfc/rfc5649.json' with { type: 'json' }
import rfc7515 from '../../../../vectors/rfc/rfc7515.json' with { type: 'json' }
import rfc7518 from '../../../../vectors/rfc/rfc7518.json' with { type: 'json' }
import rfc7748 from '../../../../vectors/rfc/rfc7748.json' with { type: 'json' }
import rfc8037 from '../../../../vectors/rfc/rfc8037.json' with { type: 'json' }
import { decodeBase64url, encodeBase64url } from '../../src/bytes/base64url.ts'
import { canonicalJson } from '../../src/bytes/json.ts'
import { decodeUtf8, encodeUtf8 } from '../../src/bytes/utf8.ts'
import { concatKdf } from '../../src/jose/agreement.ts'
import { checkPrivateJwk, checkPublicJwk, publicJwkOf } from '../../src/jose/jwk.ts'
import type { PublicJwk } from '../../src/jose/primitives/primitives.ts'
import { fromHex, outcomeOf, toHex } from './wycheproof-policy.ts'

async function agreeOn(mine: object, theirs: PublicJwk): Promise<Uint8Array> {
  const privateKey = await primitives.importPrivateKey(checkPrivateJwk(mine), 'agree')
  return primitives.agree(privateKey, await primitives.importPublicKey(theirs, 'agree'))
}

const publicOf = (jwk: object): PublicJwk => publicJwkOf(checkPrivateJwk(jwk))
const x25519Public = (hex: string): PublicJwk => ({ kty: 'OKP', crv: 'X25519', x: encodeBase64url(fromHex(hex)) })

/** One round of the Concat KDF over a secret and what the vectors print as fixed information. */
async function derive(secretHex: string, fixedInfoHex: string, bits: number): Promise<string> {
  const key = await primitives.sha256(fromHex(`00000001${secretHex}${fixedInfoHex}`))
  return toHex(key.subarray(0, bits / 8))
}

describe('RFC 7748, X25519', () => {
  const { alice_private_hex, alice_public_hex, bob_private_hex, bob_public_hex, shared_hex } = rfc7748.section6_1
  const alice = { ...x25519Public(alice_public_hex), d: encodeBase64url(fromHex(alice_private_hex)) }
  const bob = { ...x25519Public(bob_public_hex), d: encodeBase64url(fromHex(bob_private_hex)) }

  it('CRV-01: section 6.1, both ways', async () => {
    expect(toHex(await agreeOn(alice, publicOf(bob)))).toBe(shared_hex)
    expect(toHex(await agreeOn(bob, publicOf(alice)))).toBe(shared_hex)
  })

  it('CRV-01: section 5.2, a thousand agreements one on the other', { timeout: 60_000 }, async () => {
    const { start_hex, after_1, after_1000 } = rfc7748.section5_2_iterated
    let [k, u] = [fromHex(start_hex), fromHex(start_hex)]
    const seen: string[] = []
    for (let i = 0; i < 1000; i++) {
      const own = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(x25519.getPublicKey(k)), d: encodeBase64url(k) }
      const secret = Uint8Array.from(await agreeOn(own, { kty: 'OKP', crv: 'X25519', x: encodeBase64url(u) }))
      u = k
      k = secret
      seen.push(toHex(k))
    }
    expect([seen[0], seen[999]]).toEqual([after_1, after_1000])
  })

  it('CRV-04: every point of low order is refused, with the high bit set too', async () => {
    const { low_order_u_hex, low_order_u_bit255_hex } = rfc7748.all_zero_policy
    for (const hex of [...low_order_u_hex, ...low_order_u_bit255_hex]) {
      expect(await outcomeOf(() => agreeOn(alice, checkPublicJwk(x25519Public(hex))))).toBe('refused')
    }
  })
})

describe('RFC 8037, appendix A', () => {
  const { jwk, jws, thumbprint_sha256, payload_utf8 } = rfc8037.appendixA
  const [header = '', payload = '', signature = ''] = jws.split('.')
  const signed = encodeUtf8(`${header}.${payload}`)

  it('SIG-02: A.4 signs to the same octets, and A.5 verifies', async () => {
    expect(decodeUtf8(decodeBase64url(payload))).toBe(payload_utf8)
    const key = await primitives.importPrivateKey(checkPrivateJwk(jwk), 'sign')
    expect(encodeBase64url(await primitives.sign('EdDSA', key, signed))).toBe(signature)
    const publicKey = await primitives.importPublicKey(publicOf(jwk), 'sign')
    expect(await primitives.verify('EdDSA', publicKey, signed, decodeBase64url(signature))).toBe(true)
    expect(await primitives.verify('EdDSA', publicKey, encodeUtf8(`${header}.${payload}A`), decodeBase64url(signature))).toBe(false)
  })

  it('CRV-05: A.3, the thumbprint over the canonical JSON of the public key', async () => {
    const { kty, crv, x } = publicOf(jwk)
    expect(encodeBase64url(await primitives.sha256(encodeUtf8(canonicalJson({ kty, crv, x }))))).toBe(thumbprint_sha256)
  })
})

describe('RFC 7515, appendix A.3', () => {
  it('SIG-02, SIG-16: the signature of ES256 verifies', async () => {
    const { jwk, compact } = rfc7515.appendixA3
    const [header = '', payload = '', signature = ''] = compact.split('.')
    const key = await primitives.importPublicKey(publicOf(jwk), 'sign')
    expect(await primitives.verify('ES256', key, encodeUtf8(`${header}.${payload}`), decodeBase64url(signature))).toBe(true)
  })
})

describe('RFC 3394 and RFC 5649, key wrapping', () => {
  it('KWA-07, G-12: with 256-bit keys, wraps and unwraps to the octets of the RFC', async () => {
    const vectors = rfc3394.vectors.filter(({ kek_hex }) => kek_hex.length === 64)
    expect(vectors.length).toBe(3)
    for (const { kek_hex, key_data_hex, wrapped_hex } of vectors) {
      expect(toHex(await primitives.wrapKey(fromHex(kek_hex), fromHex(key_data_hex)))).toBe(wrapped_hex)
      expect(toHex(await primitives.unwrapKey(fromHex(kek_hex), fromHex(wrapped_hex)))).toBe(key_data_hex)
    }
  })

  it('KWA-01: other lengths of key are refused', async () => {
    for (const { kek_hex, key_data_hex, wrapped_hex } of rfc3394.vectors.filter((vector) => vector.kek_hex.length !== 64)) {
      expect(await outcomeOf(() => primitives.wrapKey(fromHex(kek_hex), fromHex(key_data_hex)))).toBe('refused')
      expect(await outcomeOf(() => primitives.unwrapKey(fromHex(kek_hex), fromHex(wrapped_hex)))).toBe('refused')
    }
  })

  it('KWA-07: key wrap with padding is another algorithm, and refused', async () => {
    for (const { kek_hex, wrapped_hex } of rfc5649.vectors) {
      expect(await outcomeOf(() => primitives.unwrapKey(fromHex(kek_hex), fromHex(wrapped_hex)))).toBe('refused')
      expect(await outcomeOf(() => primitives.unwrapKey(fromHex(kek_hex.padEnd(64, '0')), fromHex(wrapped_hex)))).toBe('refused')
    }
  })
})

describe('RFC 7518', () => {
  it('CEA-01: appendix B.3, A256CBC-HS512', async () => {
    const vector = rfc7518.appendixB.find(({ enc }) => enc === 'A256CBC-HS512')
    if (vector === undefined) throw new Error('the vector is missing')
    const { key_hex, iv_hex, aad_utf8, plaintext_utf8, ciphertext_hex, tag_hex } = vector
    const [key, iv] = [fromHex(key_hex), fromHex(iv_hex)]
    const sealed = await primitives.encrypt('A256CBC-HS512', key, iv, aad_utf8, plaintext_utf8)
    expect([toHex(sealed.ciphertext), toHex(sealed.tag)]).toEqual([ciphertext_hex, tag_hex])
    const opened = await primitives.decrypt('A256CBC-HS512', key, iv, aad_utf8, fromHex(ciphertext_hex), fromHex(tag_hex))
    expect(decodeUtf8(opened)).toBe(plaintext_utf8)
  })

  it('CEA-05: appendices B.1 and B.2 have shorter keys, and are refused', async () => {
    for (const { key_hex, iv_hex, aad_utf8, ciphertext_hex, tag_hex } of rfc7518.appendixB.filter(({ enc }) => enc !== 'A256CBC-HS512')) {
      const open = () =>
        primitives.decrypt('A256CBC-HS512', fromHex(key_hex), fromHex(iv_hex), aad_utf8, fromHex(ciphertext_hex), fromHex(tag_hex))
      expect(await outcomeOf(open)).toBe('refused')
    }
  })

  it('KWA-02, KWA-03: appendix C, the agreement and the key derived of it', async () => {
    const { ephemeral, recipient_static, z_hex, fixed_info_hex, keydatalen, derived_key } = rfc7518.appendixC
    expect(toHex(await agreeOn(ephemeral, publicOf(recipient_static)))).toBe(z_hex)
    expect(toHex(await agreeOn(recipient_static, publicOf(ephemeral)))).toBe(z_hex)
    expect(await derive(z_hex, fixed_info_hex, keydatalen)).toBe(toHex(decodeBase64url(derived_key)))
  })
})

describe('ECDH-1PU, draft 04', () => {
  it('KWA-02, KWA-03, KWA-06: appendix A, both secrets and the derived key', async () => {
    const { ephemeral, sender_static, recipient_static, ze_hex, zs_hex, z_hex, fixed_info_hex, keydatalen, derived_key } = onePu.appendixA
    expect(toHex(await agreeOn(ephemeral, publicOf(recipient_static)))).toBe(ze_hex)
    expect(toHex(await agreeOn(sender_static, publicOf(recipient_static)))).toBe(zs_hex)
    expect(toHex(await agreeOn(recipient_static, publicOf(sender_static)))).toBe(zs_hex)
    expect(await derive(z_hex, fixed_info_hex, keydatalen)).toBe(toHex(decodeBase64url(derived_key)))
  })

  const b = onePu.appendixB

  it('CEA-01, CEA-09: appendix B, the content and its tag', async () => {
    const [cek, iv] = [fromHex(b.cek_hex), decodeBase64url(b.iv)]
    const { ciphertext, tag } = await primitives.encrypt('A256CBC-HS512', cek, iv, b.aad_ascii, b.plaintext_utf8)
    expect([encodeBase64url(ciphertext), encodeBase64url(tag)]).toEqual([b.ciphertext, b.tag])
    expect(decodeUtf8(await primitives.decrypt('A256CBC-HS512', cek, iv, b.aad_ascii, ciphertext, tag))).toBe(b.plaintext_utf8)
  })

  it('KWA-05, KWA-06, G-07: appendix B, the secrets and the derived key of each recipient; the tag is in the derivation', async () => {
    for (const { kid, ze_hex, zs_hex, z_hex, kek_hex } of b.recipients) {
      const recipient = b.recipients_static[kid as keyof typeof b.recipients_static]
      expect(toHex(await agreeOn(b.ephemeral, publicOf(recipient)))).toBe(ze_hex)
      expect(toHex(await agreeOn(b.sender_static, publicOf(recipient)))).toBe(zs_hex)
      expect(toHex(await agreeOn(recipient, publicOf(b.ephemeral)))).toBe(ze_hex)
      expect(await derive(z_hex, b.fixed_info_hex, b.keydatalen)).toBe(kek_hex)
    }
  })

  it('KWA-01, KWA-04, KWA-05, KWA-06: our derivation has the fixed information of appendix B, but for the name and the bits of the key', async () => {
    // 15 octets name ECDH-1PU+A128KW and 128 bits; ours has another digit in the name and 256 bits. That of ECDH-ES has no tag.
    const onePuInfo = b.fixed_info_hex.replace('413132384b57', '413235364b57').replace('0000008000000020', '0000010000000020')
    expect(onePuInfo).not.toBe(b.fixed_info_hex)
    const esInfo = onePuInfo.replace('0000000f454344482d315055', '0000000e454344482d4553').slice(0, -b.cctag_hex.length)
    const [apu, apv] = [decodeBase64url(b.apu), decodeBase64url(b.apv)]
    for (const { ze_hex, zs_hex, z_hex } of b.recipients) {
      const onePuKey = concatKdf({ alg: 'ECDH-1PU+A256KW', apu, apv, tag: decodeBase64url(b.tag) })
      expect(toHex(await onePuKey(fromHex(ze_hex), fromHex(zs_hex)))).toBe(await derive(z_hex, onePuInfo, 256))
      const esKey = concatKdf({ alg: 'ECDH-ES+A256KW', apu, apv, tag: undefined })
      expect(toHex(await esKey(fromHex(ze_hex)))).toBe(await derive(ze_hex, esInfo, 256))
    }
  })

  it('KWA-01: appendix B wraps with 128-bit keys, which are refused', async () => {
    for (const { kek_hex, encrypted_key } of b.recipients) {
      expect(await outcomeOf(() => primitives.unwrapKey(fromHex(kek_hex), decodeBase64url(encrypted_key)))).toBe('refused')
    }
  })
})
