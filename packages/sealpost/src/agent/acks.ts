/**
 * Acknowledgments: asked for, given with the next message or alone, and never in circles.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#acks | v2.1, ACKs}
 * @module
 */
import { acksDue, emptyType, isPureAck, pureAck } from '../message/ack.ts'
import { maxAcks } from '../message/check.ts'
import { sameId } from '../message/identifier.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { threadOf } from '../message/thread.ts'
import type { Core } from './core.ts'
import { seenRow } from './records.ts'
import { addOutgoing, type Work } from './work.ts'

/** Notes what a message asks to have acknowledged (ACK-02): itself, or what came before and was seen. */
export async function noteAcks(work: Work, message: Plaintext): Promise<void> {
  const { unit, relationship } = work
  if (relationship === undefined || message.please_ack === undefined) return
  // ACK-07: a bare acknowledgment that asks for one gets none, whether it answers ours or not.
  for (const id of acksDue(message, { asked: () => isPureAck(message) })) {
    if (sameId(id, message.id) || (await unit.get('seen', seenRow(relationship.id, id))) !== undefined) work.acks.push(id)
  }
}

/** Gives the acknowledgments that are due: with the first message that goes out, or alone after a while (ACK-03, ACK-09). */
export async function attachAcks(core: Core, work: Work): Promise<void> {
  const { unit, relationship, outgoing, cause } = work
  if (relationship === undefined) return
  const first = outgoing.findIndex(({ pureAck: bare }) => bare !== true)
  const message = outgoing[first]
  if (message === undefined && work.acks.length === 0) return
  const waiting: string[] = []
  let notBefore = core.clock.epochMilliseconds() + core.limits.ackDelaySeconds * 1000
  for (const row of core.pendingAcks.get(relationship.id) ?? []) {
    const record = await unit.get('outbox', row)
    waiting.push(...(record?.message.ack ?? []))
    notBefore = Math.min(notBefore, record?.notBefore ?? notBefore)
    if (record !== undefined) unit.put('outbox', row, undefined)
  }
  unit.before(() => core.pendingAcks.delete(relationship.id))
  if (message !== undefined) {
    const ack = [...new Set([...waiting, ...work.acks, ...(message.message.ack ?? [])])]
    if (ack.length > 0) outgoing[first] = { ...message, message: { ...message.message, ack: ack.splice(-maxAcks) } }
    addBare(ack)
  } else addBare([...new Set([...waiting, ...work.acks])])

  /** A message that has more of them than a message may have is refused by whoever takes it. */
  function addBare(ids: readonly string[]): void {
    for (let from = 0; from < ids.length; from += maxAcks) {
      const ack = ids.slice(from, from + maxAcks)
      const bare = pureAck({ id: core.random.id(), ack, ...(cause && { thid: threadOf(cause) }) })
      addOutgoing(core, work, bare, { pureAck: true, notBefore })
    }
  }
}

/** Whether a message says nothing beside its headers (EMP-01). */
export const isEmpty = ({ type }: Plaintext): boolean => type === emptyType

/** Whether a message asks to have something acknowledged. */
export const asksAck = ({ message }: { readonly message: Plaintext }): boolean => (message.please_ack?.length ?? 0) > 0
