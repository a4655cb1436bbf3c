/**
 * One step of a role: an input comes to an instance, the table says what follows, and its effects become writes. This is the one place where
 * the words of a role turn into what the agent does.
 *
 * @module
 */

import { DidcommError } from '../errors.ts'
import type { Effect } from '../machine/effect.ts'
import type { Protocol } from '../machine/protocol.ts'
import { instanceOf } from '../machine/protocol.ts'
import type { State } from '../machine/role.ts'
import { type AnyRole, type ChildEnd, ended, type Given, type Input, transitionFor } from '../machine/role.ts'
import { beginCascade, problemToReport } from '../message/cascade.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { isProblemReport, mayReport, parseProblemReport, problemReport } from '../message/problem.ts'
import { isAtLeastAsBroad, parseProblemCode } from '../message/problem-codes.ts'
import { threadOf } from '../message/thread.ts'
import { type Core, nowSeconds } from './core.ts'
import { type Instance, instanceKey, ordinal, peerThread, type Thread, threadRow, timerRow } from './records.ts'
import { invitationToName } from './relationships.ts'
import { orderOutgoing } from './sequence.ts'
import { addOutgoing, keepThread, threadOfWork, type Work } from './work.ts'

/** To which instance an input goes. */
export type Target = {
  readonly protocol: Protocol
  readonly role: AnyRole
  /** The thread of the conversation: of the message that came, or of the command. */
  readonly thid: string
  /** The identifier of the protocol in the version that the peer speaks (SEM-01). */
  readonly spoken?: string
  readonly pthid?: string
  readonly parent?: Instance['parent']
  /** The thread begins with what this step sends. */
  readonly begins?: boolean
}

export type Stepped = { readonly moved: boolean; readonly state: State; readonly ended: boolean }

const maxCalls = 16

/** The thread in which the instances of a role are kept. */
export const homeOf = ({ protocol, role, thid }: Pick<Target, 'protocol' | 'role' | 'thid'>): string =>
  instanceOf(protocol, role) === 'peer' ? peerThread : thid

/** The name by which whoever awaits an instance knows it. */
export const waitKey = (relationship: string, home: string, protocol: Protocol, role: AnyRole): string =>
  `${threadRow(relationship, home)} ${instanceKey(protocol.piuri, role.name)}`

/**
 * Runs an input through an instance, and everything that follows from it at once: its effects, and the parents of children that ended.
 *
 * @throws whatever the table or the host throws: it is theirs, and nothing was stored.
 */
export async function step(core: Core, work: Work, target: Target, input: Input, depth = 0): Promise<Stepped> {
  if (depth > maxCalls) throw new DidcommError('ERR_USAGE_ARGUMENT', `expected protocols to call each other at most ${maxCalls} deep`)
  const { protocol, role } = target
  const home = homeOf(target)
  const key = instanceKey(protocol.piuri, role.name)
  const before = (await threadOfWork(work, home)) ?? newThread(core, home, target)
  const instance: Instance = before.instances[key] ?? {
    piuri: target.spoken ?? protocol.piuri,
    role: role.name,
    state: role.initial,
    ...(target.parent && { parent: target.parent }),
  }
  if (instance.abandoned !== undefined) return { moved: false, state: instance.state, ended: true }

  const message = input.kind === 'message' ? work.cause : undefined
  const question = role.asks?.(instance.state, input, work.peer)
  const context = question === undefined ? undefined : await answer(core, work, target, question)
  const given: Given = { peer: work.peer, now: nowSeconds(core), context, ...(message && { message }) }
  const transition = transitionFor(role, instance.state, input, given)
  if (transition === undefined) {
    if (input.kind === 'message') await report(core, work, target, 'e.m.req.out-of-order', [input.on, instance.state.at])
    return { moved: false, state: instance.state, ended: ended(role, instance.state) }
  }

  const [state, ...effects] = transition.by(instance.state as never, input.with as never, given as never)
  const done = ended(role, state)
  const timers = timersAfter(core, work, home, key, instance, effects, done)
  const { timers: _, ...rest } = instance
  const next: Instance = { ...rest, state, ...(timers && { timers }) }
  // What is as it was at the beginning needs no memory.
  if (state !== role.initial || timers !== undefined || before.instances[key] !== undefined) {
    keepThread(work, { ...before, updatedAt: core.clock.epochMilliseconds(), instances: { ...before.instances, [key]: next } })
  }
  for (const effect of effects) await perform(core, work, { ...target, spoken: next.piuri }, effect, depth)
  settle(core, work, target, home, state, done)
  if (done && next.parent !== undefined) await tellParent(core, work, next.parent, { end: state }, depth)
  return { moved: true, state, ended: done }
}

