/**
 * Messages that came before those that they follow: they wait, what is missing is asked for, and after a while they go on without it. Each
 * goes on as a piece of work of its own, so that one that cannot be handled takes none with it (REL-06).
 *
 * @module
 */
import type { Did } from '../did/did.ts'
import { pureAck } from '../message/ack.ts'
import { receivedOrdersHeader } from '../message/sequencing.ts'
import type { Core } from './core.ts'
import { threadRow } from './records.ts'
import { blocks, heldPrefix } from './sequence.ts'
import type { Proved } from './work.ts'
import { addOutgoing, beginWork, finishWork, keepThread, threadOfWork, type Work } from './work.ts'

/** After so long, the peer is asked for what is missing. */
export const gapReportMilliseconds = 5_000
// After so long, or where more than so many wait, they go on without it.
const holdMilliseconds = 30_000
const maxHeld = 200

/** Handles a message that waited, and takes it out of the line in the same commit. */
type Conclude = (work: Work, proved: Proved, key: string) => Promise<{ readonly durable: Promise<void> }>

/** Lets go on those messages of a thread whose turn has come. It is called in the turn of the relationship. */
export async function release(core: Core, conclude: Conclude, id: string, thid: string): Promise<readonly Promise<void>[]> {
  const { journal, clock } = core
  const prefix = heldPrefix(id, thid)
  const stored: Promise<void>[] = []
  for (;;) {
    const unit = journal.begin()
    const [relationship, thread] = [await unit.get('relationships', id), await unit.get('threads', threadRow(id, thid))]
    const rows = await journal.list({ table: 'held', prefix, limit: maxHeld + 1 })
    const [first] = rows
    if (relationship === undefined) return stored
    const work = beginWork(unit, relationship, first?.value.peer as Did | undefined, first?.value.message)
    const sequence = thread?.sequence
    if (first === undefined) {
      if (thread === undefined || sequence?.holding !== true) return stored
      const { holding: _, ...free } = sequence
      keepThread(work, { ...thread, sequence: free })
      return [...stored, journal.commit(work.unit)]
    }
    const { key, value } = first
    const order = Number(value.message.sender_order)
    if (thread !== undefined && sequence !== undefined && blocks(sequence, order)) {
      if (clock.epochMilliseconds() < value.at + holdMilliseconds && rows.length <= maxHeld) return stored
      keepThread(work, { ...thread, sequence: { ...sequence, waived: order } })
    }
    const proved = { message: value.message, peer: value.peer as Did | undefined, signed: value.signed }
    const { durable } = await conclude(work, proved, key)
    // Whoever called awaits it, unless what comes after it fails first.
    durable.catch(() => undefined)
    stored.push(durable)
  }
}

/** Asks the peer, once, for what a thread misses (SEQ-05). It is called in the turn of the relationship. */
export async function reportGap(core: Core, id: string, thid: string): Promise<void> {
  const unit = core.journal.begin()
  const relationship = await unit.get('relationships', id)
  const work = beginWork(unit, relationship, relationship?.theirs.did)
  const thread = await threadOfWork(work, thid)
  const sequence = thread?.sequence
  if (relationship === undefined || thread === undefined || sequence === undefined) return
  const { seen, reported = 0 } = sequence
  if (seen.gaps.length === 0 || reported >= seen.last) return
  const { ack: _, ...empty } = pureAck({ id: core.random.id(), thid, ack: [] })
  addOutgoing(core, work, { ...empty, ...receivedOrdersHeader([[relationship.theirs.did, seen]]) })
  keepThread(work, { ...thread, sequence: { ...sequence, reported: seen.last } })
  await finishWork(core, work)
}
