/**
 * The X25519 key that an Ed25519 key stands for: the same point on the other form of the curve. Public data only, so plain integers will do.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7748#section-4.1 | RFC 7748, section 4.1}
 * @module
 */
import { decodeBase64url, encodeBase64url } from '../bytes/index.ts'
import { DidcommError } from '../errors.ts'
import { isSoundPoint } from '../jose/primitives/edwards.ts'
import type { PublicJwk } from '../jose/primitives/primitives.ts'

const p = 2n ** 255n - 19n
const d = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n

/**
 * Derives the public X25519 key of a public Ed25519 key: u = (1 + y) / (1 - y).
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY` where the octets are no point of the curve, or one of small order.
 */
export function x25519Of({ x }: PublicJwk): PublicJwk {
  const encoded = decodeBase64url(x)
  const y = toInteger(encoded) & (2n ** 255n - 1n)
  // (y² - 1) / (d·y² + 1) is x², so both have a root or neither has: told without a division.
  const square = mod((y * y - 1n) * (d * y * y + 1n))
  if (encoded.length !== 32 || !isSoundPoint(encoded) || power(square, (p - 1n) / 2n) !== 1n)
    throw new DidcommError('ERR_MALFORMED_KEY', 'expected an Ed25519 key that is a point of large order on the curve, found another', {
      rule: 'CRV-04',
    })
  const u = mod((1n + y) * power(mod(1n - y), p - 2n))
  return { kty: 'OKP', crv: 'X25519', x: encodeBase64url(toOctets(u)) }
}

const mod = (value: bigint): bigint => ((value % p) + p) % p

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = base
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % p
    square = (square * square) % p
  }
  return result
}

const toInteger = (littleEndian: Uint8Array): bigint => littleEndian.reduceRight((sum, octet) => (sum << 8n) | BigInt(octet), 0n)

const toOctets = (value: bigint): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
