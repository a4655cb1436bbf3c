/**
 * Problem reports of peers: read in every form that is seen, given to the instances they are about, and never answered by another.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#problem-reports | v2.1, Problem Reports}
 * @module
 */
import { DidcommError, isDidcommError } from '../errors.ts'
import { transitionFor } from '../machine/role.ts'
import { beginCascade, problemReceived } from '../message/cascade.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { explain, type Problem, parseProblemReport, problemReport } from '../message/problem.ts'
import { type Core, nowSeconds } from './core.ts'
import { type Instance, threadRow } from './records.ts'
import { step, tellParent } from './step.ts'
import { addOutgoing, keepThread, threadOfWork, type Work } from './work.ts'

/** Takes a problem report: the application hears of it, and so does each instance of its thread. */
export async function takeProblem(core: Core, work: Work, message: Plaintext): Promise<void> {
  const problem = parsed(message)
  if (problem === undefined || work.relationship === undefined) return
  const { thread: thid } = problem
  const about = { ...(thid !== undefined && { thid }), ...(work.peer !== undefined && { peer: work.peer }) }
  core.events.add(work.unit, {
    name: 'problem',
    relationship: work.relationship.id,
    messageId: message.id,
    ...about,
    detail: { code: problem.code, text: explain(problem), ...(problem.escalateTo !== undefined && { escalateTo: problem.escalateTo }) },
  })
  const thread = thid === undefined ? undefined : await threadOfWork(work, thid)
  if (thread === undefined || thid === undefined) return
  const { cascade, report } = problemReceived(thread.cascade ?? beginCascade(core.limits.maxErrors), problem.code)
  keepThread(work, { ...thread, updatedAt: core.clock.epochMilliseconds(), cascade })
  if (report !== undefined)
    addOutgoing(
      core,
      work,
      problemReport({ id: core.random.id(), thread: thid, code: report, ack: [message.id], headers: { created_time: nowSeconds(core) } }),
    )

  for (const key of Object.keys(thread.instances)) await tell(core, work, thid, key, problem)
}

function parsed(message: Plaintext): Problem | undefined {
  try {
    return parseProblemReport(message)
  } catch (error) {
    if (isDidcommError(error)) return undefined
    throw error
  }
}

/** An instance hears of a problem by its table; where the table has nothing for it and the protocol is abandoned, it ends (CODE-02). */
async function tell(core: Core, work: Work, thid: string, key: string, problem: Problem): Promise<void> {
  const instance = (await threadOfWork(work, thid))?.instances[key]
  const protocol = instance && core.registry.protocol(instance.piuri)
  const role = instance && core.registry.role(instance.piuri, instance.role)
  if (instance === undefined || protocol === undefined || role === undefined || instance.abandoned !== undefined) return
  const input = { kind: 'problem', on: problem.code, with: problem } as const
  const given = { peer: work.peer, now: nowSeconds(core), context: undefined }
  if (transitionFor(role, instance.state, input, given) !== undefined) {
    await step(core, work, { protocol, role, thid, spoken: instance.piuri }, input)
    return
  }
  if (problem.sorter !== 'e' || problem.scope === 'm' || !role.transitions.some(({ from }) => from === instance.state.at)) return
  await abandon(core, work, thid, key, instance, problem)
}

async function abandon(core: Core, work: Work, thid: string, key: string, instance: Instance, problem: Problem): Promise<void> {
  const thread = await threadOfWork(work, thid)
  if (thread === undefined || work.relationship === undefined) return
  const { timers: _, ...rest } = instance
  keepThread(work, { ...thread, instances: { ...thread.instances, [key]: { ...rest, abandoned: problem.code } } })
  const waiting = `${threadRow(work.relationship.id, thid)} ${key}`
  const error = new DidcommError('ERR_PEER_PROBLEM', `the peer abandoned the protocol: ${problem.code} ${explain(problem)}`.trim(), {
    rule: 'CODE-02',
  })
  work.unit.after(() => core.waiters.fail(waiting, error))
  if (instance.parent !== undefined) await tellParent(core, work, instance.parent, { abandoned: problem.code })
}
