/**
 * Octets and text, strictly: base64url, multibase, JSON, UTF-8.
 *
 * @module
 */
export { decodeBase64Tolerant, decodeBase64url, encodeBase64url } from './base64url.ts'
export { canonicalJson, defaultMaxDepth, isObject, parseJson, parseJsonBytes } from './json.ts'
export { decodeBase58btc, decodeMultibase, encodeBase58btc, encodeMultibase, encodeVarint, multicodecs, readVarint } from './multibase.ts'
export { decodeUtf8, encodeUtf8 } from './utf8.ts'
