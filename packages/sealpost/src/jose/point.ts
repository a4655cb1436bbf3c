/**
 * Points of the elliptic curves, as far as public data goes: on the curve or not, compressed or not. No secret comes here, so plain
 * integers will do.
 *
 * @see {@link https://www.secg.org/sec1-v2.pdf | SEC 1, section 2.3}
 * @module
 */
import { decodeBase64url, encodeBase64url } from '../bytes/base64url.ts'
import { DidcommError } from '../errors.ts'
import { curves } from './algorithms.ts'
import type { PublicJwk } from './primitives/primitives.ts'

/** The curves of key type EC. */
export type EcCurve = 'P-256' | 'P-384' | 'P-521' | 'secp256k1'

type Parameters = { readonly p: bigint; readonly a: bigint; readonly b: bigint }

// y² = x³ + ax + b over the integers modulo p. Each p is 3 modulo 4, so that a square root is one power.
const parameters: Record<EcCurve, Parameters> = {
  'P-256': {
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    a: -3n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    a: -3n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    p: 2n ** 521n - 1n,
    a: -3n,
    b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
  secp256k1: { p: 2n ** 256n - 2n ** 32n - 977n, a: 0n, b: 7n },
}

/** Tells whether coordinates of full length are those of a point on the curve (CRV-03). Infinity has none. */
export function isOnCurve(crv: EcCurve, x: Uint8Array, y: Uint8Array): boolean {
  const { p } = parameters[crv]
  const [px, py] = [toInteger(x), toInteger(y)]
  return px < p && py < p && (py * py) % p === ySquared(crv, px)
}

/**
 * Turns a compressed point into a public key.
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY` where the octets are not a compressed point of the curve.
 */
export function decompressPoint(crv: EcCurve, bytes: Uint8Array): PublicJwk {
  const { octets } = curves[crv]
  const { p } = parameters[crv]
  const x = bytes.subarray(1)
  const sign = bytes[0]
  if (x.length !== octets || (sign !== 2 && sign !== 3)) {
    throw new DidcommError(
      'ERR_MALFORMED_KEY',
      `expected a compressed point of ${crv} in ${octets + 1} octets, found another form of ${bytes.length}`,
      { rule: 'CRV-05' },
    )
  }
  const px = toInteger(x)
  const square = px < p ? ySquared(crv, px) : undefined
  const root = square === undefined ? 0n : power(square, (p + 1n) / 4n, p)
  if (square === undefined || (root * root) % p !== square) {
    throw new DidcommError('ERR_MALFORMED_KEY', `expected a point on ${crv}, found none with this coordinate`, { rule: 'CRV-03' })
  }
  const py = Number(root & 1n) === (sign & 1) ? root : p - root
  return { kty: 'EC', crv, x: encodeBase64url(x), y: encodeBase64url(toOctets(py, octets)) }
}

/** Turns a public key of key type EC into a compressed point. */
export function compressPoint({ x, y = '' }: PublicJwk): Uint8Array {
  return Uint8Array.of(2 + ((decodeBase64url(y).at(-1) ?? 0) & 1), ...decodeBase64url(x))
}

function ySquared(crv: EcCurve, x: bigint): bigint {
  const { p, a, b } = parameters[crv]
  return ((((x * x + a) * x + b) % p) + p) % p
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}

const hex = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

function toInteger(bytes: Uint8Array): bigint {
  let digits = '0x'
  for (const octet of bytes) digits += hex[octet]
  return BigInt(digits)
}

function toOctets(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(2 * length, '0')
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16))
}
