/**
 * Curves in JavaScript, for what a runtime's WebCrypto lacks: secp256k1 everywhere, the others on old engines. Each family is its
 * own chunk, loaded at the first need, so that a browser that has the curves never fetches them.
 *
 * Keys are octets here: 32 for OKP, the uncompressed point for EC. It knows nothing of JWKs.
 *
 * @module
 */
import type { Curve } from '../algorithms.ts'

/** What a curve in JavaScript can do. All of it throws on octets that are no key. */
export type SoftwareCurve = {
  /** A private key from the system's CSPRNG. */
  generate(): Uint8Array
  publicKeyOf(secret: Uint8Array): Uint8Array
  /** Throws where the octets are not a point of the curve. */
  checkPublicKey(publicKey: Uint8Array): void
  /** The shared x coordinate, or for X25519 its u. */
  agree?(secret: Uint8Array, publicKey: Uint8Array): Uint8Array
  sign?(secret: Uint8Array, data: Uint8Array): Uint8Array
  verify?(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean
}

/** Loads the code of a curve. */
export async function loadCurve(crv: Curve): Promise<SoftwareCurve> {
  switch (crv) {
    case 'secp256k1':
      return (await import('./software-secp256k1.ts')).secp256k1Curve
    case 'X25519':
      return (await import('./software-25519.ts')).x25519Curve
    case 'Ed25519':
      return (await import('./software-25519.ts')).ed25519Curve
    default:
      return (await import('./software-nist.ts')).nistCurves[crv]
  }
}
