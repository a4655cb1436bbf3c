/**
 * What happens without a message: timers of roles, tasks for the application, second tries of what could not be handled, and forgetting what
 * is old. All of it goes on after a crash, for all of it is stored.
 *
 * @module
 */

import type { Did } from '../did/did.ts'
import { isDidcommError } from '../errors.ts'
import { threadOf } from '../message/thread.ts'
import type { Core } from './core.ts'
import { gapReportMilliseconds, reportGap } from './held.ts'
import type { Origin } from './inbox.ts'
import type { Receive } from './ports.ts'
import { peerThread, type Quarantined, type Relationship, type Tables, type Task, type Timer, timerRow } from './records.ts'
import { step } from './step.ts'
import type { Proved } from './work.ts'
import { beginWork, finishWork, keepThread, threadOfWork } from './work.ts'

export type Background = {
  wakeAt(epochMilliseconds: number): void
  tasksAdded(): void
  /** Handles a quarantined message once more, now. */
  replay(row: string): Promise<boolean>
  close(): Promise<void>
}

type Parts = {
  readonly handle: (relationship: Relationship | undefined, proved: Proved, origin: Origin) => Promise<void>
  readonly release: (relationship: string, thid: string) => Promise<void>
  readonly receive: Receive
}

const pageSize = 100
const sweepMilliseconds = 3_600_000
const parallelTasks = 16

