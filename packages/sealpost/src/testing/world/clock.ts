/**
 * Time that a test moves: ten days take as long as what happens in them. What is due together happens in an order of chance.
 *
 * @module
 */
import type { Clock } from '../../agent/ports.ts'
import { DidcommError } from '../../errors.ts'

/** A clock that stands still until it is moved. */
export type SimulatedClock = Clock & {
  /** What waits for its time. */
  readonly waiting: () => number
  /** Goes on to the next thing that is due, does it, and waits until all that follows at once is done. False where nothing is due by then. */
  readonly step: (untilEpochMilliseconds?: number) => Promise<boolean>
  /** Lets so much time pass. */
  readonly pass: (milliseconds: number) => Promise<void>
}

export type SimulatedClockOptions = {
  readonly startEpochMilliseconds?: number
  /** Uniform in [0, 1): the order of what is due together. That in which it was asked for, where nothing is said. */
  readonly order?: () => number
  /** Whether work is under way that no clock knows of, such as a computation on another thread: time stands still meanwhile. */
  readonly busy?: () => boolean
}

type Entry = { readonly at: number; readonly tie: number; readonly number: number; run: (() => void) | undefined }

const turnsAtMost = 1_000_000

/**
 * Makes a clock for a simulated world.
 *
 * Exported from `sealpost/testing`.
 *
 * @throws {DidcommError} `step` and `pass` throw `ERR_USAGE_ARGUMENT` where `busy` never ends.
 *
 * @example
 * ```ts
 * import { simulatedClock } from 'sealpost/testing'
 *
 * const clock = simulatedClock()
 * clock.later(86_400_000, () => console.log('a day later'))
 * await clock.pass(86_400_000)
 * ```
 */
export function simulatedClock({
  startEpochMilliseconds = 1_800_000_000_000,
  order = () => 0,
  busy = () => false,
}: SimulatedClockOptions = {}): SimulatedClock {
  let now = startEpochMilliseconds
  let number = 0
  let live = 0
  const heap: Entry[] = []

  async function settle(): Promise<void> {
    await turn()
    for (let turns = 0; busy(); turns++) {
      if (turns > turnsAtMost) throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected `busy` to become false, which it never did')
      await turn()
    }
  }

  async function step(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (let next = heap[0]; next !== undefined && next.at <= until; next = heap[0]) {
      removeFirst(heap)
      const { run } = next
      if (run === undefined) continue
      next.run = undefined
      live--
      now = Math.max(now, next.at)
      run()
      await settle()
      return true
    }
    return false
  }

  return {
    epochMilliseconds: () => now,
    later(milliseconds, run) {
      const entry: Entry = { at: now + Math.max(0, milliseconds), tie: order(), number: number++, run }
      live++
      add(heap, entry)
      return () => {
        if (entry.run !== undefined) live--
        entry.run = undefined
      }
    },
    waiting: () => live,
    step,
    async pass(milliseconds) {
      const until = now + milliseconds
      await settle()
      while (await step(until));
      now = Math.max(now, until)
    },
  }
}

const immediate = (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate

/** A turn of the event loop: all that was resolved has gone as far as it goes. */
export function turn(): Promise<void> {
  if (immediate !== undefined) return new Promise((resolve) => void immediate(resolve))
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

const before = (one: Entry, other: Entry): boolean =>
  one.at !== other.at ? one.at < other.at : one.tie !== other.tie ? one.tie < other.tie : one.number < other.number

function add(heap: Entry[], entry: Entry): void {
  let index = heap.length
  heap.push(entry)
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(entry, heap[parent] as Entry)) break
    heap[index] = heap[parent] as Entry
    index = parent
  }
  heap[index] = entry
}

function removeFirst(heap: Entry[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++
    if (!before(heap[child] as Entry, last)) break
    heap[index] = heap[child] as Entry
    index = child
  }
  heap[index] = last
}
