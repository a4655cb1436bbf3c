/**
 * Takes messages in: opened, told from what came before, given to the role they are for, and stored with all that follows from them in
 * one piece (REL-02). What cannot be handled blocks nothing else (REL-06).
 *
 * @module
 */
import { sameSubject } from '../did/subject.ts'
import type { Unpacked } from '../envelope/open.ts'
import { unpack } from '../envelope/unpack.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { acknowledgedIds } from '../message/ack.ts'
import { sameId } from '../message/identifier.ts'
import { acceptedLanguages } from '../message/language.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { returnRouteOf } from '../message/return-route.ts'
import { threadOf } from '../message/thread.ts'
import { traceReport, traceTarget } from '../message/trace.ts'
import { attachAcks, noteAcks } from './acks.ts'
import { type Core, nowSeconds } from './core.ts'
import { createDispatch } from './dispatch.ts'
import { release } from './held.ts'
import { whose } from './meeting.ts'
import type { AgentOptions } from './options.ts'
import type { Outbox } from './outbox.ts'
import { pinned } from './pins.ts'
import type { Receipt, Receive, Via } from './ports.ts'
import { type Relationship, type Seen, seenRow } from './records.ts'
import { rotate, update } from './relationships.ts'
import { unsee } from './sequence.ts'
import type { Proved } from './work.ts'
import { beginWork, finishWork, type Reply, type Work } from './work.ts'

export type Inbox = {
  readonly receive: Receive
  /** Handles a message whose envelope was opened before: from quarantine, or from an invitation. */
  handle(relationship: Relationship | undefined, proved: Proved, origin?: Origin): Promise<void>
  /** Lets those messages of a thread go on that waited for others, and whose turn has come. */
  release(relationship: string, thid: string): Promise<void>
}

/** The row from which a message comes: it goes in the commit in which the message is handled. */
export type Origin = {
  readonly table: 'held' | 'quarantine'
  readonly key: string
  /** So often it was tried. */
  readonly attempts: number
}

type Options = Pick<AgentOptions, 'strangers' | 'traces'>

const kept = { taken: true } as const
const closing = { taken: false, retryAfterSeconds: 5 } as const

