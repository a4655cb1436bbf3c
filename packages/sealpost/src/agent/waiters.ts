/**
 * Who awaits the end of a role. Waiting does not outlive the process; the role does.
 *
 * @module
 */
import { DidcommError } from '../errors.ts'
import type { State } from '../machine/role.ts'

export type Waiters = {
  /** Awaits that an instance comes to one of these places, or to its end. */
  wait(instance: string, until: readonly string[] | undefined, signal: AbortSignal | undefined): Promise<State>
  /** Whether anybody awaits this instance. */
  has(instance: string): boolean
  settle(instance: string, state: State, ended: boolean): void
  fail(instance: string, error: unknown): void
  failAll(error: unknown): void
}

type Waiter = {
  readonly until: readonly string[] | undefined
  readonly resolve: (state: State) => void
  readonly reject: (error: unknown) => void
}

export const aborted = ({ reason }: AbortSignal): DidcommError =>
  new DidcommError('ERR_USAGE_ABORTED', 'the caller gave up waiting; what was begun goes on', { cause: reason })

export function createWaiters(): Waiters {
  const waiting = new Map<string, Set<Waiter>>()
  const drop = (instance: string, waiter: Waiter): void => {
    const set = waiting.get(instance)
    set?.delete(waiter)
    if (set?.size === 0) waiting.delete(instance)
  }
  const fail = (instance: string, error: unknown): void => {
    for (const waiter of waiting.get(instance) ?? []) waiter.reject(error)
    waiting.delete(instance)
  }
  return {
    wait: (instance, until, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(aborted(signal))
          return
        }
        const giveUp = (): void => {
          drop(instance, waiter)
          reject(aborted(signal as AbortSignal))
        }
        const stop = (): void => signal?.removeEventListener('abort', giveUp)
        const waiter: Waiter = {
          until,
          resolve(state) {
            stop()
            resolve(state)
          },
          reject(error) {
            stop()
            reject(error)
          },
        }
        const set = waiting.get(instance) ?? new Set()
        waiting.set(instance, set)
        set.add(waiter)
        signal?.addEventListener('abort', giveUp)
      }),
    has: (instance) => waiting.has(instance),
    settle(instance, state, ended) {
      for (const waiter of waiting.get(instance) ?? [])
        if (ended || waiter.until?.includes(state.at) === true) {
          drop(instance, waiter)
          waiter.resolve(state)
        }
    },
    fail,
    failAll(error) {
      for (const instance of [...waiting.keys()]) fail(instance, error)
    },
  }
}
