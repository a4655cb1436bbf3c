/**
 * What happens without a message: timers of roles, tasks for the application, second tries of what could not be handled, and forgetting what
 * is old. All of it goes on after a crash, for all of it is stored.
 *
 * @module
 */

import type { Did } from '../did/did.ts'
import { pureAck } from '../message/ack.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { receivedOrdersHeader } from '../message/sequencing.ts'
import type { Core } from './core.ts'
import { holdMilliseconds, type Proved } from './dispatch.ts'
import type { Receive } from './ports.ts'
import { type Quarantined, type Relationship, type Tables, type Task, type Timer, threadRow } from './records.ts'
import { step } from './step.ts'
import { addOutgoing, beginWork, finishWork, keepThread, threadOfWork } from './work.ts'

export type Background = {
  wakeAt(epochMilliseconds: number): void
  tasksAdded(): void
  /** Handles a quarantined message once more, now. */
  replay(row: string): Promise<boolean>
  close(): Promise<void>
}

type Parts = {
  readonly handle: (relationship: Relationship | undefined, proved: Proved) => Promise<void>
  readonly receive: Receive
}

const pageSize = 100
const gapReportMilliseconds = 5_000
const sweepMilliseconds = 3_600_000
const parallelTasks = 16

export function openBackground(core: Core, { handle, receive }: Parts): Background {
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
        await runTimer(key, value)
      }
      if (due.length < pageSize) return
    }
  }

  async function runTimer(key: string, { relationship: id, thread, instance: name, timer, due }: Timer): Promise<void> {
    const { durable } = await core.exclusive(id, async () => {
      const relationship = await journal.get('relationships', id)
      const work = beginWork(core, relationship, relationship?.theirs.did)
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

  async function runQuarantine(): Promise<void> {
    for (const { key, value } of await journal.list({ table: 'quarantine', limit: pageSize })) {
      if (value.notBefore === undefined) continue
      if (value.notBefore > clock.epochMilliseconds()) wakeAt(value.notBefore)
      else await replayRow(key, value)
    }
  }

  /** Takes the message out of quarantine and hands it in again; where it fails again, it is back there with one attempt more. */
  async function replayRow(key: string, row: Quarantined): Promise<boolean> {
    const relationship = row.relationship === '-' ? undefined : await journal.get('relationships', row.relationship)
    const attempts = row.attempts + 1
    const remove = journal.begin()
    remove.put('quarantine', key, undefined)
    await journal.commit(remove)
    const { peer } = row.proof
    await handle(relationship, { message: row.message, peer: peer as Did | undefined, signed: row.proof.signed })
    const failed = await journal.get('quarantine', key)
    if (failed === undefined) return true
    const unit = journal.begin()
    const notBefore = clock.epochMilliseconds() + 1000 * 4 ** attempts
    const { notBefore: _, ...rest } = failed
    const last = attempts >= limits.maxAttempts
    unit.put('quarantine', key, last ? { ...rest, attempts } : { ...rest, attempts, notBefore })
    await journal.commit(unit)
    if (!last) wakeAt(notBefore)
    return false
  }

  /** Messages that waited long enough for what they follow go on without it; what is missing is asked for before. */
  async function runHeld(): Promise<void> {
    const now = clock.epochMilliseconds()
    const threads = new Map<
      string,
      {
        readonly at: number
        readonly rows: { readonly key: string; readonly message: Plaintext; readonly peer?: string; readonly signed: boolean }[]
      }
    >()
    for (const { key, value } of await journal.list({ table: 'held', limit: 1000 })) {
      const thread = key.slice(0, key.lastIndexOf(' '))
      const known = threads.get(thread) ?? { at: value.at, rows: [] }
      threads.set(thread, known)
      known.rows.push({ key, ...value })
    }
    for (const [thread, { at, rows }] of threads) {
      const relationship = await journal.get('relationships', thread.slice(0, thread.indexOf(' ')))
      if (relationship === undefined) continue
      if (now < at + gapReportMilliseconds) {
        wakeAt(at + gapReportMilliseconds)
        continue
      }
      if (now < at + holdMilliseconds) {
        await reportGap(relationship, thread.slice(relationship.id.length + 1))
        wakeAt(at + holdMilliseconds)
        continue
      }
      await forgetGaps(relationship, thread.slice(relationship.id.length + 1))
      for (const { key, message, peer, signed } of rows) {
        const unit = journal.begin()
        unit.put('held', key, undefined)
        await journal.commit(unit)
        await handle(relationship, { message, peer: peer as Did | undefined, signed })
      }
    }
  }

  async function reportGap(relationship: Relationship, thid: string): Promise<void> {
    const { durable } = await core.exclusive(relationship.id, async () => {
      const work = beginWork(core, relationship, relationship.theirs.did)
      const seen = (await threadOfWork(work, thid))?.sequence?.seen
      if (seen !== undefined && seen.gaps.length > 0) {
        const { ack: _, ...empty } = pureAck({ id: core.random.id(), thid, ack: [] })
        addOutgoing(core, work, { ...empty, ...receivedOrdersHeader([[relationship.theirs.did, seen]]) })
      }
      return { durable: finishWork(core, work) }
    })
    await durable
  }

  async function forgetGaps(relationship: Relationship, thid: string): Promise<void> {
    const { durable } = await core.exclusive(relationship.id, async () => {
      const work = beginWork(core, relationship, undefined)
      const thread = await threadOfWork(work, thid)
      if (thread?.sequence !== undefined) {
        // The orders that are handed in again count as new.
        const { last } = thread.sequence.seen
        const held = new Set(
          (await journal.list({ table: 'held', prefix: `${threadRow(relationship.id, thid)} `, limit: 1000 })).map(({ value }) =>
            Number(value.message.sender_order),
          ),
        )
        keepThread(work, { ...thread, sequence: { ...thread.sequence, seen: { last, gaps: [...held].sort((a, b) => a - b) } } })
      }
      return { durable: journal.commit(work.unit) }
    })
    await durable
  }

  async function runTasks(): Promise<void> {
    if (core.closing.aborted) return
    let after = ''
    while (tasksRunning.size < parallelTasks) {
      const page = await journal.list({ table: 'tasks', limit: pageSize, ...(after !== '' && { after }) })
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
      const attempts = task.attempts + 1
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
      const relationship = task.relationship === undefined ? undefined : await journal.get('relationships', task.relationship)
      const work = beginWork(core, relationship, task.peer as Did | undefined)
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
    await sweepTable('events', (value) => value.at < oldest)
    await sweepTable('threads', (value, key) => value.updatedAt < oldest && !key.endsWith(' -'))
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
