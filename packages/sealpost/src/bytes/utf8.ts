/**
 * UTF-8, strictly: what is not UTF-8 is an error, never a replacement character (PLN-02).
 *
 * @module
 */
import { encoding } from '#encoding'
import { DidcommError } from '../errors.ts'

const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Encodes text as UTF-8. */
export const encodeUtf8 = (text: string): Uint8Array => encoding.encodeUtf8(text)

/**
 * Decodes UTF-8. A byte order mark stays in the text, so that JSON refuses it.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENCODING` where the octets are not UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  const text = encoding.decodeUtf8(bytes)
  // The lenient decoder is faster. Where it put no replacement character there was nothing to replace; where there is one, the slow decoder tells whether it was sent.
  if (!text.includes('\ufffd')) return text
  try {
    return fatal.decode(bytes)
  } catch {
    throw new DidcommError('ERR_MALFORMED_ENCODING', 'expected UTF-8, found octets that are not', { rule: 'PLN-02' })
  }
}
