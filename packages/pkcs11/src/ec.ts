/**
 * Curves and points as PKCS#11 writes them: object identifiers in DER, points in an octet string of DER or bare. All of it is public.
 *
 * @see {@link https://docs.oasis-open.org/pkcs11/pkcs11-spec/v3.1/pkcs11-spec-v3.1.html | PKCS #11 Specification 3.1, section 6.3}
 * @module
 */
import { decodeBase64url, encodeBase64url } from 'sealpost/bytes'
import { type Curve, checkPublicJwk, curves, type PublicJwk } from 'sealpost/jose'

const identifiers: Readonly<Record<Curve, string>> = {
  'P-256': '06082a8648ce3d030107',
  'P-384': '06052b81040022',
  'P-521': '06052b81040023',
  secp256k1: '06052b8104000a',
  Ed25519: '06032b6570',
  X25519: '06032b656e',
}

// Modules of before version 3.1 know these two by name, as a printable string.
const names: Readonly<Record<string, Curve>> = { '130c656477617264733235353139': 'Ed25519', '130a63757276653235353139': 'X25519' }

const curveOf: ReadonlyMap<string, Curve> = new Map([
  ...(Object.keys(identifiers) as Curve[]).map((crv) => [identifiers[crv], crv] as const),
  ...Object.entries(names),
])

/** CKA_EC_PARAMS of a curve. */
export const parametersOf = (crv: Curve): Buffer => Buffer.from(identifiers[crv], 'hex')

/** The curve of CKA_EC_PARAMS, or undefined where it is none of the profile. */
export const curveOfParameters = (parameters: Buffer): Curve | undefined => curveOf.get(parameters.toString('hex'))

/** The point of a public key, as key derivation takes it: uncompressed, or the octets of X25519. */
export function pointOf({ crv, x, y = '' }: PublicJwk): Buffer {
  const octets = [decodeBase64url(x), decodeBase64url(y)]
  return curves[crv].kty === 'OKP' ? Buffer.from(octets[0] ?? []) : Buffer.concat([Uint8Array.of(4), ...octets])
}

/**
 * The public key of CKA_EC_POINT, as one module writes it or the other.
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY` where it is no point of the curve.
 */
export function jwkOfPoint(crv: Curve, value: Buffer): PublicJwk {
  const { kty, octets } = curves[crv]
  const length = kty === 'OKP' ? octets : 1 + 2 * octets
  // An octet string has its tag and its length, of one or two octets here, before what is in it.
  const point = value.subarray(Math.max(0, value.length - length))
  const x = encodeBase64url(kty === 'OKP' ? point : point.subarray(1, 1 + octets))
  return checkPublicJwk(kty === 'OKP' ? { kty, crv, x } : { kty, crv, x, y: encodeBase64url(point.subarray(1 + octets)) })
}
