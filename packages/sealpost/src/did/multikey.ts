/**
 * Public keys as octets: multicodec keys, SEC1 points, and the way to JWKs and back. It knows no document.
 *
 * @see {@link https://www.w3.org/TR/cid-1.0/#Multikey | Controlled Identifiers, Multikey}
 * @module
 */
import {
  decodeBase64url,
  decodeMultibase,
  encodeBase64url,
  encodeMultibase,
  encodeVarint,
  multicodecs,
  readVarint,
} from '../bytes/index.ts'
import { DidcommError } from '../errors.ts'
import { type Curve, curves } from '../jose/algorithms.ts'
import { checkPublicJwk } from '../jose/jwk.ts'
import { compressPoint, decompressPoint, type EcCurve } from '../jose/point.ts'
import type { PublicJwk } from '../jose/primitives/primitives.ts'

/** The multicodec of each curve. */
const codecs: Readonly<Record<Curve, number>> = {
  Ed25519: multicodecs['ed25519-pub'],
  X25519: multicodecs['x25519-pub'],
  'P-256': multicodecs['p256-pub'],
  'P-384': multicodecs['p384-pub'],
  'P-521': multicodecs['p521-pub'],
  secp256k1: multicodecs['secp256k1-pub'],
}

const curveOfCodec: ReadonlyMap<number, Curve> = new Map((Object.keys(codecs) as Curve[]).map((crv) => [codecs[crv], crv]))

/**
 * Reads a Multikey, such as `z6Mk…`: the code of the curve and the key, the NIST curves and secp256k1 as compressed points.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENCODING` where it is not multibase; `ERR_MALFORMED_KEY` for another code, a length that does not
 * fit the curve, or a point that is not on it.
 *
 * @example
 * ```ts
 * import { jwkOfMultikey } from 'sealpost/did'
 *
 * console.log(jwkOfMultikey('z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK').crv) // Ed25519
 * ```
 *
 * @see {@link https://www.w3.org/TR/cid-1.0/#Multikey | Controlled Identifiers, Multikey}
 */
export function jwkOfMultikey(multikey: string): PublicJwk {
  const jwk = jwkOfMulticodec(decodeMultibase(multikey))
  if (jwk === undefined) throw malformedKey('a multicodec prefix of a supported public key', 'another')
  return jwk
}

/**
 * Writes a public key as a Multikey in base58btc.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_KEY` where the JWK is not a valid public key.
 */
export function multikeyOf(jwk: PublicJwk): string {
  const key = checkPublicJwk(jwk)
  const octets = key.kty === 'EC' ? compressPoint(key) : decodeBase64url(key.x)
  return encodeMultibase(Uint8Array.from([...encodeVarint(codecs[key.crv]), ...octets]), 'z')
}

/** Reads octets that begin with a multicodec; undefined where the code is none of a supported key. Throws `ERR_MALFORMED_KEY` where the rest does not fit it. */
export function jwkOfMulticodec(bytes: Uint8Array): PublicJwk | undefined {
  const prefix = attemptVarint(bytes)
  const crv = prefix && curveOfCodec.get(prefix.value)
  if (prefix === undefined || crv === undefined) return undefined
  const key = bytes.subarray(prefix.length)
  const octets = curves[crv].octets + (curves[crv].kty === 'EC' ? 1 : 0)
  // A Multikey has compressed points alone: one key, one text.
  if (key.length !== octets) throw malformedKey(`${octets} octets for ${crv}`, `${key.length}`)
  return jwkOfRaw(crv, key)
}

/** Reads the octets of a key whose curve is known: as they are for X25519 and Ed25519, else a SEC1 point, compressed or not. Throws `ERR_MALFORMED_KEY`. */
export function jwkOfRaw(crv: Curve, key: Uint8Array): PublicJwk {
  const { kty, octets } = curves[crv]
  if (kty === 'OKP') return checkPublicJwk({ kty, crv, x: encodeBase64url(key) })
  if (key.length !== 2 * octets + 1) return decompressPoint(crv as EcCurve, key)
  if (key[0] !== 4) throw malformedKey('a SEC1 point that begins with 2, 3 or 4', `${key[0]}`)
  return checkPublicJwk({ kty, crv, x: encodeBase64url(key.subarray(1, octets + 1)), y: encodeBase64url(key.subarray(octets + 1)) })
}

const malformedKey = (expected: string, found: string): DidcommError =>
  new DidcommError('ERR_MALFORMED_KEY', `expected ${expected}, found ${found}`, { rule: 'DOC-05' })

function attemptVarint(bytes: Uint8Array): { value: number; length: number } | undefined {
  try {
    return readVarint(bytes)
  } catch {
    return undefined
  }
}
