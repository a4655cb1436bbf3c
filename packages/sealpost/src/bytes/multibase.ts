/**
 * Multibase, multicodec and multihash, as far as DIDs and attachments use them: base58btc and base64url, unsigned varints.
 *
 * @see {@link https://www.ietf.org/archive/id/draft-multiformats-multibase-08.html | The Multibase Data Format}
 * @module
 */
import { DidcommError } from '../errors.ts'
import { decodeBase64url, encodeBase64url } from './base64url.ts'

/** The codes of what multicodec prefixes announce, by name. */
export const multicodecs = {
  'sha2-256': 0x12,
  'sha2-512': 0x13,
  'p256-pub': 0x1200,
  'p384-pub': 0x1201,
  'p521-pub': 0x1202,
  'secp256k1-pub': 0xe7,
  'x25519-pub': 0xec,
  'ed25519-pub': 0xed,
  json: 0x0200,
} as const

// Base58 is slow in the square of the length. The longest there is, is a did:peer:4 with its document.
const maxBase58Length = 8192

const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Encodes octets in the alphabet of Bitcoin. A leading zero octet is a leading `1`. */
export function encodeBase58btc(bytes: Uint8Array): string {
  const zeros = leading(bytes, 0)
  const [fiveDigits, ...rest] = convert(grouped(bytes, 256, 2), 2 ** 16, 58 ** 5).reverse()
  const digits = fiveDigits === undefined ? '' : base58Digits(fiveDigits).replace(/^1+/, '') + rest.map(base58Digits).join('')
  return '1'.repeat(zeros) + digits
}

/**
 * Decodes base58btc.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENCODING` for a character outside of the alphabet; `ERR_MALFORMED_LIMIT` beyond 8,192 characters.
 */
export function decodeBase58btc(text: string): Uint8Array {
  if (text.length > maxBase58Length) {
    throw new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${maxBase58Length} characters of base58btc, found ${text.length}`)
  }
  const digits = Array.from(text, (character) => alphabet.indexOf(character))
  if (digits.includes(-1)) throw new DidcommError('ERR_MALFORMED_ENCODING', 'expected base58btc, found other characters')
  const zeros = leading(digits, 0)
  const octets = convert(grouped(digits, 58, 4), 58 ** 4, 2 ** 24).flatMap((limb) => [limb & 0xff, (limb >> 8) & 0xff, limb >> 16])
  while (octets.at(-1) === 0) octets.pop()
  return Uint8Array.from([...new Array<number>(zeros).fill(0), ...octets.reverse()])
}

/** Joins digits, the highest first, to digits of a base that is a power of theirs: many at once, or long texts would take tenths of a second. */
function grouped(digits: ArrayLike<number>, base: number, count: number): number[] {
  const groups: number[] = new Array(Math.ceil(digits.length / count)).fill(0)
  const first = groups.length * count - digits.length
  for (let i = 0; i < digits.length; i++) {
    const group = Math.floor((first + i) / count)
    groups[group] = (groups[group] as number) * base + (digits[i] as number)
  }
  return groups
}

/** Turns digits of one base, the highest first, into limbs of another, the lowest first. The product of the bases stays below 2^53. */
function convert(digits: readonly number[], base: number, limbBase: number): number[] {
  const limbs: number[] = []
  for (const digit of digits) {
    let carry = digit
    for (let j = 0; j < limbs.length; j++) {
      carry += (limbs[j] as number) * base
      // Not by `%`, which is slow beyond 31 bits.
      const over = Math.floor(carry / limbBase)
      limbs[j] = carry - over * limbBase
      carry = over
    }
    if (carry > 0) limbs.push(carry)
  }
  return limbs
}

function leading(digits: ArrayLike<number>, digit: number): number {
  let count = 0
  while (count < digits.length && digits[count] === digit) count++
  return count
}

function base58Digits(limb: number): string {
  let text = ''
  for (let rest = limb, i = 0; i < 5; i++, rest = Math.floor(rest / 58)) text = alphabet.charAt(rest % 58) + text
  return text
}

/** Encodes octets with the prefix that names the base: `z` for base58btc, `u` for base64url. */
export const encodeMultibase = (bytes: Uint8Array, base: 'z' | 'u'): string =>
  base + (base === 'z' ? encodeBase58btc(bytes) : encodeBase64url(bytes))

/**
 * Decodes base58btc (`z`) or base64url (`u`), by its prefix.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENCODING` for another prefix, or text that is not of the base.
 */
export function decodeMultibase(text: string): Uint8Array {
  if (text.startsWith('z')) return decodeBase58btc(text.slice(1))
  if (text.startsWith('u')) return decodeBase64url(text.slice(1))
  throw new DidcommError('ERR_MALFORMED_ENCODING', 'expected multibase that begins with z or u, found another')
}

/** Encodes a number of up to 28 bits as an unsigned varint. */
export function encodeVarint(value: number): Uint8Array {
  const octets: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) octets.push((rest & 0x7f) | 0x80)
  octets.push(rest)
  return Uint8Array.from(octets)
}

/**
 * Reads the unsigned varint that octets begin with, and tells how many it took.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENCODING` where it has no end, more than four octets, or more octets than it needs.
 */
export function readVarint(bytes: Uint8Array): { value: number; length: number } {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const octet = bytes[i]
    if (octet === undefined || (octet === 0 && i > 0)) break
    value |= (octet & 0x7f) << (7 * i)
    if (octet < 0x80) return { value, length: i + 1 }
  }
  throw new DidcommError('ERR_MALFORMED_ENCODING', 'expected an unsigned varint in its shortest form, found another')
}
