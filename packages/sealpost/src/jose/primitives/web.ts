/**
 * The primitives by WebCrypto, for browsers, workers, Deno and Bun. What a runtime's WebCrypto lacks is done in JavaScript, which
 * is loaded when it is needed first.
 *
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js'
import type { Primitives } from './primitives.ts'
import { decrypt, encrypt, unwrapKey, wrapKey } from './web-content.ts'
import { source, subtleCrypto } from './web-crypto.ts'
import { agree, generateEphemeralKey, generatePrivateJwk, importPrivateKey, importPublicKey, sign, verify } from './web-keys.ts'

// `getRandomValues` gives no more at once.
const maxRandomOctets = 65536

// What goes into a key derivation, or an `apv` of a few kids, is hashed here sooner than WebCrypto answers: it answers later, always,
// and on some runtimes from another thread.
const shortOctets = 1024

export const primitives: Primitives = {
  name: 'web',
  randomBytes(length) {
    const octets = new Uint8Array(length)
    for (let i = 0; i < length; i += maxRandomOctets) globalThis.crypto.getRandomValues(octets.subarray(i, i + maxRandomOctets))
    return octets
  },
  sha256(data) {
    // Asked for even where it is not needed: opening an envelope begins with a hash, so that a page without WebCrypto is told so.
    const subtle = subtleCrypto()
    return data.length <= shortOctets ? sha256(data) : subtle.digest('SHA-256', source(data)).then((hash) => new Uint8Array(hash))
  },
  sha256Sync: (data) => sha256(data),
  generateEphemeralKey,
  generatePrivateJwk,
  importPublicKey,
  importPrivateKey,
  agree,
  wrapKey,
  unwrapKey,
  encrypt,
  decrypt,
  sign,
  verify,
}
