/**
 * DID rotation: a JWT in which the prior DID says that the new one is its successor, or that it has none.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#did-rotation | v2.1, DID Rotation}
 * @module
 */
import { decodeBase64url } from '../bytes/base64url.ts'
import { isObject, parseJsonBytes } from '../bytes/json.ts'
import { type Did, type DidUrl, didOf, isDid, isDidUrl } from '../did/did.ts'
import type { MethodKey } from '../did/document.ts'
import type { Keys } from '../did/keys.ts'
import type { Resolver } from '../did/resolver.ts'
import { sameSubject } from '../did/subject.ts'
import { DidcommError, type ErrorCode, isDidcommError } from '../errors.ts'
import { parseCompactJws, signCompactJws, verifySignature } from '../jose/jws.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { lookupOf, ownKeys, type PublicKeys } from './lookup.ts'
import type { Rules } from './policy.ts'
import type { Proof, Warning } from './proof.ts'
import { signerOf } from './seal.ts'

const maxJwtBytes = 64 * 2 ** 10

// The year 5138. Whoever comes with more has milliseconds.
const latestSeconds = 1e11

const isSeconds = (time: number): boolean => Number.isSafeInteger(time) && time >= 0 && time < latestSeconds

/** What a rotation says. */
export type Rotation = {
  /** The key of the prior DID that signs: one of its `authentication` keys, which `keys` holds. */
  readonly prior: MethodKey
  /** The new DID; left out, the relationship ends, and the message must have no `from` (ROT-18). */
  readonly next?: Did
  /** When the DID was rotated, in epoch seconds: the same in every message that repeats it (ROT-04). */
  readonly issuedAtSeconds: number
}

/**
 * Signs a rotation. The same JWT goes into every message until one is received that was sent to the new DID (ROT-15).
 *
 * Exported from `sealpost/envelope`; `fromPrior` of `sealpost` is the same with the key looked up.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where the new DID is the prior one (ROT-12), or the time is no whole second.
 */
export function signFromPrior({ prior, next, issuedAtSeconds }: Rotation, keys: Keys): Promise<string> {
  const iss = didOf(prior.kid)
  if ((next !== undefined && (!isDid(next) || sameSubject(next, iss))) || !isSeconds(issuedAtSeconds)) {
    throw new DidcommError(
      'ERR_USAGE_ARGUMENT',
      `expected another DID than ${iss} without fragment, and the time in whole seconds, found ${issuedAtSeconds}`,
      {
        rule: 'ROT-12',
      },
    )
  }
  return signCompactJws(JSON.stringify({ ...(next && { sub: next }), iss, iat: issuedAtSeconds }), 'JWT', signerOf(prior, keys))
}

/**
 * Signs a rotation with a held key of the prior DID, which its document lists for signatures.
 *
 * Exported from `sealpost` and `sealpost/envelope`.
 *
 * @param rotation - `prior` is the DID that is left, or a DID URL that picks its key; `next` is left out where the relationship ends
 * @returns the JWT for the message's `from_prior`
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT`, `ERR_USAGE_NO_KEY`, `ERR_DID_*`.
 *
 * @example
 * ```ts
 * import { fromPrior, type Keys, type Resolver } from 'sealpost'
 *
 * const rotate = (keys: Keys, resolver: Resolver) =>
 *   fromPrior({ prior: 'did:example:alice', next: 'did:example:alice2', issuedAtSeconds: 1_700_000_000 }, { keys, resolver })
 * ```
 */
export async function fromPrior(
  { prior, next, issuedAtSeconds }: { readonly prior: Did | DidUrl; readonly next?: Did; readonly issuedAtSeconds: number },
  { keys, resolver }: { readonly keys: Keys; readonly resolver: Resolver },
): Promise<string> {
  const [key] = await ownKeys(prior, 'authentication', keys, lookupOf(resolver, 2))
  return signFromPrior({ prior: key as MethodKey, ...(next && { next }), issuedAtSeconds }, keys)
}

/**
 * Verifies the rotation that a message carries: any message, whoever it is from (ROT-05).
 *
 * @param proof - what the envelope of the message proved
 * @returns the proof with the rotation
 * @throws {DidcommError} `ERR_TRUST_ROTATION`: the message is refused as a whole.
 */
