/**
 * What the code of a curve offers, where it is done in JavaScript. It stands by itself, so that the curves and whoever loads them both
 * know it, and not each other.
 *
 * @module
 */

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
