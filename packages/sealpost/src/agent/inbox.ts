/**
 * Takes messages in: opened, told from what came before, given to the role they are for, and stored with all that follows from them in
 * one piece (REL-02). What cannot be handled blocks nothing else (REL-06).
 *
 * @module
 */
import { type Did, didOf } from '../did/did.ts'
import { sameSubject } from '../did/subject.ts'
import type { Unpacked } from '../envelope/open.ts'
import { unpack } from '../envelope/unpack.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { messageOf, type Protection, type Protocol } from '../machine/protocol.ts'
import type { AnyRole } from '../machine/role.ts'
import { checkBody } from '../machine/shape.ts'
import { acknowledgedIds } from '../message/ack.ts'
import { sameId } from '../message/identifier.ts'
import { acceptedLanguages } from '../message/language.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { isProblemReport } from '../message/problem.ts'
import { returnRouteOf } from '../message/return-route.ts'
import { threadOf } from '../message/thread.ts'
import { traceReport, traceTarget } from '../message/trace.ts'
import { attachAcks, isEmpty, noteAcks } from './acks.ts'
import { type Core, nowSeconds } from './core.ts'
import { identityOf } from './identities.ts'
import type { AgentOptions } from './options.ts'
import type { Outbox } from './outbox.ts'
import { pinned } from './pins.ts'
import type { Receipt, Receive, Via } from './ports.ts'
import { takeProblem } from './problems.ts'
import { instanceKey, peerThread, type Relationship, type Seen, seenRow, threadRow } from './records.ts'
import { begin, find, rotate, update } from './relationships.ts'
import { missedByPeer, orderIncoming } from './sequence.ts'
import { report, step, type Target } from './step.ts'
import { beginWork, finishWork, keepThread, threadOfWork, type Work } from './work.ts'

/** A message as it was proved. */
export type Proved = { readonly message: Plaintext; readonly peer: Did | undefined; readonly signed: boolean }

export type Inbox = {
  readonly receive: Receive
  /** Handles a message whose envelope was opened before: from quarantine, from an invitation, or from what was held back. */
  handle(relationship: Relationship | undefined, proved: Proved): Promise<void>
}

type Options = Pick<AgentOptions, 'strangers' | 'traces'>

const rank: Readonly<Record<Protection, number>> = { any: 0, authenticated: 1, signed: 2 }
const kept = { taken: true } as const

