/**
 * Advanced sequencing: our messages of a thread are numbered, theirs are put in order, and what is missing is sent again.
 *
 * @see {@link https://github.com/decentralized-identity/didcomm-messaging/blob/main/extensions/advanced_sequencing/main.md | Advanced Sequencing}
 * @module
 */
import { isDidcommError } from '../errors.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { nothingSeen, ordersToResend, receivedOrdersHeader, sawOrder, sequencingOf } from '../message/sequencing.ts'
import { threadOf } from '../message/thread.ts'
import type { Core } from './core.ts'
import type { Unit } from './journal.ts'
import { ordinal, type Sequence, type Thread, threadRow } from './records.ts'
import { keepThread, threadOfWork, type Work } from './work.ts'

/** Of our messages of a thread, so many are remembered to be sent again. */
const sentKept = 1000

const none: Sequence = { sent: [], base: 0, seen: nothingSeen }

/** Numbers a message of ours (SEQ-02), and says what we have seen of theirs where something is missing (SEQ-05). */
export async function orderOutgoing(core: Core, work: Work, thid: string, message: Plaintext): Promise<Plaintext> {
  const thread: Thread = (await threadOfWork(work, thid)) ?? { thid, updatedAt: 0, instances: {} }
  const { sent, base, seen } = thread.sequence ?? none
  const order = base + sent.length + 1
  const kept = [...sent, message.id]
  const dropped = Math.max(0, kept.length - sentKept)
  keepThread(work, {
    ...thread,
    updatedAt: core.clock.epochMilliseconds(),
    sequence: { ...thread.sequence, sent: kept.slice(dropped), base: base + dropped, seen },
  })
  const gaps = seen.gaps.length > 0 && work.peer !== undefined ? receivedOrdersHeader([[work.peer, seen]]) : {}
  return { ...message, sender_order: order, ...gaps }
}

/** What to do with a message of theirs: take it now, keep it until what it follows is there, refuse it, or nothing. */
export async function orderIncoming(
  core: Core,
  work: Work,
  thid: string,
  message: Plaintext,
): Promise<'now' | 'hold' | 'duplicate' | 'malformed'> {
  const { relationship } = work
  if (relationship === undefined) return 'now'
  const thread: Thread = (await threadOfWork(work, thid)) ?? { thid, updatedAt: 0, instances: {} }
  const sequence = thread.sequence ?? none
  const found = unlessMalformed(() => {
    const { senderOrder: order } = sequencingOf(message)
    return { order, saw: order === undefined ? undefined : sawOrder(sequence.seen, order) }
  })
  if (found === undefined) return 'malformed'
  const { order: senderOrder, saw } = found
  if (saw === undefined) return 'now'
  const { seen, as } = saw
  if (as === 'duplicate') return 'duplicate'
  const holds = blocks({ ...sequence, seen }, senderOrder as number) || (sequence.holding === true && (await waitsBefore()))
  if (sequence.holding === true || holds) work.releases = thid
  keepThread(work, {
    ...thread,
    updatedAt: core.clock.epochMilliseconds(),
    sequence: { ...sequence, seen, ...(holds && { holding: true as const }) },
  })
  return holds ? 'hold' : 'now'

  /** After a crash, what may go on may not have gone on yet. */
  async function waitsBefore(): Promise<boolean> {
    const prefix = heldPrefix(relationship?.id as string, thid)
    const before = `${prefix}${ordinal(senderOrder as number)}`
    return (await core.journal.list({ table: 'held', prefix, before, limit: 1 })).length > 0
  }
}

/** A message that waited could not be handled: it is missing again, until it is. */
export async function unsee(unit: Unit, relationship: string, message: Plaintext): Promise<void> {
  const row = threadRow(relationship, threadOf(message))
  const thread = await unit.get('threads', row)
  const { senderOrder } = sequencingOf(message)
  if (thread?.sequence === undefined || senderOrder === undefined) return
  const { seen } = thread.sequence
  const gaps = [...new Set([...seen.gaps, senderOrder])].sort((a, b) => a - b)
  unit.put('threads', row, { ...thread, sequence: { ...thread.sequence, seen: { ...seen, gaps } } })
}

/** Whether something is missing that a message of this order has to wait for. */
export const blocks = ({ seen, waived = 0 }: Sequence, order: number): boolean => seen.gaps.some((gap) => gap > waived && gap < order)

/** The messages of a thread that wait: by their order. */
export const heldPrefix = (relationship: string, thid: string): string => `${threadRow(relationship, thid)} `

/** The ids of those messages of ours that they miss (SEQ-05), as far as they are remembered. */
export async function missedByPeer(work: Work, thid: string, message: Plaintext, ours: readonly string[]): Promise<readonly string[]> {
  const sequence = (await threadOfWork(work, thid))?.sequence
  // SEQ-01: to other protocols, the headers mean nothing.
  if (sequence === undefined) return []
  const { sent, base } = sequence
  const missed = unlessMalformed(() => {
    const about = sequencingOf(message).receivedOrders.find(({ id }) => ours.includes(id))
    return about === undefined ? [] : ordersToResend(about, base + sent.length)
  })
  return (missed ?? []).flatMap((order) => sent[order - base - 1] ?? [])
}

/** What a peer wrote wrongly is its own fault, and nothing to be tried again (REL-06). */
function unlessMalformed<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (isDidcommError(error)) return undefined
    throw error
  }
}
