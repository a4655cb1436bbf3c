/**
 * One piece of work on one relationship: what came, what follows from it, and what is sent of it. All of it is stored together (REL-02).
 *
 * @module
 */
import type { Did } from '../did/did.ts'
import { idKey } from '../message/identifier.ts'
import type { Plaintext } from '../message/plaintext.ts'
import type { Core } from './core.ts'
import type { Unit } from './journal.ts'
import { type Outgoing, outboxRow, type Relationship, type Thread, threadRow } from './records.ts'

/** A message as it was proved. */
export type Proved = { readonly message: Plaintext; readonly peer: Did | undefined; readonly signed: boolean }

export type Work = {
  readonly unit: Unit
  /** Undefined for messages of nobody that is known: nothing can be sent, and nothing remembered. */
  relationship: Relationship | undefined
  readonly peer: Did | undefined
  /** The message that is being handled. */
  readonly cause: Plaintext | undefined
  /** What is to be sent, in order. */
  readonly outgoing: Outgoing[]
  /** The ids to acknowledge, oldest first. */
  readonly acks: string[]
  /** Threads of nobody that is known live as long as the work. */
  readonly passing: Map<string, Thread>
  /** The thread whose messages that waited may go on after this work. */
  releases?: string
}

/**
 * Begins a piece of work.
 *
 * @param unit - begun before the relationship and all else was read that the work is built on: where a commit fails meanwhile, what was read
 * may be void, and the unit with it
 */
export const beginWork = (unit: Unit, relationship: Relationship | undefined, peer: Did | undefined, cause?: Plaintext): Work => ({
  unit,
  relationship,
  peer,
  cause,
  outgoing: [],
  acks: [],
  passing: new Map(),
})

export async function threadOfWork({ unit, relationship, passing }: Work, thid: string): Promise<Thread | undefined> {
  return relationship === undefined ? passing.get(idKey(thid)) : unit.get('threads', threadRow(relationship.id, thid))
}

export function keepThread({ unit, relationship, passing }: Work, thread: Thread): void {
  if (relationship === undefined) passing.set(idKey(thread.thid), thread)
  else unit.put('threads', threadRow(relationship.id, thread.thid), thread)
}

/** Adds a message to what is sent; the id of each is its own (HDR-02). */
export function addOutgoing(core: Core, work: Work, message: Plaintext, more: Partial<Outgoing> = {}): void {
  const { relationship } = work
  if (relationship === undefined || relationship.state === 'ended') return
  work.outgoing.push({
    id: message.id,
    relationship: relationship.id,
    state: 'queued',
    message,
    queuedAt: core.clock.epochMilliseconds(),
    attempts: 0,
    ...more,
  })
}

/** What may go back over the connection that a message came by, and who is told of its row. */
export type Reply = { readonly takes: (message: Plaintext) => boolean; readonly keep: (row: string) => void }

/**
 * Ends the work: what is to be sent is queued in the order of the line, and delivered once it is stored.
 *
 * @param reply - the first of it that may go back over the connection is to: its row is told, and the outbox leaves it alone for a while
 */
export function finishWork(core: Core, work: Work, reply?: Reply): Promise<void> {
  const { unit, outgoing, relationship } = work
  if (outgoing.length > 0 && relationship !== undefined) {
    const rows: { readonly key: string; readonly value: Outgoing }[] = []
    const back = reply && outgoing.find(({ message }) => reply.takes(message))
    unit.before(() => {
      for (const record of outgoing) {
        const key = outboxRow(relationship.id, core.nextNumber())
        const held = record === back
        if (held) reply?.keep(key)
        if (record.pureAck === true) addPendingAck(core, relationship.id, key)
        const value = held ? { ...record, notBefore: record.queuedAt + core.limits.deliverySeconds * 1000 } : record
        unit.put('outbox', key, value)
        rows.push({ key, value })
      }
    })
    unit.after(() => core.queued(relationship.id, rows))
  }
  return core.journal.commit(unit)
}

function addPendingAck({ pendingAcks }: Core, relationship: string, row: string): void {
  const rows = pendingAcks.get(relationship) ?? new Set()
  pendingAcks.set(relationship, rows)
  rows.add(row)
}
