/**
 * Times of messages, held against a clock that comes as an argument.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#timeouts | v2.1, Timeouts}
 * @module
 */
import type { Plaintext } from './plaintext.ts'

/** How far ahead of our clock a sender's may be, in seconds, before a message counts as from the future. */
export const defaultSkewSeconds = 600

// In seconds the year 5138, in milliseconds 1973: nobody means either.
const latestSeconds = 100_000_000_000

/** Tells whether a time is beyond what anybody means in epoch seconds (HDR-16, HDR-17): it was given in milliseconds. */
export const isBeyondReason = (time: unknown): boolean => typeof time === 'number' && time > latestSeconds

/**
 * Tells whether a message has expired: from the second on that `expires_time` names (HDR-18, TMO-01). Without `expires_time` it never does.
 *
 * @param nowSeconds - UTC epoch seconds
 * @param skewSeconds - how far our clock may be ahead of the sender's
 */
export function isExpired({ expires_time }: Pick<Plaintext, 'expires_time'>, nowSeconds: number, skewSeconds = 0): boolean {
  return expires_time !== undefined && nowSeconds >= expires_time + skewSeconds
}

/**
 * Tells whether a message claims to have been made later than now (M08): a clock is wrong.
 *
 * @param nowSeconds - UTC epoch seconds
 * @param skewSeconds - 600 by default
 */
export function isFromFuture(
  { created_time }: Pick<Plaintext, 'created_time'>,
  nowSeconds: number,
  skewSeconds: number = defaultSkewSeconds,
): boolean {
  return created_time !== undefined && created_time > nowSeconds + skewSeconds
}
