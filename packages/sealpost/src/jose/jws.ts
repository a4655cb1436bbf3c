/**
 * JSON Web Signatures: general and flattened, compact for `from_prior`, detached for attachments. It knows JOSE's rules; who may
 * sign for whom it does not know.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515 | RFC 7515}
 * @module
 */
import { primitives } from '#primitives'
import { decodeBase64url, encodeBase64url } from '../bytes/base64url.ts'
import { isObject, parseJson } from '../bytes/json.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { DidcommError } from '../errors.ts'
import { importLastingKey } from './agreement.ts'
import { type SignatureAlgorithm, signatureAlgorithms } from './algorithms.ts'
import { isPromise, type Later } from './later.ts'
import type { PublicJwk } from './primitives/primitives.ts'

/** Whoever signs: the algorithm of the key, and an operation that may be a hardware's. */
export type Signer = { readonly kid: string; readonly alg: SignatureAlgorithm; readonly sign: (data: Uint8Array) => Later<Uint8Array> }

/** A signature whose form was checked, and that was not verified. */
export type JwsSignature = {
  readonly alg: SignatureAlgorithm
  readonly kid: string
  /** All protected headers. */
  readonly header: Readonly<Record<string, unknown>>
  /** What was signed. */
  readonly input: Uint8Array
  readonly signature: Uint8Array
}

/** A signed message: its payload as it was received, base64url-encoded, and its one signature. */
export type Jws = { readonly payload: string; readonly signature: JwsSignature }

/**
 * Signs a payload in the General JSON Serialization with `kid` in the unprotected header: the one form that all implementations read (SIG-09, G-16, G-18).
 *
 * @returns the signed message as JSON text
 */
export async function signJws(payload: string | Uint8Array, typ: string, { kid, alg, sign }: Signer): Promise<string> {
  const header = protectedHeader(typ, alg)
  const encoded = encodeBase64url(typeof payload === 'string' ? encodeUtf8(payload) : payload)
  const signature = await sign(encodeUtf8(`${header}.${encoded}`))
  return `{"payload":"${encoded}","signatures":[{"protected":"${header}","signature":"${encodeBase64url(signature)}","header":{"kid":${JSON.stringify(kid)}}}]}`
}

// There are as many as there are algorithms and media types.
const protectedHeaders = new Map<string, string>()

function protectedHeader(typ: string, alg: SignatureAlgorithm): string {
  const name = `${alg} ${typ}`
  const known = protectedHeaders.get(name)
  if (known !== undefined) return known
  const header = encodeBase64url(encodeUtf8(JSON.stringify({ typ, alg })))
  protectedHeaders.set(name, header)
  return header
}

/** Signs a payload in the Compact Serialization, with `kid` in its header: a JWT, where the payload is a set of claims. */
export async function signCompactJws(payload: string, typ: string, { kid, alg, sign }: Signer): Promise<string> {
  const input = `${encodeBase64url(encodeUtf8(JSON.stringify({ typ, alg, kid })))}.${encodeBase64url(encodeUtf8(payload))}`
  return `${input}.${encodeBase64url(await sign(encodeUtf8(input)))}`
}

/** Signs content that stays where it is, and leaves the payload out (RFC 7515, appendix F). */
export async function signDetachedJws(
  content: Uint8Array,
  { kid, alg, sign }: Signer,
): Promise<{ protected: string; signature: string; header: { kid: string } }> {
  const header = encodeBase64url(encodeUtf8(JSON.stringify({ alg })))
  const signature = await sign(encodeUtf8(`${header}.${encodeBase64url(content)}`))
  return { protected: header, signature: encodeBase64url(signature), header: { kid } }
}

/**
 * Checks the form of a signed message: general or flattened (SIG-08), with one signature (decision D-04).
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENVELOPE`, `ERR_UNSUPPORTED_ALGORITHM`; `ERR_TRUST_SIGNATURE` for more than one signature.
 */
export function parseJws(message: Readonly<Record<string, unknown>>, maxHeaderBytes: number): Jws {
  const { payload, signatures } = message
  if (typeof payload !== 'string') throw malformed('expected `payload` to be base64url text', 'SIG-06')
  if (signatures !== undefined && ('signature' in message || 'protected' in message || 'header' in message)) {
    throw malformed('expected either the general or the flattened serialization, found members of both', 'SIG-08')
  }
  if (signatures === undefined) return { payload, signature: parseSignature(message, payload, maxHeaderBytes) }
  if (!Array.isArray(signatures) || signatures.length === 0) throw malformed('expected a signature in `signatures`, found none', 'SIG-17')
  if (signatures.length > 1) {
    throw new DidcommError(
      'ERR_TRUST_SIGNATURE',
      `expected the signature of the sender alone, found ${signatures.length} signatures (decision D-04)`,
      { rule: 'SIG-10' },
    )
  }
  return { payload, signature: parseSignature(signatures[0], payload, maxHeaderBytes) }
}

/**
 * Checks the form of a detached signature, against the content that it is for.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENVELOPE`, `ERR_UNSUPPORTED_ALGORITHM`.
 */
