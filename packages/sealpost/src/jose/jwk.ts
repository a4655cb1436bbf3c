/**
 * JSON Web Keys: the public and private keys of the profile, checked once, so that nothing below has to look again.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-6.2 | RFC 7518, section 6.2}, {@link https://www.rfc-editor.org/rfc/rfc8037#section-2 | RFC 8037, section 2}
 * @module
 */
import { decodeBase64url } from '../bytes/base64url.ts'
import { isObject } from '../bytes/json.ts'
import { DidcommError } from '../errors.ts'
import { type Curve, curves } from './algorithms.ts'
import { isOnCurve } from './point.ts'
import type { PrivateJwk, PublicJwk } from './primitives/primitives.ts'

export type { PrivateJwk, PublicJwk } from './primitives/primitives.ts'

/**
 * Checks a public key, and keeps of it only what makes the key: coordinates in their one spelling, of full length (CRV-05), and
 * a point on the curve (CRV-03), which no library is trusted to check.
 *
 * Exported from `sealpost/jose`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY`; `ERR_UNSUPPORTED_CURVE` for a key type or curve outside of the profile.
 */
export function checkPublicJwk(value: unknown): PublicJwk {
  if (isObject(value) && 'd' in value)
    throw malformed('expected a public key, found a private one: the member `d` must not be sent', 'CRV-10')
  return publicPart(value)
}

/**
 * Checks a private key, and keeps of it only what makes the key.
 *
 * Exported from `sealpost/jose`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY`; `ERR_UNSUPPORTED_CURVE` for a key type or curve outside of the profile.
 */
export function checkPrivateJwk(value: unknown): PrivateJwk {
  const publicJwk = publicPart(value)
  const d = (value as { d?: unknown }).d
  if (typeof d !== 'string') throw malformed('expected a private key with the member `d`, found none', 'CRV-05')
  coordinate('d', d, publicJwk.crv)
  return { ...publicJwk, d }
}

/** The public half of a private key. */
export function publicJwkOf({ d: _, ...publicJwk }: PrivateJwk): PublicJwk {
  return publicJwk
}

function publicPart(value: unknown): PublicJwk {
  if (!isObject(value)) throw malformed('expected a JWK, which is a JSON object', 'CRV-05')
  const { kty, crv, x, y } = value
  if (typeof crv !== 'string' || !Object.hasOwn(curves, crv) || curves[crv as Curve].kty !== kty) {
    throw new DidcommError(
      'ERR_UNSUPPORTED_CURVE',
      `expected a key of ${Object.keys(curves).join(', ')}, found kty ${show(kty)} with crv ${show(crv)}`,
      { rule: 'CRV-07' },
    )
  }
  const known = crv as Curve
  if (known === 'X25519' || known === 'Ed25519') {
    coordinate('x', x, known)
    return { kty: 'OKP', crv: known, x: x as string }
  }
  if (!isOnCurve(known, coordinate('x', x, known), coordinate('y', y, known)))
    throw malformed(`expected a point on ${known}, found one that is not`, 'CRV-03')
  return { kty: 'EC', crv: known, x: x as string, y: y as string }
}

function coordinate(name: string, value: unknown, crv: Curve): Uint8Array {
  const { octets } = curves[crv]
  try {
    const bytes = typeof value === 'string' && value.length <= 88 ? decodeBase64url(value) : undefined
    if (bytes?.length === octets) return bytes
  } catch (cause) {
    throw malformed(`expected \`${name}\` of a ${crv} key in base64url`, 'CRV-05', cause)
  }
  throw malformed(`expected \`${name}\` of a ${crv} key to be ${octets} octets in base64url, found another length`, 'CRV-05')
}

const malformed = (message: string, rule: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_KEY', message, { rule, cause })

const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value)
