/**
 * Base64url and UTF-8 by what every runtime has: `TextEncoder`, `TextDecoder`, and `Uint8Array.fromBase64` where it exists already.
 *
 * @module
 */
import type { Encoding } from './encoding.ts'

type WithBase64 = { fromBase64?(text: string, options: { alphabet: 'base64url' }): Uint8Array }
type ToBase64 = { toBase64?(options: { alphabet: 'base64url'; omitPadding: true }): string }

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const native = Uint8Array as unknown as WithBase64

export const encoding: Encoding = {
  toBase64url: (bytes) => (bytes as ToBase64).toBase64?.({ alphabet: 'base64url', omitPadding: true }) ?? slowToBase64url(bytes),
  fromBase64url: (text) => native.fromBase64?.(text, { alphabet: 'base64url' }) ?? slowFromBase64url(text),
  encodeUtf8: (text) => encoder.encode(text),
  decodeUtf8: (bytes) => decoder.decode(bytes),
}

const alphabet = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
const sextets = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) sextets[alphabet[i] as number] = i

// Loops over octets, since `btoa` and `atob` would need the text in another alphabet, and are slower on every engine that has no more than them.
function slowToBase64url(bytes: Uint8Array): string {
  const { length } = bytes
  // The two octets past the end count as zero; what stands for them alone is cut off.
  const characters = new Uint8Array(Math.ceil(length / 3) * 4)
  for (let i = 0, at = 0; i < length; i += 3) {
    const bits = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    characters[at++] = alphabet[bits >> 18] as number
    characters[at++] = alphabet[(bits >> 12) & 63] as number
    characters[at++] = alphabet[(bits >> 6) & 63] as number
    characters[at++] = alphabet[bits & 63] as number
  }
  return decoder.decode(characters.subarray(0, Math.ceil((length * 4) / 3)))
}

function slowFromBase64url(text: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  for (let i = 0, at = 0; i < text.length; i += 4) {
    // Past the end there is nothing to read, and nothing to write: octets beyond the array are dropped.
    const bits = (sextetAt(text, i) << 18) | (sextetAt(text, i + 1) << 12) | (sextetAt(text, i + 2) << 6) | sextetAt(text, i + 3)
    bytes[at++] = bits >> 16
    bytes[at++] = bits >> 8
    bytes[at++] = bits
  }
  return bytes
}

function sextetAt(text: string, i: number): number {
  if (i >= text.length) return 0
  const sextet = sextets[text.charCodeAt(i)]
  if (sextet === undefined || sextet < 0) throw new RangeError('not base64url')
  return sextet
}