export function parseDetachedJws(jws: Readonly<Record<string, unknown>>, content: Uint8Array, maxHeaderBytes: number): JwsSignature {
  if ('payload' in jws) throw malformed('expected a detached JWS, which has no `payload`, found one', 'ATT-11')
  return parseJws({ ...jws, payload: encodeBase64url(content) }, maxHeaderBytes).signature
}

/**
 * Checks the form of a compact JWS.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENVELOPE`, `ERR_UNSUPPORTED_ALGORITHM`.
 */
export function parseCompactJws(jws: string, maxBytes: number): Jws {
  if (jws.length > maxBytes)
    throw new DidcommError('ERR_MALFORMED_LIMIT', `expected a JWT of at most ${maxBytes} octets, found more`, { rule: 'JOSE-05' })
  const [header, payload, signature, more] = jws.split('.', 4)
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined) {
    throw malformed('expected a compact JWS of three parts, found another number', 'ROT-13')
  }
  return { payload, signature: parseSignature({ protected: header, signature }, payload, maxBytes) }
}

/**
 * Verifies a signature with the public key that its `kid` stands for.
 *
 * @throws {DidcommError} `ERR_TRUST_KEY` where the key is not of the algorithm; `ERR_TRUST_SIGNATURE` where the signature does not verify.
 */
export async function verifySignature({ alg, kid, input, signature }: JwsSignature, jwk: PublicJwk): Promise<void> {
  if (jwk.crv !== signatureAlgorithms[alg].crv) {
    throw new DidcommError(
      'ERR_TRUST_KEY',
      `expected a key of ${signatureAlgorithms[alg].crv} for ${alg}, found ${kid} to be of ${jwk.crv}`,
      { rule: 'SIG-15' },
    )
  }
  const key = importLastingKey(jwk, 'sign')
  const valid = signature.length === 64 && (await primitives.verify(alg, isPromise(key) ? await key : key, input, signature))
  if (!valid)
    throw new DidcommError(
      'ERR_TRUST_SIGNATURE',
      `the signature by ${kid} does not verify: the message was changed, or signed by another key`,
      { rule: 'SIG-17' },
    )
}

function parseSignature(entry: unknown, payload: string, maxHeaderBytes: number): JwsSignature {
  if (!isObject(entry)) throw malformed('expected a signature to be a JSON object', 'SIG-07')
  const { protected: encodedHeader, header: unprotected, signature } = entry
  if (typeof encodedHeader !== 'string' || typeof signature !== 'string')
    throw malformed('expected a signature with `protected` and `signature`', 'SIG-07')
  if (encodedHeader.length * 0.75 > maxHeaderBytes) {
    throw new DidcommError('ERR_MALFORMED_LIMIT', `expected a protected header of at most ${maxHeaderBytes} octets, found more`, {
      rule: 'JOSE-05',
    })
  }
  const header = parseJson(decodeUtf8(decodeBase64url(encodedHeader)))
  if (!isObject(header)) throw malformed('expected the protected header to be a JSON object', 'JOSE-02')
  if (unprotected !== undefined) checkUnprotected(unprotected, header)
  if ('crit' in header) throw malformed('expected no critical headers (`crit`), found some', 'JOSE-01')
  if ('b64' in header) throw malformed('expected a payload in base64url: `b64` is not supported', 'SIG-18')
  const { alg } = header
  if (typeof alg !== 'string' || !Object.hasOwn(signatureAlgorithms, alg)) {
    const found = typeof alg === 'string' ? JSON.stringify(alg.slice(0, 40)) : typeof alg
    throw new DidcommError(
      'ERR_UNSUPPORTED_ALGORITHM',
      `expected \`alg\` to be ${Object.keys(signatureAlgorithms).join(', ')}, found ${found}`,
      { rule: 'SIG-15' },
    )
  }
  // SIG-14: protected or not, as the peer has it.
  const kid = header['kid'] ?? (unprotected as Record<string, unknown> | undefined)?.['kid']
  if (typeof kid !== 'string') throw malformed('expected the key of the signature by `kid`, found none', 'SIG-14')
  return {
    alg: alg as SignatureAlgorithm,
    kid,
    header,
    input: encodeUtf8(`${encodedHeader}.${payload}`),
    signature: decodeBase64url(signature),
  }
}

/** JOSE-02: no header in two places; and what decides about the signature is protected. */
function checkUnprotected(unprotected: unknown, header: Record<string, unknown>): void {
  if (!isObject(unprotected)) throw malformed('expected `header` to be a JSON object', 'JOSE-02')
  for (const name of Object.keys(unprotected)) {
    // An implementation in use writes the same `kid` in both, which leaves nothing to choose (SEC-22).
    if (name === 'kid' && header['kid'] === unprotected['kid']) continue
    if (Object.hasOwn(header, name))
      throw malformed(`expected the header ${JSON.stringify(name.slice(0, 40))} in one place, found it in two`, 'JOSE-02')
    if (['alg', 'crit', 'b64', 'typ', 'zip'].includes(name))
      throw malformed(`expected \`${name}\` in the protected header, found it outside`, 'JOSE-02')
  }
}

const malformed = (message: string, rule: string): DidcommError => new DidcommError('ERR_MALFORMED_ENVELOPE', message, { rule })