export async function verifyFromPrior(jwt: string, message: Plaintext, proof: Proof, publicKeys: PublicKeys, rules: Rules): Promise<Proof> {
  if (!proof.encrypted) throw refused('expected a rotation in an encrypted message, found one that is not', 'ROT-01')
  const { payload, signature } = parse(jwt)
  const { typ } = signature.header
  if (!(typ === undefined && !rules.strict) && !(typeof typ === 'string' && (rules.strict ? typ === 'JWT' : typ.toUpperCase() === 'JWT'))) {
    throw refused('expected `typ` of `from_prior` to be JWT', 'ROT-03')
  }
  const { iss, sub, iat } = claimsOf(payload, rules)
  const { kid } = signature
  // ROT-10: a kid of another DID is a takeover.
  if (!isDidUrl(kid) || !kid.includes('#') || !sameSubject(didOf(kid), iss))
    throw refused(`expected the key of \`from_prior\` to be one of ${iss}, found ${kid.slice(0, 80)}`, 'ROT-10')
  if (sub === undefined) {
    if (message.from !== undefined) throw refused('expected no `from` in a message that ends the relationship, found one', 'ROT-19')
  } else {
    if (message.from === undefined || !sameSubject(didOf(message.from as Did), sub))
      throw refused(`expected \`from\` to be the new DID, ${sub}, found ${message.from ?? 'none'}`, 'ROT-11')
    // Decision D-13: in anoncrypt, anybody who saw the JWT could send it.
    if (proof.sender === undefined)
      throw refused(`expected a message that proves to be sent by the new DID, found one that proves no sender`, 'ROT-01')
  }
  const key = await keyOfPrior(kid, publicKeys)
  if (key === 'gone') {
    // ROT-20: nothing is taken over from a DID that nobody can look up any more; the message itself is proved by its own sender.
    const gone: Warning = { rule: 'ROT-20', message: `the rotation from ${iss} could not be checked, since that DID does not resolve` }
    return { ...proof, warnings: [...proof.warnings, gone] }
  }
  if (key === undefined)
    throw refused(`expected ${kid} to be a key for signatures in the document of the prior DID (authentication), found none`, 'ROT-14')
  try {
    await verifySignature(signature, key.jwk)
  } catch (cause) {
    if (!isDidcommError(cause)) throw cause
    throw refused('expected a signature by the prior DID, found one that does not verify', 'ROT-09', cause)
  }
  const undated: Warning = { rule: 'ROT-04', message: 'the rotation does not say when it was: it counts as older than any other' }
  const warnings = iat === undefined ? [...proof.warnings, undated] : proof.warnings
  return { ...proof, rotation: { prior: iss, ...(sub && { next: sub }), issuedAt: iat ?? 0 }, warnings }
}

/** The key of the prior DID. What may pass is an error to try again; a DID that is gone stays so, and its successor repeats the JWT for ever. */
async function keyOfPrior(kid: DidUrl, publicKeys: PublicKeys): Promise<MethodKey | undefined | 'gone'> {
  try {
    return await publicKeys(kid, 'authentication')
  } catch (error) {
    if (isDidcommError(error, 'ERR_DID_NOT_FOUND', 'ERR_DID_DEACTIVATED', 'ERR_UNSUPPORTED_METHOD')) return 'gone'
    throw error
  }
}

function parse(jwt: string): ReturnType<typeof parseCompactJws> {
  try {
    return parseCompactJws(jwt, maxJwtBytes)
  } catch (cause) {
    if (!isDidcommError(cause) || cause.code === limitCode) throw cause
    throw refused(`expected \`from_prior\` to be a signed JWT: ${cause.message}`, cause.rule === 'SIG-14' ? 'ROT-09' : 'ROT-13', cause)
  }
}

const limitCode: ErrorCode = 'ERR_MALFORMED_LIMIT'

function claimsOf(payload: string, rules: Rules): { iss: Did; sub: Did | undefined; iat: number | undefined } {
  let claims: unknown
  try {
    claims = parseJsonBytes(decodeBase64url(payload))
  } catch (cause) {
    throw refused('expected `from_prior` to have claims in JSON', 'ROT-13', cause)
  }
  if (!isObject(claims)) throw refused('expected `from_prior` to have claims in a JSON object', 'ROT-13')
  const { iss, sub, iat, nbf, exp } = claims
  if (!isDid(iss) || (sub !== undefined && !isDid(sub)))
    throw refused('expected `iss` and `sub` of `from_prior` to be DIDs without fragment', 'ROT-12')
  if (sub !== undefined && sameSubject(iss, sub)) throw refused('expected `sub` of `from_prior` to be another DID than `iss`', 'ROT-12')
  for (const time of [iat, nbf, exp])
    if (time !== undefined && (typeof time !== 'number' || time < 0))
      throw refused('expected the times of `from_prior` in epoch seconds', 'ROT-04')
  const latest = rules.now + rules.clockSkewSeconds
  if (Number(iat ?? 0) > latest || Number(nbf ?? 0) > latest)
    throw refused('expected a rotation of the past, found one of the future', 'ROT-04')
  if (typeof exp === 'number' && exp < rules.now - rules.clockSkewSeconds)
    throw refused('expected `from_prior` to be valid still: its `exp` has passed', 'ROT-02')
  // Decision D-13.
  if (iat === undefined && rules.strict) throw refused('expected `iat` in `from_prior`, found none', 'ROT-04')
  return { iss, sub, iat: iat as number | undefined }
}

const refused = (message: string, rule: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_TRUST_ROTATION', message, { rule, cause })
