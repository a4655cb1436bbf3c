/**
 * Curves in JavaScript, for what a runtime's WebCrypto lacks: secp256k1 everywhere, the others on old engines. Each family is its
 * own chunk, loaded at the first need, so that a browser that has the curves never fetches them.
 *
 * Keys are octets here: 32 for OKP, the uncompressed point for EC. It knows nothing of JWKs.
 *
 * @module
 */
import type { Curve } from '../algorithms.ts'
import type { SoftwareCurve } from './software-curve.ts'

export type { SoftwareCurve } from './software-curve.ts'

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
