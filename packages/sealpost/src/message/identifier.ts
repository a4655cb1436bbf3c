/**
 * Identifiers of messages, threads and attachments, and of who speaks to whom, as far as their syntax goes. What a DID means is
 * not known here.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-ids | v2.1, Message IDs}
 * @module
 */

/** The longest id of a message or thread that is taken, in characters. A UUID has 36, although the text says 32 (D-03). */
export const maxIdLength = 64
/** The longest id that the text itself allows, in characters: the `strict` option of the checks. */
export const strictIdLength = 32
/** The longest DID or DID URL that is looked at, in characters: long forms of did:peer carry whole documents. */
export const maxAddressLength = 8192

const unreserved = /^[A-Za-z0-9._~-]+$/
const didUrlWithoutFragment =
  /^did:[a-z0-9]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._%-](?:\/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?$/
const brokenEscape = /%(?![0-9A-Fa-f]{2})/

/**
 * Tells whether a value can be the id of a message or thread: a short string of unreserved URI characters (THR-02, THR-06, THR-10).
 *
 * @param maxLength - in characters
 */
export function isMessageId(value: unknown, maxLength: number = maxIdLength): value is string {
  // D-03: the text says 32 octets, and recommends UUIDs, which have 36.
  return typeof value === 'string' && value.length <= maxLength && unreserved.test(value)
}

/** Tells whether a value is a DID or DID URL without fragment: what `from` and `to` hold. Path and query are allowed (HDR-05, HDR-10). */
export function isAddress(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > maxAddressLength || !didUrlWithoutFragment.test(value)) return false
  return !value.includes('%') || !brokenEscape.test(value)
}

/** Tells whether two ids are the same: case does not count (THR-04, ACK-11). */
export const sameId = (a: string, b: string): boolean => a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase())

/** The one spelling of an id by which tables are keyed: lower case (THR-03, THR-04). */
export const idKey = (id: string): string => id.toLowerCase()
