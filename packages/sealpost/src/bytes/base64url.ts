/**
 * Base64url as JOSE has it: one text for each sequence of octets. The platforms' decoders take padding, white space, characters
 * of other alphabets and stray bits; what they took is found out here (JOSE-04).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-2 | RFC 7515, section 2}
 * @module
 */
import { encoding } from '#encoding'
import { DidcommError } from '../errors.ts'

/** Encodes octets as base64url without padding. */
export const encodeBase64url = (bytes: Uint8Array): string => encoding.toBase64url(bytes)

// The last characters that leave no bits over: where two characters end the text they carry 8 of 12 bits, where three, 16 of 18.
const endsOfTwo = 'AQgw'
const endsOfThree = 'AEIMQUYcgkosw048'

/**
 * Decodes base64url without padding.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENCODING` for any character outside of the alphabet, padding, an impossible length, or unused bits that are not zero.
 */
export function decodeBase64url(text: string): Uint8Array {
  const bytes = text.length <= shortLength ? decodeShort(text) : decodeLong(text)
  if (bytes !== undefined) return bytes
  throw new DidcommError('ERR_MALFORMED_ENCODING', `expected base64url without padding, found ${text.length} characters that are not`, {
    rule: 'JOSE-04',
  })
}

// Up to here a loop is faster than a call of the platform: initialization vectors, tags, coordinates, hashes.
const shortLength = 64

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const sextets = new Int8Array(128).fill(-1)
for (let i = 0; i < 64; i++) sextets[alphabet.charCodeAt(i)] = i

function decodeShort(text: string): Uint8Array | undefined {
  const over = text.length % 4
  if (over === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const sextet = sextets[text.charCodeAt(i)]
    if (sextet === undefined || sextet < 0) return undefined
    bits = (bits << 6) | sextet
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at++] = bits >> held
      bits &= (1 << held) - 1
    }
  }
  return bits === 0 ? bytes : undefined
}

function decodeLong(text: string): Uint8Array | undefined {
  const over = text.length % 4
  if (over === 1 || text.includes('+') || text.includes('/')) return undefined
  const bytes = attempt(text)
  // A decoder that skips a character gives fewer octets: that is seen by the length alone, without a look at each character.
  if (bytes?.length !== Math.floor((text.length * 3) / 4)) return undefined
  const last = text.charAt(text.length - 1)
  return over === 0 || (over === 2 ? endsOfTwo : endsOfThree).includes(last) ? bytes : undefined
}

/**
 * Decodes base64 or base64url, with or without padding: what peers write into attachments and invitations (G-28). Not for JOSE.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENCODING` where it is neither.
 */
export function decodeBase64Tolerant(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const rest = padding === 0 ? text : text.slice(0, -padding)
  if (padding > 0 && text.length % 4 !== 0) return decodeBase64url(text)
  return decodeBase64url(rest.replaceAll('+', '-').replaceAll('/', '_'))
}

function attempt(text: string): Uint8Array | undefined {
  try {
    return encoding.fromBase64url(text)
  } catch {
    return undefined
  }
}