export function openBackground(core: Core, { handle, release, receive }: Parts): Background {
  const { journal, clock, limits } = core
  let wake: { readonly at: number; readonly callOff: () => void } | undefined
  let working = false
  let again = false
  const running = new Set<Promise<void>>()
  const tasksRunning = new Set<string>()
  let lastSweep = clock.epochMilliseconds()

  const track = (work: Promise<void>): Promise<void> => {
    const tracked: Promise<void> = work
      .catch((error: unknown) => core.logger.error('background work failed', { error: String(error) }))
      .finally(() => running.delete(tracked))
    running.add(tracked)
    return tracked
  }

  function wakeAt(at: number): void {
    if (core.closing.aborted || (wake !== undefined && wake.at <= at)) return
    wake?.callOff()
    const callOff = clock.later(Math.max(0, at - clock.epochMilliseconds()), () => {
      wake = undefined
      void track(work())
    })
    wake = { at, callOff }
  }

  async function work(): Promise<void> {
    if (working) {
      again = true
      return
    }
    working = true
    try {
      do {
        again = false
        await runTimers()
        await runQuarantine()
        await runHeld()
        await runTasks()
        if (clock.epochMilliseconds() - lastSweep >= sweepMilliseconds) await sweep()
      } while (again && !core.closing.aborted)
    } catch (error) {
      // The store may be back in a while.
      wakeAt(clock.epochMilliseconds() + 5_000)
      throw error
    } finally {
      working = false
    }
    wakeAt(lastSweep + sweepMilliseconds)
  }

  async function runTimers(): Promise<void> {
    for (;;) {
      const now = clock.epochMilliseconds()
      const due = await journal.list({ table: 'timers', limit: pageSize })
      for (const { key, value } of due) {
        if (value.due > now) {
          wakeAt(value.due)
          return
        }
        await runTimer(key, value).catch((error: unknown) => deferTimer(key, value, error))
      }
      if (due.length < pageSize) return
    }
  }

  async function runTimer(key: string, { relationship: id, thread, instance: name, timer, due }: Timer): Promise<void> {
    const { durable } = await core.exclusive(id, async () => {
      const unit = journal.begin()
      const relationship = await unit.get('relationships', id)
      const work = beginWork(unit, relationship, relationship?.theirs.did)
      work.unit.put('timers', key, undefined)
      const stored = await threadOfWork(work, thread)
      const instance = stored?.instances[name]
      const protocol = instance && core.registry.protocol(instance.piuri)
      const role = instance && core.registry.role(instance.piuri, instance.role)
      // A timer that was stopped or started anew since means nothing.
      if (stored === undefined || instance?.timers?.[timer] !== due || protocol === undefined || role === undefined) {
        return { durable: journal.commit(work.unit) }
      }
      const { [timer]: _, ...timers } = instance.timers
      keepThread(work, { ...stored, instances: { ...stored.instances, [name]: { ...instance, timers } } })
      await step(core, work, { protocol, role, thid: thread, spoken: instance.piuri }, { kind: 'timer', on: timer, with: {} })
      return { durable: finishWork(core, work) }
    })
    await durable
  }

  /** REL-06: a role that fails at its timer is asked again a few times, and blocks no other. */
  async function deferTimer(key: string, failed: Timer, error: unknown): Promise<void> {
    if (isDidcommError(error) && error.family === 'store') throw error
    const { relationship, thread, instance: name, timer, due, attempts = 0 } = failed
    const reason = error instanceof Error ? error.message : String(error)
    core.logger.error('timer failed', { timer, reason })
    const { durable } = await core.exclusive(relationship, async () => {
      const unit = journal.begin()
      const work = beginWork(unit, await unit.get('relationships', relationship), undefined)
      work.unit.put('timers', key, undefined)
      const stored = await threadOfWork(work, thread)
      const instance = stored?.instances[name]
      if (attempts + 1 >= limits.maxAttempts)
        core.events.add(work.unit, { name: 'timer-failed', relationship, thid: thread, detail: { timer, instance: name, reason } })
      else if (stored !== undefined && instance?.timers?.[timer] === due) {
        const later = { ...failed, attempts: attempts + 1, due: clock.epochMilliseconds() + 1000 * 4 ** (attempts + 1) }
        work.unit.put('timers', timerRow(later), later)
        work.unit.after(() => wakeAt(later.due))
        keepThread(work, {
          ...stored,
          instances: { ...stored.instances, [name]: { ...instance, timers: { ...instance.timers, [timer]: later.due } } },
        })
      }
      return { durable: journal.commit(work.unit) }
    })
    await durable
  }

  async function runQuarantine(): Promise<void> {
    // Those that wait for a person stand before nobody.
    for (let after = ''; ; ) {
      const page = await journal.list({ table: 'quarantine', limit: pageSize, ...(after !== '' && { after }) })
      for (const { key, value } of page) {
        if (value.notBefore === undefined) continue
        if (value.notBefore > clock.epochMilliseconds()) wakeAt(value.notBefore)
        else await replayRow(key, value)
      }
      if (page.length < pageSize) return
      after = page.at(-1)?.key ?? ''
    }
  }

  /** Hands a message in again: where it fails again, it stays with one attempt more. */
  async function replayRow(key: string, { relationship: id, message, proof, attempts }: Quarantined): Promise<boolean> {
    const relationship = id === '-' ? undefined : await journal.get('relationships', id)
    const proved = { message, peer: proof.peer as Did | undefined, signed: proof.signed }
    await handle(relationship, proved, { table: 'quarantine', key, attempts })
    return (await journal.get('quarantine', key)) === undefined
  }

  /** Messages that wait for those that they follow: what is missing is asked for, and after a while they go on without it. */
  async function runHeld(): Promise<void> {
    for (let after = ''; ; ) {
      // One of each thread, however many wait in it.
      const [first] = await journal.list({ table: 'held', limit: 1, ...(after !== '' && { after }) })
      if (first === undefined) break
      const { at, message } = first.value
      const id = first.key.slice(0, first.key.indexOf(' '))
      if (clock.epochMilliseconds() >= at + gapReportMilliseconds) {
        await core.exclusive(id, () => reportGap(core, id, threadOf(message)))
        await release(id, threadOf(message))
      }
      // '~' sorts after every number.
      after = `${first.key.slice(0, first.key.lastIndexOf(' '))} ~`
      wakeAt(clock.epochMilliseconds() + gapReportMilliseconds)
    }
  }

  async function runTasks(): Promise<void> {
    if (core.closing.aborted) return
    let after = ''
    while (tasksRunning.size < parallelTasks) {
      const page = await journal.list({ table: 'tasks', limit: pageSize, lasting: true, ...(after !== '' && { after }) })
      for (const { key, value } of page) {
        after = key
        if (tasksRunning.has(key)) continue
        if ((value.notBefore ?? 0) > clock.epochMilliseconds()) {
          wakeAt(value.notBefore ?? 0)
          continue
        }
        if (tasksRunning.size >= parallelTasks) return
        tasksRunning.add(key)
        void track(
          runTask(key, value).finally(() => {
            tasksRunning.delete(key)
            wakeAt(clock.epochMilliseconds())
          }),
        )
      }
      if (page.length < pageSize) return
    }
  }

  async function runTask(key: string, task: Task): Promise<void> {
    const run = core.hosts[task.piuri]?.tasks?.[task.name]
    const about = {
      relationship: task.relationship,
      peer: task.peer as Did | undefined,
      thid: task.thread,
      key,
      signal: core.closing,
      receive,
    }
    try {
      if (run === undefined) throw new Error(`nobody does the task ${task.name} of ${task.piuri}: give it in \`hosts\``)
      const result = await run(task.detail as never, about)
      await concludeTask(key, task, result ?? undefined)
    } catch (error) {
      // A store that failed says nothing of the task.
      const attempts = isDidcommError(error) && error.family === 'store' ? Math.max(1, task.attempts) : task.attempts + 1
      const reason = error instanceof Error ? error.message : String(error)
      const unit = journal.begin()
      if (attempts >= limits.maxAttempts) {
        unit.put('tasks', key, undefined)
        core.events.add(unit, {
          name: 'task-failed',
          protocol: task.piuri,
          thid: task.thread,
          ...(task.relationship !== undefined && { relationship: task.relationship }),
          detail: { task: task.name, detail: task.detail, reason },
        })
      } else unit.put('tasks', key, { ...task, attempts, notBefore: clock.epochMilliseconds() + 1000 * 4 ** attempts })
      core.logger.warn('task failed', { task: task.name, attempts, reason })
      await journal.commit(unit)
    }
  }

  async function concludeTask(
    key: string,
    task: Task,
    result: { readonly command: string; readonly detail: object } | undefined,
  ): Promise<void> {
    const { durable } = await core.exclusive(task.relationship ?? '-', async () => {
      const unit = journal.begin()
      const relationship = task.relationship === undefined ? undefined : await unit.get('relationships', task.relationship)
      const work = beginWork(unit, relationship, task.peer as Did | undefined)
      work.unit.put('tasks', key, undefined)
      const [piuri = '', name = ''] = task.instance.split(' ')
      const protocol = core.registry.protocol(piuri)
      const role = core.registry.role(piuri, name)
      if (result !== undefined && protocol !== undefined && role !== undefined) {
        await step(core, work, { protocol, role, thid: task.thread }, { kind: 'command', on: result.command, with: result.detail })
      }
      return { durable: finishWork(core, work) }
    })
    await durable
  }

  /** REL-08: what is older than the retention is forgotten, a page at a time. */
  async function sweep(): Promise<void> {
    lastSweep = clock.epochMilliseconds()
    const oldest = lastSweep - limits.retentionSeconds * 1000
    await sweepTable('seen', (value) => value.at < oldest)
    await sweepTable('sent', (value) => (value.at ?? value.queuedAt) < oldest)
    // The last one is kept: the next is numbered after it, and consumers remember numbers.
    const [last] = await journal.list({ table: 'events', limit: 1, reverse: true })
    await sweepTable('events', (value, key) => value.at < oldest && key !== last?.key)
    await sweepTable('threads', (value, key) => value.updatedAt < oldest && !key.endsWith(` ${peerThread}`))
    await sweepTable('quarantine', (value) => value.at < oldest)
  }

  async function sweepTable<T extends 'seen' | 'sent' | 'events' | 'threads' | 'quarantine'>(
    table: T,
    isOld: (value: Tables[T], key: string) => boolean,
  ): Promise<void> {
    for (let after = ''; ; ) {
      const page = await journal.list({ table, limit: 500, ...(after !== '' && { after }) })
      const unit = journal.begin()
      for (const { key, value } of page) if (isOld(value, key)) unit.put(table, key, undefined)
      await journal.commit(unit)
      if (page.length < 500) return
      after = page.at(-1)?.key ?? ''
    }
  }

  wakeAt(clock.epochMilliseconds())
  return {
    wakeAt,
    tasksAdded: () => wakeAt(clock.epochMilliseconds()),
    async replay(row) {
      const value = await journal.get('quarantine', row)
      return value !== undefined && replayRow(row, { ...value, attempts: 0 })
    },
    async close() {
      wake?.callOff()
      await Promise.allSettled([...running])
    },
  }
}
