/**
 * The port to the platform's base64url and UTF-8, because they are many times faster than anything written in JavaScript. Two
 * backends stand behind it, `node.ts` and `web.ts`, chosen by the import condition `#encoding`.
 *
 * Neither checks enough: strictness is `base64url.ts` and `utf8.ts`.
 *
 * @module
 */
export type Encoding = {
  /** base64url without padding. */
  toBase64url(bytes: Uint8Array): string
  /** Decodes base64url. Where a character is of no base64 alphabet it must throw, or give fewer octets than the length of the text demands. */
  fromBase64url(text: string): Uint8Array
  encodeUtf8(text: string): Uint8Array
  /** Replaces what is not UTF-8 by U+FFFD, and keeps a byte order mark. */
  decodeUtf8(bytes: Uint8Array): string
}
