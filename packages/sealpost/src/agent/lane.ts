/**
 * What is to be delivered to one peer, as far as it is in memory; and how it is found in the store.
 *
 * @module
 */
import { idKey } from '../message/identifier.ts'
import { threadOf } from '../message/thread.ts'
import type { Core } from './core.ts'
import { createLines, type Lines, lineOf } from './lines.ts'
import type { Outgoing, OutgoingState } from './records.ts'

/** What is known of a row without reading it: for many may wait. */
export type Deferred = {
  readonly due: number
  readonly state: OutgoingState
  readonly line: string | undefined
  readonly id: string
  readonly thread: string
  readonly tried?: true
}

export const deferredUntil = (due: number, record: Outgoing): Deferred => ({
  due,
  state: record.state,
  line: lineOf(record),
  id: idKey(record.id),
  thread: idKey(threadOf(record.message)),
})

export type Lane = {
  /** What is on its way, by row. */
  readonly busy: Set<string>
  /** What was read of the store and is not begun. */
  ready: { readonly key: string; readonly value: Outgoing }[]
  /** Up to which row the store was read, or rows were handed over as they were stored. */
  cursor: string
  /** Nothing is in the store after the cursor: what is stored from now on is handed over. */
  caughtUp: boolean
  /** How often something was stored that was not handed over. */
  missed: number
  /** Rows that wait for their time, and which of them wait for an acknowledgment. */
  readonly deferred: Map<string, Deferred>
  readonly lines: Lines
  /** No message of this relationship is tried before. */
  pausedUntil: number
  /** Failures in a row, of the way rather than of a message. */
  failures: number
  looking: boolean
  lookAgain: boolean
  callOff?: () => void
}

export const newLane = (relationship: string): Lane => ({
  busy: new Set(),
  ready: [],
  cursor: `${relationship} `,
  caughtUp: false,
  missed: 0,
  deferred: new Map(),
  lines: createLines(),
  pausedUntil: 0,
  failures: 0,
  looking: false,
  lookAgain: false,
})

/** The highest number that was given out, in what is queued. */
export async function lastNumber({ journal }: Core): Promise<number> {
  let highest = 0
  for (const relationship of await lanesStored({ journal })) {
    const [row] = await journal.list({ table: 'outbox', prefix: `${relationship} `, limit: 1, reverse: true })
    highest = Math.max(highest, Number(row?.key.slice(relationship.length + 1) ?? 0))
  }
  return highest
}

/** The relationships for which something is queued: one step of the list for each. */
export async function lanesStored({ journal }: Pick<Core, 'journal'>): Promise<readonly string[]> {
  const found: string[] = []
  for (let after = ''; ; ) {
    const [row] = await journal.list({ table: 'outbox', limit: 1, ...(after !== '' && { after }) })
    if (row === undefined) return found
    found.push(row.value.relationship)
    // '~' sorts after every number.
    after = `${row.value.relationship} ~`
  }
}