const newThread = (core: Core, thid: string, { pthid }: Target): Thread => ({
  thid,
  ...(pthid !== undefined && thid !== peerThread && { pthid }),
  updatedAt: core.clock.epochMilliseconds(),
  instances: {},
})

async function answer(core: Core, work: Work, { protocol, thid }: Target, question: unknown): Promise<unknown> {
  const host = core.hosts[protocol.piuri]?.context
  if (host !== undefined) return host(question, { relationship: work.relationship?.id, peer: work.peer, thid })
  return protocol.context?.(question, {
    protocols: core.protocols,
    peer: work.peer,
    maxReceiveBytes: core.limits.maxReceiveBytes,
    random: core.random.fraction,
  })
}

/** The timers that run after a step; rows for those that are new. A row whose timer was stopped means nothing when its time comes. */
function timersAfter(
  core: Core,
  work: Work,
  thread: string,
  instance: string,
  { timers }: Instance,
  effects: readonly Effect[],
  done: boolean,
): Instance['timers'] {
  const { relationship, unit } = work
  const running = new Map(Object.entries(timers ?? {}))
  for (const effect of effects) {
    if (effect.do === 'stopTimer') running.delete(effect.timer)
    if (effect.do !== 'startTimer' || relationship === undefined) continue
    const due = core.clock.epochMilliseconds() + Math.max(0, effect.afterSeconds) * 1000
    running.set(effect.timer, due)
    const timer = { relationship: relationship.id, thread, instance, timer: effect.timer, due }
    unit.put('timers', timerRow(timer), timer)
    unit.after(() => core.wakeAt(due))
  }
  return done || running.size === 0 ? undefined : Object.fromEntries(running)
}

async function perform(core: Core, work: Work, target: Target, effect: Effect, depth: number): Promise<void> {
  const { protocol, role, thid } = target
  switch (effect.do) {
    case 'send':
      return send(core, work, target, effect)
    case 'report':
      return report(core, work, target, effect.code, effect.args)
    case 'emit':
      return core.events.add(work.unit, {
        name: effect.event,
        protocol: protocol.piuri,
        role: role.name,
        thid,
        ...(work.relationship && { relationship: work.relationship.id }),
        ...(work.peer !== undefined && { peer: work.peer }),
        ...(work.cause && { messageId: work.cause.id }),
        detail: effect.detail as { readonly [member: string]: unknown },
      })
    case 'task':
      return addTask(core, work, target, effect)
    case 'call':
      return call(core, work, target, effect, depth)
    default:
  }
}

async function send(
  core: Core,
  work: Work,
  target: Target,
  { message: name, body, options = {} }: Extract<Effect, { do: 'send' }>,
): Promise<void> {
  const { thid, spoken, protocol } = target
  const { attachments, headers = {}, expiresInSeconds, thread = 'same', returnRoute } = options
  const now = nowSeconds(core)
  // Who lives for a peer, and speaks without being spoken to, begins a thread of its own.
  const alone = thid === peerThread
  const first = alone || thread !== 'same' || (target.begins === true && !work.outgoing.some((other) => threadOf(other.message) === thid))
  const id = first && thread === 'same' && !alone ? thid : core.random.id()
  const parent = thread === 'child' ? work.cause && threadOf(work.cause) : first ? target.pthid : undefined
  const {
    id: _i,
    type: _t,
    from: _f,
    to: _o,
    thid: _h,
    pthid: _p,
    created_time: _c,
    expires_time: _e,
    from_prior: _r,
    ack: _a,
    body: _b,
    attachments: _m,
    typ: _y,
    ...own
  } = headers
  const plain: Plaintext = {
    ...own,
    id,
    type: `${spoken ?? protocol.piuri}/${name}`,
    ...(!first && { thid }),
    ...(parent !== undefined && { pthid: parent }),
    created_time: now,
    ...(expiresInSeconds !== undefined && { expires_time: now + Math.ceil(expiresInSeconds) }),
    ...(first && core.languages.length > 0 && own['accept-lang'] === undefined && { 'accept-lang': core.languages }),
    ...(returnRoute !== undefined && { return_route: returnRoute, ...(returnRoute === 'thread' && { return_route_thread: thid }) }),
    body: body as { readonly [member: string]: unknown },
    ...(attachments !== undefined && { attachments }),
  }
  addOutgoing(core, work, protocol.sequenced === true ? await orderOutgoing(core, work, threadOf(plain), plain) : plain)
}

