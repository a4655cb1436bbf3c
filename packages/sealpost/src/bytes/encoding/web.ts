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

function slowToBase64url(bytes: Uint8Array): string {
  let binary = ''
  // In parts, because each octet is an argument of the call.
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function slowFromBase64url(text: string): Uint8Array {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}
