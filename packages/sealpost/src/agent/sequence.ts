/**
 * Advanced sequencing: our messages of a thread are numbered, theirs are put in order, and what is missing is sent again.
 *
 * @see {@link https://github.com/decentralized-identity/didcomm-messaging/blob/main/extensions/advanced_sequencing/main.md | Advanced Sequencing}
 * @module
 */
import type { Plaintext } from '../message/plaintext.ts'
import { nothingSeen, ordersToResend, receivedOrdersHeader, sawOrder, sequencingOf } from '../message/sequencing.ts'
import type { Core } from './core.ts'
import type { Sequence, Thread } from './records.ts'
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
    sequence: { sent: kept.slice(dropped), base: base + dropped, seen },
  })
  const gaps = seen.gaps.length > 0 && work.peer !== undefined ? receivedOrdersHeader([[work.peer, seen]]) : {}
  return { ...message, sender_order: order, ...gaps }
}

/** What to do with a message of theirs: take it now, keep it until what it follows is there, or nothing. */
export async function orderIncoming(core: Core, work: Work, thid: string, message: Plaintext): Promise<'now' | 'hold' | 'duplicate'> {
  const { senderOrder } = sequencingOf(message)
  if (senderOrder === undefined) return 'now'
  const thread: Thread = (await threadOfWork(work, thid)) ?? { thid, updatedAt: 0, instances: {} }
  const sequence = thread.sequence ?? none
  const { seen, as } = sawOrder(sequence.seen, senderOrder)
  if (as === 'duplicate') return 'duplicate'
  const now = core.clock.epochMilliseconds()
  const { gapSince: _, ...rest } = sequence
  const gapSince = seen.gaps.length > 0 ? (sequence.gapSince ?? now) : undefined
  keepThread(work, { ...thread, updatedAt: now, sequence: { ...rest, seen, ...(gapSince !== undefined && { gapSince }) } })
  return seen.gaps.some((gap) => gap < senderOrder) ? 'hold' : 'now'
}

/** The ids of those messages of ours that they miss (SEQ-05), as far as they are remembered. */
export async function missedByPeer(work: Work, thid: string, message: Plaintext, ours: readonly string[]): Promise<readonly string[]> {
  const { receivedOrders } = sequencingOf(message)
  const about = receivedOrders.find(({ id }) => ours.includes(id))
  const sequence = (await threadOfWork(work, thid))?.sequence
  if (about === undefined || sequence === undefined) return []
  const { sent, base } = sequence
  return ordersToResend(about, base + sent.length).flatMap((order) => sent[order - base - 1] ?? [])
}
