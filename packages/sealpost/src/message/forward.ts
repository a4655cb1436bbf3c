/**
 * The forward message, as a mediator reads it: where it goes, what goes there, and when. Envelopes are not opened here, and nothing is
 * passed on.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#messages | v2.1, Routing Protocol 2.0, Messages}
 * @module
 */
import { DidcommError } from '../errors.ts'
import { maxAddressLength } from './identifier.ts'
import type { Attachment, Plaintext } from './plaintext.ts'
import { matchesType } from './type-uri.ts'
import { kindOf, quote } from './wording.ts'

/** The type of the message that asks a mediator to pass something on (FWD-01). */
export const forwardType = 'https://didcomm.org/routing/2.0/forward'

/** A forward message as it was understood. */
export type Forward = {
  /** Whom it goes to, whatever `to` says (HDR-08): a DID, or a key, as a DID URL or `did:key` (FWD-02, G-51). Never resolve it for strangers (FWD-11). */
  readonly next: string
  /** What goes there, one or more, each passed on as it is (FWD-03, FWD-04, FWD-10). */
  readonly payloads: readonly Attachment[]
  /** UTC epoch seconds, after which it is dropped (FWD-05, FWD-07). */
  readonly expiresTime: number | undefined
  /** How long to wait, in milliseconds; negative: at random up to that. 0 where nothing is asked (FWD-06). */
  readonly delayMilliseconds: number
}

/** The longest wait that is granted, in milliseconds: one day (FWD-07). */
export const maxDelayMilliseconds: number = 24 * 60 * 60 * 1000

/** Tells whether a message is a forward, of this version or another that is compatible. */
export const isForward = ({ type }: Pick<Plaintext, 'type'>): boolean => type === forwardType || matchesType(type, forwardType)

/**
 * Reads a forward message. A `please_ack` on it is not looked at: mediators must not honor it (FWD-08).
 *
 * @throws {DidcommError} `ERR_MALFORMED_MESSAGE` without `next`, without attachments, or with a delay that is no whole number.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#messages | v2.1, Routing Protocol 2.0, Messages}
 * @example
 * ```ts
 * import { checkForward, isForward, jsonAttachment } from 'sealpost/message'
 *
 * const message = {
 *   id: 'abc123xyz456',
 *   type: 'https://didcomm.org/routing/2.0/forward',
 *   body: { next: 'did:example:bob' },
 *   attachments: [jsonAttachment({ protected: 'e30', recipients: [], iv: '', ciphertext: '', tag: '' })],
 * }
 * if (isForward(message)) console.log(checkForward(message).next)
 * ```
 */
export function checkForward(message: Plaintext): Forward {
  if (!isForward(message)) throw malformed('FWD-01', `expected a message of type ${forwardType}, found ${quote(message.type)}`)
  const next = message.body?.next
  if (typeof next !== 'string' || !isVisible(next)) {
    throw malformed('FWD-02', `expected \`next\` to be the DID or key of the next party, found ${quote(next)}`)
  }
  if (message.attachments === undefined || message.attachments.length === 0) {
    throw malformed('FWD-03', 'expected a forward to have what it is to pass on in `attachments`, found none')
  }
  const delay = message.delay_milli === undefined ? 0 : message.delay_milli
  // D18: a number that JSON cannot say, or no number at all.
  if (!Number.isSafeInteger(delay)) throw malformed('FWD-06', `expected \`delay_milli\` to be a whole number, found ${kindOf(delay)}`)
  return { next, payloads: message.attachments, expiresTime: message.expires_time, delayMilliseconds: delay as number }
}

/**
 * The milliseconds to wait before a forward goes on: what was asked, or for a negative number a random time up to it, never more than
 * the cap (FWD-06, FWD-07).
 *
 * @param random - from 0 up to and without 1, of a uniform distribution
 */
export function forwardDelay(delayMilliseconds: number, random: number, capMilliseconds: number = maxDelayMilliseconds): number {
  const bound = Math.min(Math.abs(delayMilliseconds), capMilliseconds)
  return delayMilliseconds >= 0 ? bound : Math.min(bound, Math.floor(random * (bound + 1)))
}

const malformed = (rule: string, message: string): DidcommError => new DidcommError('ERR_MALFORMED_MESSAGE', message, { rule })

/** Printable ASCII without a space: DIDs, DID URLs, and bare keys. */
const isVisible = (text: string): boolean => text.length <= maxAddressLength && /^[!-~]+$/.test(text)
