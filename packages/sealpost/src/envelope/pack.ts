/**
 * Packing: DIDs resolved, keys chosen, the message sealed for each recipient and wrapped for the mediators before it.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#sender-process-to-enable-forwarding | v2.1, Sender Process to Enable Forwarding}
 * @module
 */
import { type Did, type DidUrl, didOf, isDid } from '../did/did.ts'
import { keysOf, type MethodKey } from '../did/document.ts'
import type { Keys } from '../did/keys.ts'
import type { DidDocument, Resolver } from '../did/resolver.ts'
import type { Endpoint } from '../did/service.ts'
import { canonicalDid, sameSubject } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import type { ContentAlgorithm } from '../jose/algorithms.ts'
import { mediaTypes } from '../message/media-types.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { requireMessage, requirePorts } from './arguments.ts'
import { wrapForward } from './forward.ts'
import { type Lookup, lookupOf, ownKeys } from './lookup.ts'
import { audienceOf, chooseCurve } from './recipients.ts'
import { directEndpoints, routeTo } from './route.ts'
import { checkEnc, defaultEnc, encryptLayers, layersFor, requireFrom, serialize, signLayer } from './seal.ts'
import type { Layer, Wrapping } from './wrapping.ts'

export type PackOptions = {
  readonly keys: Keys
  readonly resolver: Resolver
  /** By default `authcrypt` where there is a sender (MED-13, ENC-09), else `anoncrypt`, whose sender is anonymous (GEN-06). */
  readonly as?: Wrapping
  /** By default the message's `to`. */
  readonly to?: Did | readonly Did[]
  /** By default the message's `from`. A DID URL with fragment picks the key. */
  readonly from?: Did | DidUrl
  /** By default `from`. */
  readonly signBy?: Did | DidUrl
  /** Content encryption, `A256CBC-HS512` by default; the others are for anoncrypt alone. */
  readonly enc?: ContentAlgorithm
  /** Wrap for the recipient's mediators; true by default. */
  readonly forward?: boolean
  /**
   * Which of the recipient's endpoints may be used; all by default. Where delivery failed, pack again without the endpoints that failed:
   * another endpoint can have other mediators to wrap for (FLO-01).
   */
  readonly useEndpoint?: (endpoint: Endpoint) => boolean
}

/** A message ready to travel. */
export type Packed = {
  /** Whom it is for; absent where it is not encrypted. */
  readonly to?: Did
  readonly envelope: string
  readonly mediaType: string
  readonly wrapping: Wrapping
  /** The keys that can open the message, or verify it where it is signed alone. */
  readonly kids: readonly DidUrl[]
  /** Where it can be brought as it is (SND-04), with no reply to wait for (GEN-07), in the order of the recipient's preference (SVC-06). Bring it to one of them (SVC-07). */
  readonly endpoints: readonly Endpoint[]
}

/**
 * Packs a message: signed once where it is to be signed, encrypted once for each DID that it is for (SND-01, ENC-02), on the best curve that both sides have, for all of the recipient's keys on it.
 *
 * Exported from `sealpost` and `sealpost/envelope`.
 *
 * @throws {DidcommError} `ERR_USAGE_*`, `ERR_MALFORMED_MESSAGE`, `ERR_DID_*`, `ERR_UNSUPPORTED_CURVE`, `ERR_UNSUPPORTED_PROFILE`.
 *
 * @example
 * ```ts
 * import { type Keys, pack, type Resolver } from 'sealpost'
 *
 * async function greet(keys: Keys, resolver: Resolver): Promise<string | undefined> {
 *   const message = { id: '1', type: 'https://example.com/hello/1.0/hello', from: 'did:example:alice', to: ['did:example:bob'], body: {} }
 *   const [packed] = await pack(message, { keys, resolver })
 *   return packed?.envelope
 * }
 * ```
 */
export async function pack(message: Plaintext, options: PackOptions): Promise<readonly Packed[]> {
  requireMessage(message)
  requirePorts(options, 'keys', 'resolver')
  const { keys, resolver, enc = defaultEnc, forward = true, useEndpoint } = options
  const sender = options.from ?? (message.from as Did | undefined)
  const wrapping = options.as ?? (sender === undefined ? 'anoncrypt' : 'authcrypt')
  const layers = layersFor(wrapping)
  checkEnc(layers, enc)
  const encrypted = layers.some((layer) => layer !== 'signed')
  const whole = complete(message, sender, options.to, layers)
  if (whole.from_prior !== undefined && !encrypted) {
    throw new DidcommError('ERR_USAGE_WRAPPING', `expected a rotation to be encrypted, found \`as\` to be ${wrapping}`, { rule: 'ROT-01' })
  }
  const text = serialize(whole, layers)
  const recipients = recipientsOf(whole, options, encrypted, layers)
  const lookup = lookupOf(resolver, Number.POSITIVE_INFINITY)

  const signer = layers.includes('signed')
    ? (await ownKeys(signingDid(options.signBy, sender, layers), 'authentication', keys, lookup))[0]
    : undefined
  const inner = signer === undefined ? text : await signLayer(text, whole, keys, signer)
  if (!encrypted) {
    const mediaType = signer === undefined ? mediaTypes.plaintext : mediaTypes.signed
    return [{ envelope: inner, mediaType, wrapping, kids: signer === undefined ? [] : [signer.kid], endpoints: [] }]
  }
  const senderKeys = layers.includes('authcrypt') ? await ownKeys(requiredSender(sender), 'keyAgreement', keys, lookup) : undefined
  const packed: Packed[] = []
  for (const to of recipients)
    packed.push(await packFor(to, { inner, whole, wrapping, layers, senderKeys, keys, enc, forward, useEndpoint, lookup }))
  return packed
}

