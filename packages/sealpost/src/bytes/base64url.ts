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
  const over = text.length % 4
  const expected = Math.floor((text.length * 3) / 4)
  if (over !== 1 && !text.includes('+') && !text.includes('/')) {
    const bytes = attempt(text)
    // A decoder that skips a character gives fewer octets: that is seen by the length alone, without a look at each character.
    const last = text.charAt(text.length - 1)
    if (bytes?.length === expected && (over === 0 || (over === 2 ? endsOfTwo : endsOfThree).includes(last))) return bytes
  }
  throw new DidcommError('ERR_MALFORMED_ENCODING', `expected base64url without padding, found ${text.length} characters that are not`, {
    rule: 'JOSE-04',
  })
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
