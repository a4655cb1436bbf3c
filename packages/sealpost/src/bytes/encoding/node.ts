/**
 * Base64url and UTF-8 by Node's Buffer, which is a global there.
 *
 * @module
 */
import type { Encoding } from './encoding.ts'

const view = (bytes: Uint8Array): Buffer => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))

// A Buffer is a Uint8Array whose `slice` shares its memory, and whose text is another: nobody asked for one.
const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length)

export const encoding: Encoding = {
  toBase64url: (bytes) => view(bytes).toString('base64url'),
  fromBase64url(text) {
    // Buffer looks at the low octet of a character only, so that a foreign letter can pass for one of the alphabet.
    if (Buffer.byteLength(text, 'utf8') !== text.length) throw new RangeError('not ASCII')
    return plain(Buffer.from(text, 'base64url'))
  },
  encodeUtf8: (text) => plain(Buffer.from(text, 'utf8')),
  decodeUtf8: (bytes) => view(bytes).toString('utf8'),
}
