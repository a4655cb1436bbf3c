import { afterEach, describe, expect, it, vi } from 'vitest'
import { encodeBase64url } from '../../../../src/bytes/base64url.ts'
import { isDidcommError } from '../../../../src/errors.ts'
import { agreementCurves, curves } from '../../../../src/jose/algorithms.ts'
import { publicJwkOf } from '../../../../src/jose/jwk.ts'
import { primitives as web } from '../../../../src/jose/primitives/web.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** What a caller can see of an error. */
async function seen(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (isDidcommError(error)) return [error.code, error.message, error.rule, String(error.cause)].join(' | ')
    throw error
  }
  throw new Error('expected a refusal')
}

describe('the backend of WebCrypto', () => {
  it('CEA-06: private keys of WebCrypto cannot be extracted, ephemeral or not', async () => {
    for (const crv of agreementCurves) {
      const { privateKey } = await web.generateEphemeralKey(crv)
      const imported = await web.importPrivateKey(await web.generatePrivateJwk(crv), 'agree')
      for (const handle of [privateKey, imported]) {
        const { native } = handle as unknown as { native: CryptoKey }
        expect([native.type, native.extractable]).toEqual(['private', false])
        await expect(crypto.subtle.exportKey('jwk', native)).rejects.toThrow()
      }
    }
  })

  it('CEA-08: a wrong tag, wrong padding, a wrong key and a wrong length of anything look the same', async () => {
    const [macKey, encKey, iv] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), new Uint8Array(16)]
    const key = Uint8Array.of(...macKey, ...encKey)
    // One block whose padding cannot be right: 16 octets of zeros, encrypted as they are.
    const aes = await crypto.subtle.importKey('raw', encKey, 'AES-CBC', false, ['encrypt'])
    const unpadded = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, aes, new Uint8Array(16)), 0, 16)
    const hmac = await crypto.subtle.importKey('raw', macKey, { name: 'HMAC', hash: 'SHA-512' }, false, ['sign'])
    const input = Uint8Array.of(...iv, ...unpadded, ...new Uint8Array(8))
    const tag = new Uint8Array(await crypto.subtle.sign('HMAC', hmac, input), 0, 32)

    const wrongPadding = await seen(() => web.decrypt('A256CBC-HS512', key, iv, '', unpadded, tag))
    expect(wrongPadding).toMatch(/^ERR_TRUST_DECRYPT/)
    expect(await seen(() => web.decrypt('A256CBC-HS512', key, iv, '', unpadded, new Uint8Array(32)))).toBe(wrongPadding)
    expect(await seen(() => web.decrypt('A256CBC-HS512', key.slice(1), iv, '', unpadded, tag))).toBe(wrongPadding)
    expect(await seen(() => web.decrypt('A256CBC-HS512', key, iv.slice(1), '', unpadded, tag))).toBe(wrongPadding)
    expect(await seen(() => web.decrypt('A256GCM', encKey, iv.slice(4), '', unpadded, iv))).toBe(wrongPadding)
    expect(await seen(() => web.decrypt('XC20P', encKey, new Uint8Array(24), '', unpadded, iv))).toBe(wrongPadding)
    expect(await seen(() => web.unwrapKey(encKey, new Uint8Array(40)))).toBe(wrongPadding)
  })

  it('KWA-07: the caller keeps its keys, and gets octets of its own', async () => {
    const [kek, cek, nonce] = [web.randomBytes(32), web.randomBytes(32), web.randomBytes(24)]
    const copies = [kek.slice(), cek.slice()]
    const { ciphertext, tag } = await web.encrypt('XC20P', cek, nonce, 'aad', 'text')
    await web.decrypt('XC20P', cek, nonce, 'aad', ciphertext, tag)
    const unwrapped = await web.unwrapKey(kek, await web.wrapKey(kek, cek))
    expect([kek, cek]).toEqual(copies)
    unwrapped.fill(0)
    expect(cek).toEqual(copies[1])
  })

  it('SIG-15: a key of another curve signs nothing', async () => {
    const key = await web.importPrivateKey(await web.generatePrivateJwk('Ed25519'), 'sign')
    expect(await seen(() => web.sign('ES256', key, new Uint8Array(1)))).toMatch(/^ERR_MALFORMED_KEY/)
    expect(await seen(() => web.sign('ES256K', key, new Uint8Array(1)))).toMatch(/^ERR_MALFORMED_KEY/)
  })

  it('CRV-05: a private key that is out of range, or of another public key, is not imported', async () => {
    for (const crv of ['X25519', 'P-256', 'P-384', 'P-521', 'Ed25519', 'secp256k1'] as const) {
      const use = crv === 'Ed25519' || crv === 'secp256k1' ? 'sign' : 'agree'
      const [own, other] = [await web.generatePrivateJwk(crv), await web.generatePrivateJwk(crv)]
      const { octets } = curves[crv]
      for (const d of [other.d, encodeBase64url(new Uint8Array(octets)), encodeBase64url(new Uint8Array(octets).fill(255))]) {
        await expect(async () => web.importPrivateKey({ ...own, d }, use)).rejects.toThrow()
      }
    }
  })

  it('CRV-07: keys for signatures agree on nothing', async () => {
    const jwk = await web.generatePrivateJwk('secp256k1')
    const [mine, theirs] = [await web.importPrivateKey(jwk, 'sign'), await web.importPublicKey(publicJwkOf(jwk), 'sign')]
    expect(await seen(() => web.agree(mine, theirs))).toMatch(/^ERR_MALFORMED_KEY/)
  })

  it('SEC-07: a page that is not secure has no WebCrypto, and is told so', async () => {
    vi.stubGlobal('crypto', { getRandomValues: (bytes: Uint8Array) => bytes })
    const octets = new Uint8Array(32)
    for (const run of [
      () => web.sha256(octets),
      () => web.wrapKey(octets, octets),
      () => web.unwrapKey(octets, octets),
      () => web.encrypt('A256GCM', octets, new Uint8Array(12), '', ''),
      () => web.decrypt('A256GCM', octets, new Uint8Array(12), '', octets, new Uint8Array(16)),
    ]) {
      expect(await seen(run)).toMatch(/^ERR_UNSUPPORTED_RUNTIME/)
    }
  })
})
