/**
 * Hashes as did:webvh 1.0 has them: sha2-256, as a multihash in base58btc, of text or of JSON in its canonical form.
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#entry-hash-generation-and-verification | did:webvh 1.0, Entry Hash}
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { canonicalJson, encodeBase58btc, encodeUtf8 } from 'sealpost/bytes'

/** The digest of JSON in its canonical form. */
export const digestOf = (value: unknown): Uint8Array => sha256(encodeUtf8(canonicalJson(value)))

const multihash = (digest: Uint8Array): string => encodeBase58btc(Uint8Array.from([0x12, 0x20, ...digest]))

/** The hash of JSON: what an entry of a log, and the log itself, are known by. */
export const hashOf = (value: unknown): string => multihash(digestOf(value))

/** The hash of text: what a key is announced by before it is used. */
export const hashOfText = (text: string): string => multihash(sha256(encodeUtf8(text)))
