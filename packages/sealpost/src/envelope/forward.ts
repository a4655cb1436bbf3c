/**
 * Forward: a message wrapped for each mediator on its way, and a forward to ourselves unwrapped.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#routing-protocol-20 | v2.1, Routing Protocol 2.0}
 * @module
 */
import { primitives } from '#primitives'
import { decodeBase64Tolerant } from '../bytes/base64url.ts'
import { isObject, parseJsonBytes } from '../bytes/json.ts'
import { type Did, type DidUrl, didOf, isDidUrl } from '../did/did.ts'
import type { MethodKey } from '../did/document.ts'
import type { Keys } from '../did/keys.ts'
import { sameSubject } from '../did/subject.ts'
import { isDidcommError } from '../errors.ts'
import type { ContentAlgorithm } from '../jose/algorithms.ts'
import { encryptJwe } from '../jose/jwe.ts'
import { andThen, type Later } from '../jose/later.ts'
import { forwardType, isForward } from '../message/forward.ts'
import { mediaTypes } from '../message/media-types.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { anoncryptHeader, audienceOf, chooseCurve } from './recipients.ts'
import { defaultEnc } from './seal.ts'

/** One mediator on the way. */
export type Hop = {
  /** How whoever comes before names it: a routing key, or the DID of a mediator. */
  readonly name: Did | DidUrl
  /** Its keys to encrypt for. */
  readonly keys: readonly MethodKey[]
}

export type ForwardOptions = {
  /** The mediators, the first to receive it first, which is the order of `routingKeys`. */
  readonly hops: readonly Hop[]
  /** The recipient of the innermost forward, as its mediator knows it: the DID (SND-03, G-36). */
  readonly next: Did | DidUrl
  readonly enc?: ContentAlgorithm
  /** Epoch seconds, after which a mediator need not bother (FWD-05). */
  readonly expiresTime?: number | undefined
}

/**
 * Wraps an envelope for the mediators on its way, the last one first, so that the first one's is outermost (SND-02, G-38). Each
 * forward is anoncrypted, since a mediator need not know who sends (FWD-09, PSI-02).
 *
 * @param envelope - an encrypted message as JSON text
 * @returns the outermost envelope; the same where there are no hops
 */
export async function wrapForward(envelope: string, { hops, next, enc = defaultEnc, expiresTime }: ForwardOptions): Promise<string> {
  let wrapped = envelope
  let following = next
  for (let i = hops.length - 1; i >= 0; i--) {
    const { name, keys } = hops[i] as Hop
    const header = JSON.stringify({
      id: newId(),
      typ: mediaTypes.plaintext,
      type: forwardType,
      to: [didOf(name)],
      ...(expiresTime !== undefined && { expires_time: expiresTime }),
      body: { next: following },
    })
    // The envelope is JSON text already: parsing it and writing it again would be the larger part of the work.
    const text = `${header.slice(0, -1)},"attachments":[{"id":"${newId()}","media_type":"${mediaTypes.encrypted}","data":{"json":${wrapped}}}]}`
    const audience = await audienceOf(keys, chooseCurve(keys))
    wrapped = await encryptJwe(text, anoncryptHeader(audience, enc), audience)
    following = name
  }
  return wrapped
}

/**
 * The envelope inside of a forward that came to ourselves, through a mediator that wraps again (REW-02): one attachment, encrypted for a
 * key that is held, of the DID that is `next` (REW-03). Undefined for every other message, also for a forward that we are to pass on.
 */
export function forwardedTo(message: Plaintext, keys: Keys, maxRecipients: number): Later<Forwarded | undefined> {
  const { body, attachments } = message
  const next = body?.['next']
  const data = attachments?.[0]?.data
  // The type comes last, because looking into it is the dearest, and every message comes by here.
  if (attachments?.length !== 1 || data === undefined || !isDidUrl(next) || !isForward(message)) return undefined
  const envelope = data.json ?? envelopeIn(data.base64)
  const recipients = isObject(envelope) ? envelope['recipients'] : undefined
  if (!isObject(envelope) || !Array.isArray(recipients) || recipients.length > maxRecipients) return undefined
  const kids = recipients
    .map((entry) => (isObject(entry) && isObject(entry['header']) ? entry['header']['kid'] : undefined))
    .filter((kid) => isDidUrl(kid))
  return andThen(keys.held(kids), (held) => (held.some((kid) => sameSubject(didOf(kid), didOf(next))) ? { next, envelope } : undefined))
}

/** What is passed on for others may be anything (FWD-04): what cannot be read is nothing for us. */
function envelopeIn(base64: unknown): unknown {
  if (typeof base64 !== 'string') return undefined
  try {
    return parseJsonBytes(decodeBase64Tolerant(base64))
  } catch (error) {
    if (isDidcommError(error)) return undefined
    throw error
  }
}

/** What was in a forward to ourselves, and for whom the forward says that it is. */
export type Forwarded = { readonly next: string; readonly envelope: Record<string, unknown> }

/** A UUID of version 4, in lower case (THR-02, G-29, decision D-03): unique (HDR-02, THR-05), and unrelated to any other (THR-14). */
export function newId(): string {
  const octets = primitives.randomBytes(16)
  octets[6] = ((octets[6] as number) & 0x0f) | 0x40
  octets[8] = ((octets[8] as number) & 0x3f) | 0x80
  let id = ''
  for (let i = 0; i < 16; i++) id += hex[octets[i] as number] + (i === 3 || i === 5 || i === 7 || i === 9 ? '-' : '')
  return id
}

const hex = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))