/** PRB-04, M17: a report is answered by none, but for a warning that is an error to us (WRN-01), whose scope it takes in (WRN-02). */
function mayAnswer(cause: Plaintext, code: string): boolean {
  if (mayReport(cause)) return true
  try {
    const [warning, answer] = [parseProblemReport(cause), parseProblemCode(code)]
    return warning.sorter === 'w' && answer.sorter === 'e' && isAtLeastAsBroad(answer, warning)
  } catch {
    return false
  }
}

/**
 * Reports a problem: to a peer that is proved, once for a message (PRB-04), and never in a thread where too much went wrong (CSC-05, CSC-06).
 */
export async function report(
  core: Core,
  work: Work,
  { protocol, thid }: Pick<Target, 'protocol' | 'thid'>,
  code: string,
  args: readonly string[],
): Promise<void> {
  const { cause } = work
  if (work.peer === undefined || work.relationship === undefined || (cause !== undefined && !mayAnswer(cause, code))) return
  const thread: Thread = (await threadOfWork(work, thid)) ?? { thid, updatedAt: 0, instances: {} }
  const { cascade, report: allowed } = problemToReport(thread.cascade ?? beginCascade(core.limits.maxErrors), code)
  keepThread(work, { ...thread, updatedAt: core.clock.epochMilliseconds(), cascade })
  if (allowed === undefined) return
  const comment = protocol.problems?.[allowed]
  const plain = problemReport({
    id: core.random.id(),
    thread: thid,
    code: allowed,
    ...(comment !== undefined && { comment }),
    ...(allowed === code && args.length > 0 && { args }),
    ...(cause !== undefined && { ack: [cause.id] }),
    headers: { created_time: nowSeconds(core) },
  })
  // WRN-03: MUST be in the thread of the warning.
  addOutgoing(core, work, cause !== undefined && isProblemReport(cause) ? { ...plain, thid: threadOf(cause) } : plain)
}

function addTask(core: Core, work: Work, { protocol, role, thid }: Target, { name, detail }: Extract<Effect, { do: 'task' }>): void {
  const key = `${ordinal(core.clock.epochMilliseconds())} ${core.random.id()}`
  work.unit.put('tasks', key, {
    relationship: work.relationship?.id,
    peer: work.peer,
    thread: thid,
    instance: instanceKey(protocol.piuri, role.name),
    piuri: protocol.piuri,
    name,
    detail: detail as { readonly [member: string]: unknown },
    attempts: 0,
  })
  work.unit.after(core.tasksAdded)
}

/** Starts a protocol that this one awaits: a thread of its own, which grew out of this one (THR-09). */
async function call(core: Core, work: Work, target: Target, effect: Extract<Effect, { do: 'call' }>, depth: number): Promise<void> {
  const protocol = core.registry.protocol(effect.piuri)
  const role = core.registry.role(effect.piuri, effect.role)
  if (protocol === undefined || role === undefined)
    throw new DidcommError(
      'ERR_USAGE_ARGUMENT',
      `expected ${effect.piuri} among the protocols of the agent, since ${target.protocol.piuri} calls it`,
    )
  const child: Target = {
    protocol,
    role,
    thid: core.random.id(),
    pthid: (work.relationship && invitationToName(work.relationship)) ?? target.thid,
    begins: true,
    parent: { thid: homeOf(target), instance: instanceKey(target.protocol.piuri, target.role.name), as: effect.as },
  }
  const { moved } = await step(core, work, child, { kind: 'command', on: effect.command, with: effect.detail }, depth + 1)
  if (!moved)
    throw new DidcommError(
      'ERR_USAGE_OUT_OF_ORDER',
      `expected ${role.name} of ${protocol.piuri} to begin with the command ${effect.command}`,
    )
}

/** Tells the caller of a child protocol how it ended. */
export async function tellParent(core: Core, work: Work, parent: NonNullable<Instance['parent']>, end: ChildEnd, depth = 0): Promise<void> {
  const [piuri = '', name = ''] = parent.instance.split(' ')
  const protocol = core.registry.protocol(piuri)
  const role = core.registry.role(piuri, name)
  if (protocol === undefined || role === undefined) return
  await step(core, work, { protocol, role, thid: parent.thid }, { kind: 'child', on: parent.as, with: end }, depth + 1)
}

function settle(core: Core, work: Work, { protocol, role }: Target, home: string, state: State, done: boolean): void {
  if (work.relationship === undefined) return
  const key = waitKey(work.relationship.id, home, protocol, role)
  work.unit.after(() => core.waiters.settle(key, state, done))
}