export function createInbox(core: Core, outbox: () => Outbox, { strangers = true, traces }: Options): Inbox {
  let inFlight = 0

  const receive: Receive = async (envelope, via) => {
    if (core.closing.aborted) return { taken: false, retryAfterSeconds: 5 }
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
    const relationship = await whose(unpacked)
    const sender = proof.sender?.did
    const proved: Proved = { message, peer: sender, signed: proof.signature !== undefined }
    if (relationship === undefined) {
      await handleNow(undefined, proved)
      return kept
    }

    const route = sender === undefined ? { route: 'none' as const } : returnRouteOf(message)
    const wantsReply = route.route !== 'none' && via.connection === 'once'
    if (route.route !== 'none' && via.socket !== undefined) outbox().addSocket(relationship.id, via.socket)
    const { durable, row } = await core.exclusive(relationship.id, () => takeOf(relationship.id, unpacked, proved, wantsReply))
    await durable
    const reply = row === undefined ? undefined : await outbox().packReply(row)
    return reply === undefined ? kept : { taken: true, reply }
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

  /**
   * The relationship that a message belongs to, by what its envelope proves. Undefined where the sender is not proved.
   *
   * @throws {DidcommError} `ERR_TRUST_POLICY` for strangers where they may not begin, and for anybody who writes to a DID that is for another.
   */
  async function whose({ message, proof }: Unpacked): Promise<Relationship | undefined> {
    const theirs = proof.sender?.did
    if (theirs === undefined) return undefined
    const ours = proof.recipient?.did ?? (await ourDidIn(message))
    if (ours === undefined)
      throw new DidcommError('ERR_TRUST_NOT_FOR_US', 'expected `to` to name a DID of ours, found none', { rule: 'HDR-07' })
    if ((await identityOf(core.journal, theirs)) !== undefined)
      throw new DidcommError('ERR_TRUST_ADDRESSING', 'expected a message of somebody else, found one of our own that came back', {
        rule: 'ADR-04',
      })
    const { rotation } = proof
    let found = await find(core.journal, ours, theirs)
    // ROT-06: the prior DID tells whose relationship it is.
    if (found.relationship === undefined && rotation !== undefined) found = await find(core.journal, ours, rotation.prior)
    if (found.relationship !== undefined) {
      if (found.relationship.state === 'ended') throw new DidcommError('ERR_TRUST_POLICY', 'the relationship has ended', { rule: 'ROT-18' })
      const isOld = found.by === 'retired' && !(rotation !== undefined && sameSubject(rotation.prior, found.relationship.theirs.did))
      if (isOld)
        throw new DidcommError('ERR_TRUST_ROTATION', 'expected the DID that the peer rotated to, found one that it left', {
          rule: 'ROT-16',
        })
      return found.relationship
    }
    if (found.by === 'intruder')
      throw new DidcommError('ERR_TRUST_POLICY', 'expected the peer that this DID of ours is for, found another', { rule: 'THR-12' })
    return core.exclusive(`begin ${ours}`, () => meet(message, didOf(ours), theirs))
  }

  const ourDidIn = async ({ to = [] }: Plaintext): Promise<Did | undefined> => {
    for (const did of to) if ((await identityOf(core.journal, didOf(did as Did))) !== undefined) return didOf(did as Did)
    return undefined
  }

  /** Begins a relationship with somebody who is not known: by an invitation of ours, or by a public DID. */
  async function meet(message: Plaintext, ours: Did, theirs: Did): Promise<Relationship> {
    const again = await find(core.journal, ours, theirs)
    if (again.relationship !== undefined) return again.relationship
    const identity = await identityOf(core.journal, ours)
    const id = identity?.invitation
    const unit = core.journal.begin()
    if (id === undefined) {
      if (!strangers) throw new DidcommError('ERR_TRUST_POLICY', 'expected a peer that is known, found a stranger', { rule: 'OOB-16' })
      const relationship = begin(core, unit, { ours, theirs, via: true })
      await core.journal.commit(unit)
      return relationship
    }
    const invited = await unit.get('invitations', id)
    const closed = (why: string): DidcommError => new DidcommError('ERR_TRUST_POLICY', `the invitation ${why}`, { rule: 'OOB-18' })
    if (invited === undefined) throw closed('was withdrawn')
    if (invited.uses === 'once' && invited.used > 0) throw closed('was used before')
    if (invited.message.expires_time !== undefined && invited.message.expires_time < nowSeconds(core)) throw closed('has expired')
    // OOB-03: the answer names the invitation.
    if (message.pthid !== undefined && !sameId(message.pthid, id))
      throw closed('that is named is another than the one that this DID is for')
    unit.put('invitations', id, { ...invited, used: invited.used + 1 })
    const relationship = begin(core, unit, {
      ours,
      theirs,
      via: true,
      wantsOwn: true,
      invitation: { id, role: 'inviter' },
      ...(invited.label !== undefined && { label: invited.label }),
    })
    await core.journal.commit(unit)
    return relationship
  }

  type Taken = { readonly durable: Promise<void>; readonly row?: string | undefined }

  async function takeOf(id: string, { message, proof }: Unpacked, proved: Proved, wantsReply: boolean): Promise<Taken> {
    const known = await core.journal.get('relationships', id)
    if (known === undefined) throw new DidcommError('ERR_INTERNAL', 'a relationship is gone')
    const work = beginWork(core, known, proved.peer, message)
    const { unit } = work
    let relationship = known

    const seen = await unit.get('seen', seenRow(id, message.id))
    if (seen !== undefined) return { durable: repeat(work, seen, message) }

    if (proof.rotation !== undefined) relationship = await rotate(core, unit, relationship, proof.rotation)
    const { ours } = relationship
    // ROT-15: who writes to the new DID has seen the rotation.
    if (ours.rotation !== undefined && proof.recipient !== undefined && sameSubject(proof.recipient.did, ours.did)) {
      const { rotation: _, ...answered } = ours
      relationship = update(unit, relationship, { ours: answered })
    }
    relationship = await pinned(core, unit, relationship)
    if (message['accept-lang'] !== undefined) relationship = update(unit, relationship, { acceptLang: acceptedLanguages(message) })
    work.relationship = relationship
    if (relationship.state === 'ended') {
      unit.put('seen', seenRow(id, message.id), { at: core.clock.epochMilliseconds(), digest: digestOf(message) })
      return { durable: core.journal.commit(unit) }
    }
    return conclude(work, proved, wantsReply)
  }

  /** Handles a message, and stores that it was: with what follows, or with why it could not be handled. */
  async function conclude(work: Work, proved: Proved, wantsReply = false): Promise<Taken> {
    const { message } = proved
    try {
      await dispatch(work, proved)
    } catch (error) {
      if (isDidcommError(error) && error.family === 'store') throw error
      return { durable: quarantine(work, proved, error) }
    }
    await attachAcks(core, work)
    remember(work, message)
    let row: string | undefined
    const keep = (key: string): void => {
      row = key
    }
    const durable = finishWork({ ...core, numbering: outbox().numbering }, work, wantsReply ? keep : undefined)
    return { durable, row }
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

  /** A message that came before: it has no second effect, and is answered as it was (REL-04). */
  function repeat(work: Work, seen: Seen, message: Plaintext): Promise<void> {
    const { unit, relationship } = work
    const id = relationship?.id as string
    if (seen.digest !== digestOf(message)) {
      core.events.tell({ name: 'id-conflict', relationship: id, messageId: message.id, detail: { type: message.type } })
      return Promise.resolve()
    }
    return outbox()
      .again(unit, id, seen.answers ?? [], false)
      .then(() => core.journal.commit(unit))
  }

  /** REL-06: it is kept with the reason, tried again by itself a few times, and blocks nobody. */
  function quarantine({ relationship, peer }: Work, { message, signed }: Proved, error: unknown): Promise<void> {
    const unit = core.journal.begin()
    const id = relationship?.id ?? '-'
    const at = core.clock.epochMilliseconds()
    const reason = error instanceof Error ? error.message : String(error)
    unit.put('seen', seenRow(id, message.id), { at, digest: digestOf(message) })
    unit.put('quarantine', seenRow(id, message.id), {
      relationship: id,
      message,
      proof: { signed, ...(peer !== undefined && { peer }) },
      reason: reason.slice(0, 500),
      attempts: 1,
      at,
      notBefore: at + 1000,
    })
    core.events.add(unit, {
      name: 'quarantined',
      relationship: id,
      messageId: message.id,
      thid: threadOf(message),
      detail: { type: message.type, reason },
    })
    unit.after(() => core.wakeAt(at + 1000))
    core.logger.error('message quarantined', { type: message.type, reason })
    return core.journal.commit(unit)
  }

  async function dispatch(work: Work, { message, signed }: Proved): Promise<void> {
    const thid = threadOf(message)
    const { relationship, unit } = work
    await noteAcks(work, message)
    if (relationship !== undefined) {
      await takeAcks(work, message)
      const missed = await missedByPeer(work, thid, message, [relationship.ours.did, ...relationship.ours.retired])
      if (missed.length > 0) await outbox().again(unit, relationship.id, missed, true)
    }
    if (isProblemReport(message)) return takeProblem(core, work, message)
    if (isEmpty(message)) return
    const thread = await threadOfWork(work, thid)
    // CSC-06: MUST stop responding to messages with that thid.
    if (thread?.cascade?.stopped === true) return
    if (message['accept-lang'] !== undefined && thread !== undefined)
      keepThread(work, { ...thread, acceptLang: acceptedLanguages(message) })

    const known = core.registry.find(message.type)
    const shape = known === undefined ? undefined : messageOf(known.protocol, known.message)
    if (known === undefined || shape === undefined) return unsupported(work, message)
    const { protocol } = known
    const proven: Protection = signed ? 'signed' : work.peer !== undefined ? 'authenticated' : 'any'
    if (rank[proven] < rank[shape.protection]) {
      await report(core, work, { protocol, thid }, 'e.m.trust', [])
      core.events.tell({ name: 'unproven', messageId: message.id, detail: { type: message.type, needs: shape.protection } })
      return
    }
    const { body, wrong } = checkBody(shape.body, message.body)
    if (body === undefined) {
      await report(core, work, { protocol: { ...protocol, problems: { ...malformed, ...protocol.problems } }, thid }, 'e.m.msg.malformed', [
        wrong,
      ])
      return
    }
    if (protocol.sequenced === true && relationship !== undefined) {
      const order = await orderIncoming(core, work, thid, message)
      if (order === 'duplicate') return
      if (order === 'hold') {
        unit.put('held', `${threadRow(relationship.id, thid)} ${String(message.sender_order).padStart(16, '0')}`, {
          message,
          signed,
          at: core.clock.epochMilliseconds(),
          ...(work.peer !== undefined && { peer: work.peer }),
        })
        unit.after(() => core.wakeAt(core.clock.epochMilliseconds() + holdMilliseconds))
        return
      }
    }
    const target = await targetOf(work, protocol, known.message, message)
    if (target === undefined) return unsupported(work, message)
    await step(
      core,
      work,
      { ...target, spoken: known.spoken, ...(message.pthid !== undefined && { pthid: message.pthid }) },
      { kind: 'message', on: known.message, with: body },
    )
    if (protocol.sequenced === true && relationship !== undefined) await releaseHeld(work, protocol, thid)
  }

  /** Those that waited for the message that just came, in their order. */
  async function releaseHeld(work: Work, protocol: Protocol, thid: string): Promise<void> {
    const { relationship, unit } = work
    if (relationship === undefined) return
    const gaps = (await threadOfWork(work, thid))?.sequence?.seen.gaps ?? []
    for (const { key, value } of await core.journal.list({
      table: 'held',
      prefix: `${threadRow(relationship.id, thid)} `,
      limit: maxHeld,
    })) {
      const order = Number(value.message.sender_order)
      if (gaps.some((gap) => gap < order) || (await unit.get('held', key)) === undefined) continue
      unit.put('held', key, undefined)
      await stepHeld(work, protocol, value.message)
    }
  }

  async function stepHeld(work: Work, protocol: Protocol, message: Plaintext): Promise<void> {
    const known = core.registry.find(message.type)
    const shape = known && messageOf(protocol, known.message)
    const checked = shape && checkBody(shape.body, message.body)
    if (known === undefined || checked?.body === undefined) return
    const held: Work = { ...work, cause: message }
    const target = await targetOf(held, protocol, known.message, message)
    if (target !== undefined)
      await step(core, held, { ...target, spoken: known.spoken }, { kind: 'message', on: known.message, with: checked.body })
  }

  /** The explicit acknowledgments of a message (ACK-08), and the one that a reply is by itself. */
  async function takeAcks({ unit, relationship }: Work, message: Plaintext): Promise<void> {
    const ids = acknowledgedIds(message)
    const { thid } = message
    if (relationship === undefined || (ids.length === 0 && thid === undefined)) return
    await outbox().acknowledged(
      unit,
      relationship.id,
      (record) =>
        ids.some((id) => sameId(id, record.id)) ||
        (thid !== undefined && ids.length === 0 && asksAck(record.message) && sameId(threadOf(record.message), thid)),
    )
  }

  /** The instance that a message is for: one that is under way in its thread, or the role that begins with it. */
  async function targetOf(work: Work, protocol: Protocol, on: string, message: Plaintext): Promise<Target | undefined> {
    const roles = Object.values(protocol.roles).filter(({ transitions }) =>
      transitions.some((row) => row.kind === 'message' && row.on === on),
    )
    const thid = threadOf(message)
    const [thread, lasting] = [await threadOfWork(work, thid), await threadOfWork(work, peerThread)]
    const running = roles.filter((role) => {
      const key = instanceKey(protocol.piuri, role.name)
      return thread?.instances[key] !== undefined || lasting?.instances[key] !== undefined
    })
    const takes = (role: AnyRole, state = role.initial): boolean =>
      role.transitions.some((row) => row.kind === 'message' && row.on === on && row.from === state.at)
    const stateOf = (role: AnyRole) => {
      const key = instanceKey(protocol.piuri, role.name)
      return (thread?.instances[key] ?? lasting?.instances[key])?.state
    }
    const role = running.find((one) => takes(one, stateOf(one))) ?? running[0] ?? roles.find((one) => takes(one))
    if (role !== undefined) return { protocol, role, thid }
    const untold = message.thid === undefined ? await openThread(work, protocol, roles, on) : undefined
    return untold ?? (roles[0] && { protocol, role: roles[0], thid })
  }

  /** Mediators are known that answer without `thid`: the oldest thread that waits for such a message is meant. */
  async function openThread(work: Work, protocol: Protocol, roles: readonly AnyRole[], on: string): Promise<Target | undefined> {
    const { relationship } = work
    if (relationship === undefined) return undefined
    const threads = await core.journal.list({ table: 'threads', prefix: `${relationship.id} `, limit: 500 })
    const open = threads
      .flatMap(({ value }) =>
        roles.flatMap((role) => {
          const instance = value.instances[instanceKey(protocol.piuri, role.name)]
          const waits =
            instance !== undefined &&
            role.transitions.some((row) => row.kind === 'message' && row.on === on && row.from === instance.state.at)
          return waits ? [{ protocol, role, thid: value.thid, at: value.updatedAt }] : []
        }),
      )
      .sort((a, b) => a.at - b.at)
    return open[0]
  }

  /** M11: reported once, to a peer that is proved; a stranger learns nothing of what we speak. */
  async function unsupported(work: Work, message: Plaintext): Promise<void> {
    if (work.relationship === undefined) return
    core.events.add(work.unit, {
      name: 'unsupported',
      relationship: work.relationship.id,
      messageId: message.id,
      thid: threadOf(message),
      ...(work.peer !== undefined && { peer: work.peer }),
      detail: { message },
    })
    await report(core, work, { protocol: unknownProtocol, thid: threadOf(message) }, 'e.m.msg.unsupported', [message.type.slice(0, 200)])
  }

  async function handleNow(relationship: Relationship | undefined, proved: Proved): Promise<void> {
    const run = async (): Promise<Taken> => {
      const current = relationship === undefined ? undefined : await core.journal.get('relationships', relationship.id)
      return conclude(beginWork(core, current, proved.peer, proved.message), proved)
    }
    const { durable } = relationship === undefined ? await run() : await core.exclusive(relationship.id, run)
    await durable
  }

  return { receive, handle: handleNow }
}

/** A message that waits for one before it is let through after so long, or where more than so many wait. */
export const holdMilliseconds = 30_000
export const maxHeld = 200

const asksAck = ({ please_ack: ids }: Plaintext): boolean => ids !== undefined && ids.length > 0

const malformed = { 'e.m.msg.malformed': 'The body of this message is malformed: {1}.' }
const unknownProtocol: Protocol = {
  piuri: '',
  messages: {},
  roles: {},
  instance: 'thread',
  problems: { 'e.m.msg.unsupported': 'Messages of this type are not handled here: {1}.' },
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
