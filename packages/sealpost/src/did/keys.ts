/**
 * PORT: where private keys are. They never come out: a store of keys agrees and signs.
 *
 * So WebCrypto's non-extractable keys, hardware and remote key services fit behind it. `sealpost/keys/memory` is one. What makes keys,
 * and not only uses them, is a {@link KeyStore}.
 *
 * Where the keys cannot be asked now, functions reject with `ERR_STORE_FAILED` or another code that is retryable: `unpack` passes it on,
 * whereas every other error of an agreement counts as a message that cannot be decrypted.
 *
 * @module
 */
import type { Curve } from '../jose/algorithms.ts'
import type { KeyUse, Later, PublicJwk } from '../jose/primitives/primitives.ts'
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

/** A key of a store, as far as anybody may see it. */
export type StoredKey = {
  /** As the store keeps it, which of a did:peer may be its short form. */
  readonly kid: DidUrl
  readonly jwk: PublicJwk
  readonly uses: readonly KeyUse[]
}

/**
 * PORT: where private keys are made and kept. A DID is made of the public halves, and tells the kids; so a key is made first, and named
 * when its DID is known. `keyStoreConformance` of `sealpost/testing` shows whether a store keeps to this.
 */
export type KeyStore = {
  /** What `pack` and `unpack` take. It knows at once what the functions below changed. Kids of either form of a did:peer are answered (ADR-07). */
  readonly keys: Keys

  /**
   * Makes a private key for one use, and returns its public half. Until it is named it is used by nothing, and is gone where the store is
   * closed. Rejects with `ERR_USAGE_ARGUMENT` for a curve that is not of this use, with `ERR_UNSUPPORTED_CURVE` for one that the store lacks.
   */
  generate(crv: Curve, use: KeyUse): Promise<PublicJwk>

  /**
   * Gives a key that was made its kid; it resolves when that lasts. Rejects with `ERR_USAGE_NO_KEY` where no such key waits for its
   * name, with `ERR_USAGE_ARGUMENT` where the kid is none or another key has it (KID-09).
   */
  name(publicJwk: PublicJwk, kid: DidUrl): Promise<void>

  /** The keys that have a name. */
  list(): Promise<readonly StoredKey[]>

  /** Destroys a key; nothing brings it back. Returns whether there was one. */
  remove(kid: DidUrl): Promise<boolean>

  /** Lets go of what is open: files, sessions, connections. */
  close(): Promise<void>
}
