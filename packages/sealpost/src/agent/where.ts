/**
 * Where a message is, and why: for people who wait for it.
 *
 * @module
 */

import { sameId } from '../message/identifier.ts'
import { threadOf } from '../message/thread.ts'
import { expects } from './arguments.ts'
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

/** The relationships, and the one of those that prove nothing. */
async function* known({ journal }: Core): AsyncGenerator<string> {
  for await (const { id } of relationships(journal)) yield id
  yield '-'
}

async function heldMessage({ journal }: Core, id: string): Promise<Whereabouts | undefined> {
  for (let after = ''; ; ) {
    const page = await journal.list({ table: 'held', limit: 500, ...(after !== '' && { after }) })
    const found = page.find(({ value }) => sameId(value.message.id, id))
    if (found !== undefined) {
      const { message, at } = found.value
      const why = 'It came before a message that it follows, and waits for that one.'
      const relationship = found.key.slice(0, found.key.indexOf(' '))
      return { id, direction: 'in', state: 'held', why, relationship, thid: threadOf(message), type: message.type, since: at }
    }
    if (page.length < 500) return undefined
    after = page.at(-1)?.key ?? ''
  }
}

export async function whereIs(core: Core, outbox: Outbox, id: string): Promise<Whereabouts> {
  expects(typeof id === 'string', 'the id of a message')
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
  const held = await heldMessage(core, id)
  if (held !== undefined) return held
  for await (const relationship of known(core)) {
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
