/**
 * For which of a DID's keys a message is encrypted, and on which curve.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#key-ids-kid-and-skid-headers-references-in-the-did-document | v2.1, Key IDs}
 * @module
 */
import { primitives } from '#primitives'
import { type BoundedMap, boundedMap } from '../bounded-map.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type DidUrl, didOf } from '../did/did.ts'
import type { MethodKey } from '../did/document.ts'
import { DidcommError } from '../errors.ts'
import { type AgreementCurve, agreementCurves, type ContentAlgorithm } from '../jose/algorithms.ts'
import { type JweHeader, jweHeader } from '../jose/jwe.ts'
import { andThen, type Later } from '../jose/later.ts'
import { mediaTypes } from '../message/media-types.ts'

/** The keys of one DID on one curve, in the order of their kids, and the `apv` that stands for them. */
export type Audience = {
  readonly recipients: readonly MethodKey[]
  readonly apv: Uint8Array
  /** The headers of envelopes for it, by sender and algorithm, as they were made. */
  readonly headers: BoundedMap<string, JweHeader>
}

// So many of our own keys write to one and the same DID.
const headersKept = 16

/**
 * `apv`: SHA-256 of the kids, sorted by their octets and joined by dots (1PU-05, ES-02, G-01).
 *
 * @param kids - of this envelope alone (G-02)
 */
export const apvOf = (kids: readonly string[]): Later<Uint8Array> => primitives.sha256(joinKids(kids, false))

/** What `apv` is the hash of. */
export const joinKids = (kids: readonly string[], sorted: boolean): Uint8Array =>
  encodeUtf8((sorted ? kids : [...kids].sort(byOctets)).join('.'))

/** DID URLs are ASCII, so that code units are octets; never by a locale. */
const byOctets = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * The curve to encrypt on: the first of X25519, P-384, P-256, P-521 that the recipient has and, for authcrypt, the sender too (ENC-03, G-48, G-49).
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_CURVE` where they have none in common.
 */
export function chooseCurve(recipientKeys: readonly MethodKey[], senderKeys?: readonly MethodKey[]): AgreementCurve {
  const has = (keys: readonly MethodKey[], crv: AgreementCurve): boolean => keys.some(({ jwk }) => jwk.crv === crv)
  const crv = agreementCurves.find((candidate) => has(recipientKeys, candidate) && (senderKeys === undefined || has(senderKeys, candidate)))
  if (crv !== undefined) return crv
  const list = (keys: readonly MethodKey[]): string => [...new Set(keys.map(({ jwk }) => jwk.crv))].join(', ') || 'none'
  throw new DidcommError(
    'ERR_UNSUPPORTED_CURVE',
    `expected a curve that sender and recipient have in common, found ${list(senderKeys ?? [])} and ${list(recipientKeys)}: send anoncrypt(signed), or make a key on one of theirs`,
    { rule: 'CRV-01' },
  )
}

/**
 * As many keys as are practical (DOC-01): the document of a stranger must not keep us busy for seconds, and a key agreement of the larger
 * curves takes many times as long. A receiver takes 1,024.
 */
const mostRecipients: Readonly<Record<AgreementCurve, number>> = { X25519: 1024, 'P-256': 512, 'P-384': 64, 'P-521': 32 }

const audiences = new WeakMap<object, Partial<Record<string, Audience>>>()

/**
 * All keys on a curve (KID-02, DOC-01), ready to encrypt for. It is kept for as long as the list of keys is (or the one key in it), where that is frozen.
 *
 * @param keys - of one DID (ENC-01)
 * @throws {DidcommError} `ERR_MALFORMED_LIMIT` for more keys than are practical.
 */
export function audienceOf(keys: readonly MethodKey[], crv: AgreementCurve): Later<Audience> {
  // A routing key comes alone, in a list that is made for it.
  const identity = keys.length === 1 && keys[0] !== undefined ? keys[0] : keys
  const known = audiences.get(identity)?.[crv]
  if (known !== undefined) return known
  const recipients = keys.filter(({ jwk }) => jwk.crv === crv).sort((a, b) => byOctets(a.kid, b.kid))
  if (recipients.length > mostRecipients[crv]) {
    const owner = didOf((recipients[0] as MethodKey).kid)
    const message = `expected at most ${mostRecipients[crv]} keys of ${crv} to encrypt for, found ${recipients.length} of ${owner}`
    throw new DidcommError('ERR_MALFORMED_LIMIT', message, { rule: 'DOC-01' })
  }
  return andThen(apvOf(recipients.map(({ kid }) => kid)), (apv) => {
    const audience = { recipients, apv, headers: boundedMap<string, JweHeader>(headersKept) }
    if (Object.isFrozen(identity)) audiences.set(identity, { ...audiences.get(identity), [crv]: audience })
    return audience
  })
}

/** The protected headers of anoncrypt for an audience (ES-01 to ES-05), with `typ` among them (MED-06). */
export function anoncryptHeader({ apv, headers }: Audience, enc: ContentAlgorithm): JweHeader {
  return headers.get(enc) ?? keep(headers, enc, jweHeader({ alg: 'ECDH-ES+A256KW', enc, apv }, { typ: mediaTypes.encrypted }))
}

/** The protected headers of authcrypt: `skid` is the sender's key (KID-05), and `apu` the same in base64url (1PU-04). */
export function authcryptHeader({ apv, headers }: Audience, skid: DidUrl): JweHeader {
  const make = (): JweHeader =>
    jweHeader({ alg: 'ECDH-1PU+A256KW', enc: 'A256CBC-HS512', apu: encodeUtf8(skid), apv }, { typ: mediaTypes.encrypted, skid })
  return headers.get(skid) ?? keep(headers, skid, make())
}

function keep(headers: Audience['headers'], name: string, header: JweHeader): JweHeader {
  headers.set(name, header)
  return header
}
