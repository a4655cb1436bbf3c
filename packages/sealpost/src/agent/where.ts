/**
 * Where a message is, and why: for people who wait for it.
 *
 * @module
 */
import type { Core } from './core.ts'
import type { Outbox } from './outbox.ts'
import { type OutgoingState, seenRow } from './records.ts'
import { relationships } from './relationships.ts'

/** What is known of a message. Times are in epoch milliseconds. */
export type Whereabouts = {
  readonly id: string
  readonly direction: 'out' | 'in' | 'unknown'
  readonly state: OutgoingState | 'handled' | 'quarantined' | 'held' | 'unknown'
  /** One sentence for a person. */
  readonly why: string
  readonly relationship?: string
  readonly thid?: string
  readonly type?: string
  readonly since?: number
  readonly attempts?: number
  readonly nextAttemptAt?: number
  readonly endpoint?: string
  readonly lastError?: { readonly code: string; readonly message: string }
}

const outgoingWhy: Readonly<Record<OutgoingState, string>> = {
  queued: 'It is stored, and waits to be delivered.',
  'awaiting-ack': 'It was handed over, and waits for the acknowledgment that it asked for.',
  acknowledged: 'The peer acknowledged it.',
  'handed-over': 'The other side took it over. What the peer does with it, the peer tells.',
  expired: 'It expired before it could be delivered.',
  failed: 'It cannot be delivered.',
}

export async function whereIs(core: Core, outbox: Outbox, id: string): Promise<Whereabouts> {
  const ours = await outbox.find(id)
  if (ours !== undefined) {
    const { state, attempts, notBefore, endpoint, lastError } = ours
    const tried =
      state === 'queued' && lastError !== undefined
        ? `It was tried ${attempts} times, the last time in vain: ${lastError.message}.`
        : undefined
    return {
      id,
      direction: 'out',
      state,
      why: tried ?? (state === 'failed' && lastError !== undefined ? `${outgoingWhy.failed} ${lastError.message}.` : outgoingWhy[state]),
      relationship: ours.relationship,
      thid: ours.message.thid ?? ours.id,
      type: ours.message.type,
      since: ours.at ?? ours.queuedAt,
      attempts,
      ...(notBefore !== undefined && { nextAttemptAt: notBefore }),
      ...(endpoint !== undefined && { endpoint }),
      ...(lastError !== undefined && { lastError }),
    }
  }
  for await (const { id: relationship } of relationships(core.journal)) {
    const quarantined = await core.journal.get('quarantine', seenRow(relationship, id))
    if (quarantined !== undefined)
      return {
        id,
        direction: 'in',
        state: 'quarantined',
        why: `It could not be handled: ${quarantined.reason}. ${quarantined.notBefore === undefined ? 'It waits to be replayed.' : 'It is tried again by itself.'}`,
        relationship,
        type: quarantined.message.type,
        since: quarantined.at,
        attempts: quarantined.attempts,
        ...(quarantined.notBefore !== undefined && { nextAttemptAt: quarantined.notBefore }),
      }
    const seen = await core.journal.get('seen', seenRow(relationship, id))
    if (seen !== undefined) return { id, direction: 'in', state: 'handled', why: 'It came, and took effect.', relationship, since: seen.at }
  }
  return {
    id,
    direction: 'unknown',
    state: 'unknown',
    why: 'No message with this id was sent or taken here, or it is so old that it was forgotten.',
  }
}