type Parts = {
  readonly inner: string
  readonly whole: Plaintext
  readonly wrapping: Wrapping
  readonly layers: readonly Layer[]
  readonly senderKeys: readonly MethodKey[] | undefined
  readonly keys: Keys
  readonly enc: ContentAlgorithm
  readonly forward: boolean
  readonly useEndpoint: PackOptions['useEndpoint']
  readonly lookup: Lookup
}

async function packFor(
  to: Did,
  { inner, whole, wrapping, layers, senderKeys, keys, enc, forward, useEndpoint, lookup }: Parts,
): Promise<Packed> {
  const document = await lookup.document(to)
  const theirs = agreementKeysOf(document)
  const crv = chooseCurve(theirs, senderKeys)
  const sender = senderKeys?.find(({ jwk }) => jwk.crv === crv)?.kid
  if (sender !== undefined) requireFrom(whole, sender, 'ADR-01')
  const audience = await audienceOf(theirs, crv)
  const envelope = await encryptLayers(inner, layers, { keys, audience, sender, enc })
  const { endpoints, hops } = forward ? await routeTo(document, lookup, useEndpoint) : { endpoints: directEndpoints(document), hops: [] }
  return {
    to,
    envelope: hops.length === 0 ? envelope : await wrapForward(envelope, { hops, next: to, enc, expiresTime: whole.expires_time }),
    mediaType: mediaTypes.encrypted,
    wrapping,
    kids: audience.recipients.map(({ kid }) => kid),
    endpoints,
  }
}

function agreementKeysOf(document: DidDocument): readonly MethodKey[] {
  const keys = keysOf(document, 'keyAgreement')
  if (keys.length > 0) return keys
  throw new DidcommError('ERR_DID_NO_KEY_AGREEMENT', `expected ${document.id} to have a key for encryption, found none that can be used`, {
    rule: 'KID-01',
  })
}

function recipientsOf({ to }: Plaintext, options: PackOptions, encrypted: boolean, layers: readonly Layer[]): readonly Did[] {
  const given = options.to ?? (to as readonly Did[] | undefined) ?? []
  const list = typeof given === 'string' ? [given] : given
  const strange = Array.isArray(list) ? list.findIndex((did: unknown) => typeof did !== 'string' || !isDid(didOf(did as Did))) : 0
  if (strange >= 0)
    throw new DidcommError('ERR_MALFORMED_DID', `expected a DID in \`to\`, found ${String(list[strange]).slice(0, 80)}`, { rule: 'HDR-05' })
  // One envelope for one subject, whichever of its names it has here.
  const dids = list.length < 2 ? list.map(didOf) : [...new Map(list.map((did) => [canonicalDid(didOf(did)), didOf(did)])).values()]
  if (encrypted && dids.length === 0)
    throw new DidcommError(
      'ERR_USAGE_NO_RECIPIENT',
      'expected somebody to encrypt for, in `to` of the options or of the message, found nobody',
      { rule: 'ENC-01' },
    )
  const unnamed =
    layers.includes('signed') && encrypted ? dids.find((did) => !to?.some((named) => sameSubject(didOf(named as Did), did))) : undefined
  if (unnamed !== undefined)
    // Decision D-02: the recipient would have to refuse what is signed for others alone.
    throw new DidcommError('ERR_USAGE_NO_RECIPIENT', `expected \`to\` of a message that is signed and encrypted to contain ${unnamed}`, {
      rule: 'ADR-02',
    })
  return dids
}

/** Writes into the message what its wrapping demands and the options say: the sender that a key proves, the recipients of what is signed and encrypted (MED-21). */
function complete(message: Plaintext, sender: Did | DidUrl | undefined, to: PackOptions['to'], layers: readonly Layer[]): Plaintext {
  const proves = layers.includes('authcrypt') || layers.includes('signed')
  const from = message.from ?? (proves && sender !== undefined ? didOf(sender) : undefined)
  const recipients = message.to ?? (layers.length > 1 && layers.includes('signed') && to !== undefined ? [to].flat() : undefined)
  if (from === message.from && recipients === message.to) return message
  return { ...message, ...(from !== undefined && { from }), ...(recipients !== undefined && { to: recipients }) }
}

function signingDid(signBy: Did | DidUrl | undefined, sender: Did | DidUrl | undefined, layers: readonly Layer[]): Did | DidUrl {
  // Where the message is authcrypted too, the key that `from` picks is one for encryption.
  return signBy ?? (layers.includes('authcrypt') ? didOf(requiredSender(sender)) : requiredSender(sender))
}

function requiredSender(sender: Did | DidUrl | undefined): Did | DidUrl {
  if (sender !== undefined) return sender
  throw new DidcommError('ERR_USAGE_NO_SENDER', 'expected a sender, in `from` of the options or of the message, found none', {
    rule: 'HDR-09',
  })
}