export function createInbox(core: Core, outbox: () => Outbox, { strangers = true, traces }: Options): Inbox {
  const dispatch = createDispatch(core, outbox)
  let inFlight = 0

  const receive: Receive = async (envelope, via) => {
    if (core.closing.aborted) return closing
    if (inFlight >= core.limits.maxInFlight) return { taken: false, retryAfterSeconds: 1 }
    inFlight++
    const finish = core.trace('receive', { transport: via.transport })
    try {
      const receipt = await take(envelope, via)
      finish({})
      return receipt
    } catch (error) {
      finish({ error })
      return refused(error, via)
    } finally {
      inFlight--
    }
  }

  /** Whoever sent it learns nothing of why it was refused (HTTP-07, SEC-08); unless it is to be sent again. */
  function refused(error: unknown, via: Via): Receipt {
    // What was under way when the agent was closed, its successor takes.
    if (core.closing.aborted) return closing
    const known = isDidcommError(error)
    const code = known ? error.code : 'ERR_INTERNAL'
    core.logger[known ? 'info' : 'error']('message refused', { code, transport: via.transport, ...(!known && { error: String(error) }) })
    core.events.tell({
      name: 'refused',
      detail: { code, message: known ? error.message : String(error), ...(known && error.rule && { rule: error.rule }) },
    })
    if (!known || error.retryable || error.family === 'store') return { taken: false, retryAfterSeconds: 30 }
    return kept
  }

  async function take(envelope: string | Uint8Array, via: Via): Promise<Receipt> {
    const unpacked = await unpack(envelope, {
      keys: core.keys.keys,
      resolver: core.resolver,
      policy: {
        ...core.policy,
        nowSeconds: () => nowSeconds(core),
        limits: { maxBytes: core.limits.maxReceiveBytes, ...core.policy.limits },
      },
    })
    const { message, proof } = unpacked
    trace(message)
    if (proof.expired || isStale(message)) {
      core.events.tell({
        name: 'late',
        messageId: message.id,
        ...(proof.sender && { peer: proof.sender.did }),
        detail: { type: message.type },
      })
      return kept
    }
    const relationship = await whose(core, unpacked, strangers)
    const sender = proof.sender?.did
    const proved: Proved = { message, peer: sender, signed: proof.signature !== undefined }
    if (relationship === undefined) {
      await handleNow(undefined, proved)
      return kept
    }

    const route = sender === undefined ? { route: 'none' as const } : returnRouteOf(message)
    // RR-02, RR-03: one message, of the thread that was asked for.
    const takes = (message: Plaintext): boolean =>
      route.route === 'all' || (route.route === 'thread' && sameId(route.thid, threadOf(message)))
    let row: string | undefined
    const keep = (key: string): void => {
      row = key
    }
    const reply = route.route !== 'none' && via.connection === 'once' ? { takes, keep } : undefined
    if (route.route !== 'none' && via.socket !== undefined) outbox().addSocket(relationship.id, via.socket, route)
    const { durable } = await core.exclusive(relationship.id, () => takeOf(relationship.id, unpacked, proved, reply))
    await durable
    const waiting = reply && (row ?? (await outbox().oldestQueued(relationship.id, takes)))
    const packed = waiting === undefined ? undefined : await outbox().packReply(waiting)
    return packed === undefined ? kept : { taken: true, reply: packed }
  }

  /** M05: what is older than the memory of ids could be a message that took effect before. */
  const isStale = ({ created_time: created }: Plaintext): boolean =>
    created !== undefined && nowSeconds(core) - created > core.limits.retentionSeconds

  function trace(message: Plaintext): void {
    const target = traces === undefined ? undefined : traceTarget(message, traces)
    if (target === undefined || traces === undefined) return
    traces
      .post(target, traceReport(message, traces.handler))
      .catch((error: unknown) => core.logger.info('trace not sent', { error: String(error) }))
  }

  type Taken = { readonly durable: Promise<void> }

  async function takeOf(id: string, { message, proof }: Unpacked, proved: Proved, reply: Reply | undefined): Promise<Taken> {
    const unit = core.journal.begin()
    const known = await unit.get('relationships', id)
    if (known === undefined) throw new DidcommError('ERR_INTERNAL', 'a relationship is gone')
    const work = beginWork(unit, known, proved.peer, message)
    let relationship = known

    const seen = await unit.get('seen', seenRow(id, message.id))
    if (seen !== undefined) return repeat(work, seen, message, reply)

    if (proof.rotation !== undefined) relationship = await rotate(core, unit, relationship, proof.rotation)
    if (relationship.state === 'ended') {
      unit.put('seen', seenRow(id, message.id), { at: core.clock.epochMilliseconds(), digest: digestOf(message) })
      return { durable: core.journal.commit(unit) }
    }
    const { ours } = relationship
    // ROT-15: who writes to the new DID has seen the rotation.
    if (ours.rotation !== undefined && proof.recipient !== undefined && sameSubject(proof.recipient.did, ours.did)) {
      const { rotation: _, ...answered } = ours
      relationship = update(unit, relationship, { ours: answered })
    }
    relationship = await pinned(core, unit, relationship)
    if (message['accept-lang'] !== undefined) relationship = update(unit, relationship, { acceptLang: acceptedLanguages(message) })
    work.relationship = relationship
    return followed(await conclude(work, proved, { reply }), work, id)
  }

  /** What waited for the message goes on in the same turn. */
  async function followed(taken: Taken, { releases }: Work, id: string): Promise<Taken> {
    if (releases === undefined) return taken
    // It is awaited below: that is later than it may fail.
    taken.durable.catch(() => undefined)
    const stored = await release(core, concludeHeld, id, releases).catch((error: unknown) => [Promise.reject(error)])
    return { ...taken, durable: Promise.all([taken.durable, ...stored]).then(() => undefined) }
  }

  const concludeHeld = (work: Work, proved: Proved, key: string): Promise<Taken> =>
    conclude(work, proved, { origin: { table: 'held', key, attempts: 0 } })

  /** Handles a message, and stores that it was: with what follows, or with why it could not be handled. */
  async function conclude(
    work: Work,
    proved: Proved,
    { reply, origin }: { readonly reply?: Reply | undefined; readonly origin?: Origin | undefined } = {},
  ): Promise<Taken> {
    const { message } = proved
    try {
      await dispatch(work, proved, origin?.table === 'held')
    } catch (error) {
      if (isDidcommError(error) && error.family === 'store') throw error
      return { durable: quarantine(work, proved, error, origin) }
    }
    await attachAcks(core, work)
    remember(work, message)
    if (origin !== undefined) work.unit.put(origin.table, origin.key, undefined)
    return { durable: finishWork(core, work, reply) }
  }

  function remember({ unit, relationship, outgoing }: Work, message: Plaintext): void {
    if (relationship === undefined) return
    const answers = outgoing.map(({ id }) => id)
    unit.put('seen', seenRow(relationship.id, message.id), {
      at: core.clock.epochMilliseconds(),
      digest: digestOf(message),
      ...(answers.length > 0 && { answers }),
    })
  }

  /** A message that came before (SEC-05): it has no second effect, and is answered as it was (REL-04). */
  async function repeat(work: Work, seen: Seen, message: Plaintext, reply: Reply | undefined): Promise<Taken> {
    const { unit, relationship } = work
    const id = relationship?.id as string
    if (seen.digest !== digestOf(message)) {
      core.events.tell({ name: 'id-conflict', relationship: id, messageId: message.id, detail: { type: message.type } })
      return { durable: Promise.resolve() }
    }
    // What it acknowledges may have been on its way when it came first.
    const ids = acknowledgedIds(message)
    if (ids.length > 0) await outbox().acknowledged(unit, id, { ids })
    const sent = await outbox().again(unit, id, seen.answers ?? [], false, reply)
    // ACK-03: its acknowledgment may have gone with a message that was none of its answers.
    if (!sent.some(({ ack = [] }) => ack.some((other) => sameId(other, message.id)))) await noteAcks(work, message)
    await attachAcks(core, work)
    return { durable: finishWork(core, work, sent.length === 0 ? reply : undefined) }
  }

  /** REL-06: it is kept with the reason, tried again by itself a few times, and blocks nobody. */
  async function quarantine({ relationship, peer }: Work, { message, signed }: Proved, error: unknown, origin?: Origin): Promise<void> {
    const unit = core.journal.begin()
    const id = relationship?.id ?? '-'
    const at = core.clock.epochMilliseconds()
    const reason = error instanceof Error ? error.message : String(error)
    unit.put('seen', seenRow(id, message.id), { at, digest: digestOf(message) })
    const attempts = (origin?.attempts ?? 0) + 1
    const notBefore = attempts < core.limits.maxAttempts ? at + 1000 * 4 ** (attempts - 1) : undefined
    if (origin?.table === 'held') {
      unit.put('held', origin.key, undefined)
      await unsee(unit, id, message)
    }
    unit.put('quarantine', seenRow(id, message.id), {
      relationship: id,
      message,
      proof: { signed, ...(peer !== undefined && { peer }) },
      reason: reason.slice(0, 500),
      attempts,
      at,
      ...(notBefore !== undefined && { notBefore }),
    })
    core.events.add(unit, {
      name: 'quarantined',
      relationship: id,
      messageId: message.id,
      thid: threadOf(message),
      detail: { type: message.type, reason },
    })
    if (notBefore !== undefined) unit.after(() => core.wakeAt(notBefore))
    core.logger.error('message quarantined', { type: message.type, reason })
    await core.journal.commit(unit)
  }

  async function handleNow(relationship: Relationship | undefined, proved: Proved, origin?: Origin): Promise<void> {
    const run = async (): Promise<Taken> => {
      const unit = core.journal.begin()
      // Somebody else may have handed it in meanwhile.
      if (origin !== undefined && (await unit.get(origin.table, origin.key)) === undefined) return { durable: Promise.resolve() }
      const current = relationship === undefined ? undefined : await unit.get('relationships', relationship.id)
      const work = beginWork(unit, current, proved.peer, proved.message)
      const taken = await conclude(work, proved, { origin })
      return current === undefined ? taken : followed(taken, work, current.id)
    }
    const { durable } = relationship === undefined ? await run() : await core.exclusive(relationship.id, run)
    await durable
  }

  const releaseNow = async (id: string, thid: string): Promise<void> => {
    const stored = await core.exclusive(id, () => release(core, concludeHeld, id, thid))
    await Promise.all(stored)
  }

  return { receive, handle: handleNow, release: releaseNow }
}

/** Tells a resend from another message with the same id: what the sender may change in a resend does not count (SEQ-03). No secret hangs on it. */
function digestOf({ type, thid, pthid, body, attachments }: Plaintext): string {
  const text = JSON.stringify([type, thid, pthid, body, attachments])
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2_654_435_761)
    b = Math.imul(b ^ code, 1_597_334_677)
  }
  return ((a >>> 0) * 2 ** 21 + ((b >>> 0) & 0x1fffff)).toString(36)
}
