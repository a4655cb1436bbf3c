/**
 * A disk that outlives processes, and loses what was not synced: a batch that was not answered when the process died is there as a whole or
 * not at all, and no later one without it. It fails when it is told to.
 *
 * @module
 */
import type { Batch, Clock, Range, Row, Store } from '../../agent/ports.ts'
import { DidcommError } from '../../errors.ts'
import { memoryStore } from '../../store/memory.ts'
import type { SimulatedProcess } from './process.ts'
import type { SeededRandom } from './random.ts'

/** How a disk behaves: probabilities, and times in milliseconds. All of it may be changed at any time. */
export type DiskMood = {
  /** A call fails, and does nothing. */
  fails: number
  /** A commit is done, and told to have failed. */
  lies: number
  /** A call takes a while, at most so long; otherwise it is answered at once. */
  waits: number
  waitsMilliseconds: number
}

/** What a machine keeps when the process on it dies. */
export type SimulatedDisk = {
  readonly mood: DiskMood
  /** Opens it for a process; whoever had it before is gone. */
  readonly open: (process: SimulatedProcess) => Store
  /** What is on it, for checks: all rows of a table. */
  readonly rows: (table: string) => Promise<readonly Row[]>
}

type Waiting = {
  readonly batch: Batch
  readonly answer: (outcome: 'committed' | 'conflict') => void
  readonly fail: (error: unknown) => void
}

/** A disk on which all goes well. */
export const calmDisk: Readonly<DiskMood> = { fails: 0, lies: 0, waits: 0.2, waitsMilliseconds: 5 }

/**
 * Makes an empty disk.
 *
 * Exported from `sealpost/testing`.
 */
export function simulatedDisk(clock: Clock, random: SeededRandom, mood: DiskMood = { ...calmDisk }): SimulatedDisk {
  const rows = memoryStore()
  let waiting: Waiting[] = []

  const wait = (): Promise<void> =>
    random.chance(mood.waits)
      ? new Promise((resolve) => void clock.later(random.fraction() * mood.waitsMilliseconds, resolve))
      : Promise.resolve()
  const failed = (): DidcommError =>
    random.chance(0.2)
      ? new DidcommError('ERR_STORE_FULL', 'the disk of the simulation is full')
      : new DidcommError('ERR_STORE_FAILED', 'the disk of the simulation failed')

  /** Batches are synced in the order in which they came. */
  async function syncNext(): Promise<void> {
    const [next] = waiting.splice(0, 1)
    if (next === undefined) return
    const outcome = await rows.commit(next.batch)
    if (random.chance(mood.lies)) next.fail(failed())
    else next.answer(outcome)
  }

  function crash(): void {
    const lost = waiting
    waiting = []
    for (const { batch } of lost.slice(0, random.whole(0, lost.length))) void rows.commit(batch)
  }

  return {
    mood,
    open(process) {
      process.onDeath(crash)
      const read = <T>(answer: () => Promise<T>): Promise<T> =>
        process.call(async () => {
          await wait()
          if (random.chance(mood.fails)) throw failed()
          return answer()
        })
      return {
        get: (table, keys) => read(() => rows.get(table, keys)),
        list: (range: Range) => read(() => rows.list(range)),
        commit: (batch) =>
          process.call(
            () =>
              new Promise((answer, fail) => {
                if (random.chance(mood.fails)) return fail(failed())
                waiting.push({ batch, answer, fail })
                clock.later(random.chance(mood.waits) ? random.fraction() * mood.waitsMilliseconds : 0, () => void syncNext())
              }),
          ),
        close: async () => undefined,
      }
    },
    rows: (table) => rows.list({ table, limit: Number.MAX_SAFE_INTEGER }),
  }
}
