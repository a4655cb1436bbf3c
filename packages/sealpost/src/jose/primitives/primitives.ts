/**
 * The port to the primitives: what a backend must do, and nothing of JOSE. There are two backends, `node.ts` and `web.ts`, chosen
 * by the import condition `#primitives`; they run the same vectors and are tested against each other.
 *
 * Callers have checked lengths, curves and points before they come here. A call may answer at once or later.
 *
 * @module
 */
import type { ContentAlgorithm, Curve, SignatureAlgorithm } from '../algorithms.ts'
import type { Later } from '../later.ts'

export type { Later } from '../later.ts'

/** What a key is imported for: to agree, or to sign and verify. A key of P-256 can do either. */
export type KeyUse = 'agree' | 'sign'

/** A public key as a JWK: `y` where the curve is not of key type OKP. */
export type PublicJwk = { readonly kty: 'OKP' | 'EC'; readonly crv: Curve; readonly x: string; readonly y?: string }
/** A private key as a JWK. */
export type PrivateJwk = PublicJwk & { readonly d: string }

declare const handle: unique symbol
/** A private key as a backend holds it. */
export type PrivateKey = { readonly [handle]: 'private' }
/** A public key as a backend holds it. */
export type PublicKey = { readonly [handle]: 'public' }

export type Primitives = {
  readonly name: 'node' | 'web'

  /** Octets of the system's CSPRNG. The caller owns the array. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>
  sha256(data: Uint8Array): Later<Uint8Array>
  /** The same at once, for short public data: identifiers are compared where nothing can wait. */
  sha256Sync(data: Uint8Array): Uint8Array

  /** A fresh key pair for one message: the private half can only agree. */
  generateEphemeralKey(crv: Curve): Later<{ readonly publicJwk: PublicJwk; readonly privateKey: PrivateKey }>
  /** A fresh private key to keep. */
  generatePrivateJwk(crv: Curve): Later<PrivateJwk>
  importPublicKey(jwk: PublicJwk, use: KeyUse): Later<PublicKey>
  importPrivateKey(jwk: PrivateJwk, use: KeyUse): Later<PrivateKey>

  /** Raw ECDH: the x coordinate, zero-padded to the octets of the curve. Throws or rejects on a point of low order and on an all-zero secret. */
  agree(privateKey: PrivateKey, publicKey: PublicKey): Later<Uint8Array>

  /** AES-256 Key Wrap, RFC 3394. */
  wrapKey(kek: Uint8Array, key: Uint8Array): Later<Uint8Array>
  /** Throws or rejects where the integrity check fails. */
  unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Later<Uint8Array>

  /** Encrypts; a string is encoded as UTF-8. `aad` is ASCII. */
  encrypt(
    enc: ContentAlgorithm,
    key: Uint8Array,
    iv: Uint8Array,
    aad: string,
    plaintext: string | Uint8Array,
  ): Later<{ readonly ciphertext: Uint8Array; readonly tag: Uint8Array }>
  /** Verifies the tag in constant time, before anything is decrypted, then decrypts. Throws or rejects alike on every failure. */
  decrypt(enc: ContentAlgorithm, key: Uint8Array, iv: Uint8Array, aad: string, ciphertext: Uint8Array, tag: Uint8Array): Later<Uint8Array>

  /** Signs. ECDSA signatures are r || s; those of ES256K have the lower s. */
  sign(alg: SignatureAlgorithm, privateKey: PrivateKey, data: Uint8Array): Later<Uint8Array>
  /** Verifies: EdDSA strictly (canonical S, R and A, nothing of small order), ECDSA with high s too (SIG-19). False, never a throw, where it does not hold. */
  verify(alg: SignatureAlgorithm, publicKey: PublicKey, data: Uint8Array, signature: Uint8Array): Later<boolean>
}
