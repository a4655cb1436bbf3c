/**
 * Which encodings of Edwards points a strict verifier takes: the engines differ in that, so it is decided here, before they are asked.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8032#section-5.1.3 | RFC 8032, section 5.1.3}
 * @module
 */

// The y coordinates of the points of small order, with the sign bit cleared: 0, 1, p - 1, and two of order 8.
const smallOrder = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
].map((digits) => Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)))

/** Tells whether 32 octets encode a coordinate below p that is not one of a point of small order (SIG-19). */
export function isSoundPoint(encoded: Uint8Array): boolean {
  return (
    isBelowP(encoded) &&
    !smallOrder.some((point) => point.every((octet, i) => octet === (i === 31 ? (encoded[i] as number) & 0x7f : encoded[i])))
  )
}

/** Below p = 2^255 - 19, sign bit aside: only 19 encodings are not. */
function isBelowP(encoded: Uint8Array): boolean {
  if (((encoded[31] as number) & 0x7f) !== 0x7f || (encoded[0] as number) < 0xed) return true
  for (let i = 1; i < 31; i++) if (encoded[i] !== 0xff) return true
  return false
}
