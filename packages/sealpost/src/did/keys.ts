/**
 * PORT: where private keys are. They never come out: a store of keys agrees and signs.
 *
 * So WebCrypto's non-extractable keys, hardware and remote key services fit behind it. `sealpost/keys/memory` is one.
 *
 * @module
 */
import type { Later, PublicJwk } from '../jose/primitives/primitives.ts'
import type { DidUrl } from './did.ts'

export type Keys = {
  /** Those of the kids whose private keys are held, in the order given. "Not mine" is an answer, not an error. */
  held(kids: readonly DidUrl[]): Later<readonly DidUrl[]>

  /**
   * Raw ECDH between the private key of `kid` and a public key of the same curve, which the caller has validated: the shared
   * secret, zero-padded to the octets of the curve.
   *
   * @param lasting - true where the public key is a static one, so that the secret may be kept for the next message. It is
   * as sensitive as the private key: it must not leave the store otherwise, and its keeping must be bounded.
   */
  agree(kid: DidUrl, publicKey: PublicJwk, lasting: boolean): Later<Uint8Array>

  /** Signs octets by the algorithm of the key: EdDSA, ES256 or ES256K, 64 octets. */
  sign(kid: DidUrl, data: Uint8Array): Later<Uint8Array>
}
