/**
 * XChaCha20-Poly1305 by noble: all of it where WebCrypto has no ChaCha20-Poly1305, and elsewhere the step that turns the long nonce
 * into a key. Loaded at the first XC20P.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha-03#section-2.2 | HChaCha20}
 * @module
 */
import { hchacha, xchacha20poly1305 } from '@noble/ciphers/chacha.js'

// "expand 32-byte k" as four words, in the byte order of this machine: the function works in place on words.
const sigma = words(new TextEncoder().encode('expand 32-byte k'))

/** The key that ChaCha20-Poly1305 takes for a key and the first 16 octets of a nonce of 24. */
export function subkey(key: Uint8Array, nonce: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint32Array(8)
  const keyWords = words(key)
  hchacha(sigma, keyWords, words(nonce.subarray(0, 16)), out)
  keyWords.fill(0)
  return new Uint8Array(out.buffer)
}

/** Encrypts; the tag stands behind the ciphertext. */
export const seal = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array =>
  xchacha20poly1305(key, nonce, aad).encrypt(plaintext)

/** Decrypts a ciphertext with its tag behind it, and throws where the tag does not verify. */
export const open = (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array =>
  xchacha20poly1305(key, nonce, aad).decrypt(sealed)

/** A copy, so that the words are aligned. */
function words(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  return new Uint32Array(Uint8Array.from(bytes).buffer)
}
