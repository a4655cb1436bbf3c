/**
 * Gives a message to the role that it is for: found by its type and thread, with the protection that the protocol demands, and a body of the
 * right shape. What is in order first and out of order later is put in order here.
 *
 * @module
 */
import { messageOf, type Protection, type Protocol } from '../machine/protocol.ts'
import type { AnyRole } from '../machine/role.ts'
import { checkBody } from '../machine/shape.ts'
import { acknowledgedIds } from '../message/ack.ts'
import { acceptedLanguages } from '../message/language.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { isProblemReport } from '../message/problem.ts'
import { threadOf } from '../message/thread.ts'
import { isEmpty, noteAcks } from './acks.ts'
import type { Core } from './core.ts'
import { gapReportMilliseconds } from './held.ts'
import type { Outbox } from './outbox.ts'
import { takeProblem } from './problems.ts'
import { instanceKey, ordinal, peerThread, type Thread, threadRow } from './records.ts'
import { heldPrefix, missedByPeer, orderIncoming } from './sequence.ts'
import { report, step, type Target } from './step.ts'
import { keepThread, type Proved, threadOfWork, type Work } from './work.ts'

const rank: Readonly<Record<Protection, number>> = { any: 0, authenticated: 1, signed: 2 }
const malformed = { 'e.m.msg.malformed': 'The body of this message is malformed: {1}.' }
const unknownProtocol: Protocol = {
  piuri: '',
  messages: {},
  roles: {},
  instance: 'thread',
  problems: { 'e.m.msg.unsupported': 'Messages of this type are not handled here: {1}.' },
}

/** @param waited - it was held back before, and its turn has come */
export type Dispatch = (work: Work, proved: Proved, waited?: boolean) => Promise<void>

/** @throws whatever the tables and answers of an application throw. */
export function createDispatch(core: Core, outbox: () => Outbox): Dispatch {
  async function dispatch(work: Work, { message, signed }: Proved, waited = false): Promise<void> {
    const thid = threadOf(message)
    const { relationship, unit } = work
    await noteAcks(work, message)
    if (relationship !== undefined && !waited) {
      await takeAcks(work, message)
      const missed = await missedByPeer(work, thid, message, [relationship.ours.did, ...relationship.ours.retired])
      if (missed.length > 0) await outbox().again(unit, relationship.id, missed, true)
    }
    if (isProblemReport(message)) return takeProblem(core, work, message)
    if (isEmpty(message)) return
    const thread = await threadOfWork(work, thid)
    // CSC-06: MUST stop responding to messages with that thid.
    if (thread?.cascade?.stopped === true) return
    if (message['accept-lang'] !== undefined) {
      const begun: Thread = thread ?? {
        thid,
        updatedAt: core.clock.epochMilliseconds(),
        instances: {},
        ...(message.pthid && { pthid: message.pthid }),
      }
      keepThread(work, { ...begun, acceptLang: acceptedLanguages(message) })
    }

    const known = core.registry.find(message.type)
    const shape = known === undefined ? undefined : messageOf(known.protocol, known.message)
    if (known === undefined || shape === undefined) return unsupported(work, message)
    const { protocol } = known
    // SEC-26: a message says what its envelope has to prove.
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
    if (protocol.sequenced === true && relationship !== undefined && !waited) {
      const order = await orderIncoming(core, work, thid, message)
      if (order === 'duplicate') return
      if (order === 'malformed') {
        const problems = { ...malformed, ...protocol.problems }
        await report(core, work, { protocol: { ...protocol, problems }, thid }, 'e.m.msg.malformed', ['sender_order'])
        return
      }
      if (order === 'hold') {
        unit.put('held', `${heldPrefix(relationship.id, thid)}${ordinal(Number(message.sender_order))}`, {
          message,
          signed,
          at: core.clock.epochMilliseconds(),
          ...(work.peer !== undefined && { peer: work.peer }),
        })
        // It is acknowledged when it is handled.
        work.acks.length = 0
        unit.after(() => core.wakeAt(core.clock.epochMilliseconds() + gapReportMilliseconds))
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
  }

  /** The explicit acknowledgments of a message (ACK-08), and the one that a reply is by itself. */
  async function takeAcks({ unit, relationship }: Work, message: Plaintext): Promise<void> {
    const ids = acknowledgedIds(message)
    const { thid } = message
    if (relationship === undefined || (ids.length === 0 && thid === undefined)) return
    // An answer is one by itself, where it does not say which messages it acknowledges.
    await outbox().acknowledged(unit, relationship.id, { ids, ...(thid !== undefined && ids.length === 0 && { thread: thid }) })
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
    const begun = running.find((one) => takes(one, stateOf(one))) ?? running[0]
    if (begun !== undefined) return { protocol, role: begun, thid }
    const untold = message.thid === undefined ? await openThread(work, protocol, roles, on) : undefined
    const fresh = roles.find((one) => takes(one)) ?? roles[0]
    return untold ?? (fresh && { protocol, role: fresh, thid })
  }

  /** Mediators are known that answer without `thid`: the oldest thread that waits for such a message is meant, by a timer that runs. */
  async function openThread(
    { unit, relationship }: Work,
    protocol: Protocol,
    roles: readonly AnyRole[],
    on: string,
  ): Promise<Target | undefined> {
    const answered = roles.filter(({ transitions, initial }) =>
      transitions.some((row) => row.kind === 'message' && row.on === on && row.from !== initial.at),
    )
    if (relationship === undefined || answered.length === 0) return undefined
    let oldest: (Target & { readonly at: number }) | undefined
    for (const { value: timer } of await core.journal.list({ table: 'timers', limit: 1000 })) {
      if (timer.relationship !== relationship.id) continue
      const role = answered.find(({ name }) => timer.instance === instanceKey(protocol.piuri, name))
      const thread = role && (await unit.get('threads', threadRow(relationship.id, timer.thread)))
      const instance = thread?.instances[timer.instance]
      const waits =
        instance?.timers?.[timer.timer] === timer.due &&
        role?.transitions.some((row) => row.kind === 'message' && row.on === on && row.from === instance.state.at) === true
      if (waits && role !== undefined && thread !== undefined && thread.updatedAt < (oldest?.at ?? Number.POSITIVE_INFINITY))
        oldest = { protocol, role, thid: thread.thid, at: thread.updatedAt }
    }
    return oldest
  }

  /** M11, SEM-05: reported once, to a peer that is proved; a stranger learns nothing of what we speak. */
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

  return dispatch
}
