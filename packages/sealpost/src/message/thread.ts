/**
 * Threads: which messages belong together, and the headers that say so. No thread is remembered here.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#threading | v2.1, Threading}
 * @module
 */
import { idKey, sameId } from './identifier.ts'
import type { Plaintext } from './plaintext.ts'

type Threaded = Pick<Plaintext, 'id' | 'thid'>

/**
 * The thread of a message: its `thid`, or its own `id` where it begins the thread (HDR-14, THR-06). A reply carries this as `thid`,
 * never the `id` of the message it answers where that has a `thid` (THR-13).
 *
 * @example
 * ```ts
 * import { threadOf } from 'sealpost/message'
 *
 * threadOf({ id: 'b', thid: 'a' }) // 'a'
 * threadOf({ id: 'a' }) // 'a'
 * ```
 */
export const threadOf = ({ id, thid }: Threaded): string => thid ?? id

/** Tells whether two messages are of one thread: case of ids does not count (THR-04, THR-08). */
export const sameThread = (a: Threaded, b: Threaded): boolean => sameId(threadOf(a), threadOf(b))

/**
 * The key by which the state of a thread is kept: within one relationship alone, so that a stranger who learns a thread's id cannot
 * speak in it (THR-12).
 *
 * @param relationship - whatever names the relationship, such as both DIDs
 */
export const threadKey = (relationship: string, message: Threaded): string => `${relationship} ${idKey(threadOf(message))}`

/**
 * The headers of a message that goes on with a thread (PRB-01, THR-07).
 *
 * @param options - `repeatParent` where more than two speak: all of them must learn the parent by the first message they see (THR-10)
 */
export function replyHeaders(
  message: Threaded & Pick<Plaintext, 'pthid'>,
  { repeatParent = false }: { repeatParent?: boolean } = {},
): {
  readonly thid: string
  readonly pthid?: string
} {
  const thid = threadOf(message)
  return repeatParent && message.pthid !== undefined ? { thid, pthid: message.pthid } : { thid }
}

/** The header of the first message of a thread that grew out of another (THR-09). */
export const childHeaders = (parent: Threaded): { readonly pthid: string } => ({ pthid: threadOf(parent) })

/** Tells whether a message says that its thread grew out of the thread of another (THR-09, OOB-03). */
export const isChildOf = (message: Pick<Plaintext, 'pthid'>, parent: Threaded): boolean =>
  message.pthid !== undefined && sameId(message.pthid, threadOf(parent))
