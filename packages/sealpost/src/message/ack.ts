/**
 * Acknowledgments: what was asked for, what is owed, and what was acknowledged. The rules that keep two agents from acknowledging
 * each other for ever are here, and nowhere else.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#acks | v2.1, ACKs}
 * @module
 */
import { isForward } from './forward.ts'
import { idKey, sameId } from './identifier.ts'
import type { Plaintext } from './plaintext.ts'
import { isProblemReport } from './problem.ts'
import { matchesType } from './type-uri.ts'

/** The type of the message that says nothing, and carries headers alone (EMP-01). */
export const emptyType = 'https://didcomm.org/empty/1.0/empty'

/** What has been asked and answered before, by ids. */
export type AckMemory = {
  /** Whether a message was acknowledged before: it is not a second time (ACK-07). */
  readonly acknowledged?: (id: string) => boolean
  /** Whether we asked for an acknowledgment of this message. */
  readonly asked?: (id: string) => boolean
}

/** The ids of the messages that a message asks to have acknowledged, each once, in the order it names them; `''` is its own (ACK-02). */
export function requestedAcks(message: Plaintext): readonly string[] {
  const ids = new Map<string, string>()
  for (const id of message.please_ack ?? []) {
    const asked = id === '' ? message.id : id
    if (!ids.has(idKey(asked))) ids.set(idKey(asked), asked)
  }
  return [...ids.values()]
}

/**
 * The ids that we would acknowledge for a message. Nobody is obliged to, yet cooperative parties do (ACK-04). An id that was
 * acknowledged before is not owed again, a bare acknowledgment that answers our own request is owed nothing (ACK-07), and a forward
 * never is (ACK-06, FWD-08). They go on the next natural message; for an old one, on the answer it had, sent again (ACK-03).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#acks | v2.1, ACKs}
 */
export function acksDue(message: Plaintext, { acknowledged, asked }: AckMemory = {}): readonly string[] {
  // ACK-06: MUST NOT be honored by mediators; it would tell the sender when a recipient is there.
  if (isForward(message)) return []
  if (isPureAck(message) && acknowledgedIds(message).some((id) => asked?.(id) === true)) return []
  return requestedAcks(message).filter((id) => acknowledged?.(id) !== true)
}

/**
 * The `ack` header for these ids: in the order in which they were received, oldest first (ACK-05). Ids that were never received are
 * left out.
 *
 * @param receivedIds - the ids of what was received, oldest first
 */
export function ackHeader(ids: readonly string[], receivedIds: Iterable<string>): { readonly ack?: readonly string[] } {
  const wanted = new Set(ids.map(idKey))
  const ack: string[] = []
  for (const id of receivedIds) if (wanted.delete(idKey(id))) ack.push(id)
  return ack.length > 0 ? { ack } : {}
}

/**
 * Makes the message that acknowledges and says nothing else (ACK-09). It cannot ask for an acknowledgment itself (ACK-07).
 *
 * @param headers - its `id`, the `ack`, and the thread and addresses it needs
 */
export function pureAck(
  headers: Pick<Plaintext, 'id' | 'from' | 'to' | 'thid' | 'pthid'> & { readonly ack: readonly string[] },
): Plaintext {
  const { id, from, to, thid, pthid, ack } = headers
  return {
    id,
    type: emptyType,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(thid === undefined ? {} : { thid }),
    ...(pthid === undefined ? {} : { pthid }),
    ack,
    body: {},
  }
}

/** Tells whether a message acknowledges and says nothing else: an empty message with `ack`. */
export const isPureAck = (message: Plaintext): boolean => isExplicitAck(message) && matchesType(message.type, emptyType)

/** Tells whether a message is an explicit acknowledgment: whatever its type, it has `ack` (ACK-08). */
export const isExplicitAck = (message: Plaintext): boolean => message.ack !== undefined && message.ack.length > 0

/** The ids that a message acknowledges explicitly, oldest first. */
export const acknowledgedIds = (message: Plaintext): readonly string[] => message.ack ?? []

/**
 * Tells whether a message acknowledges another: by `ack`, which messages made for it carry too (ACK-10), or as the problem report that reacts to it (ACK-08). That a step of a
 * protocol acknowledges the step before it, the protocol knows.
 */
export function acknowledges(message: Plaintext, id: string): boolean {
  if (acknowledgedIds(message).some((acknowledged) => sameId(acknowledged, id))) return true
  return !isExplicitAck(message) && isProblemReport(message) && message.pthid !== undefined && sameId(message.pthid, id)
}
