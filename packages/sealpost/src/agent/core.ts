/**
 * What the parts of a running agent share. It is made once, by `createAgent`, and passed to every part: no part keeps another.
 *
 * @module
 */
import type { KeyStore } from '../did/keys.ts'
import type { Resolver } from '../did/resolver.ts'
import type { Policy } from '../envelope/policy.ts'
import type { Protocol } from '../machine/protocol.ts'
import type { Events } from './events.ts'
import type { Journal } from './journal.ts'
import type { Limits } from './limits.ts'
import type { HostAnswers, NewDid, Route } from './options.ts'
import type { Clock, Logger, Random, Trace, Transport } from './ports.ts'
import type { Outgoing } from './records.ts'
import type { Registry } from './registry.ts'
import type { Waiters } from './waiters.ts'

export type Core = {
  readonly journal: Journal
  readonly events: Events
  readonly keys: KeyStore
  readonly resolver: Resolver
  /** Never put back: for what waits. */
  readonly clock: Clock
  readonly wallClock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly trace: Trace
  readonly limits: Limits
  readonly policy: Policy
  readonly protocols: readonly Protocol[]
  readonly registry: Registry
  readonly hosts: { readonly [piuri: string]: HostAnswers }
  readonly transports: readonly Transport[]
  readonly waiters: Waiters
  readonly newDid: NewDid
  readonly routes: Set<Route>
  readonly languages: readonly string[]
  /** The rows of bare acknowledgments that wait for a message to go with, by relationship. */
  readonly pendingAcks: Map<string, Set<string>>
  /** Work on one relationship happens in turn. */
  readonly exclusive: Exclusive
  /** The next number in the line of what is to be delivered. */
  readonly nextNumber: () => number
  /** These messages were just stored for this relationship, to be delivered. */
  readonly queued: (relationship: string, rows: readonly { readonly key: string; readonly value: Outgoing }[]) => void
  /** Set by the timers and tasks: there is something to do at this time. */
  readonly wakeAt: (epochMilliseconds: number) => void
  readonly tasksAdded: () => void
  readonly closing: AbortSignal
}

/** Runs work with the same key one after the other. */
export type Exclusive = <T>(key: string, work: () => Promise<T>) => Promise<T>

export function exclusively(): Exclusive {
  const tails = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const before = tails.get(key)
    const result = before === undefined ? work() : before.then(work, work)
    const tail = result.then(
      () => undefined,
      () => undefined,
    )
    tails.set(key, tail)
    void tail.then(() => {
      if (tails.get(key) === tail) tails.delete(key)
    })
    return result
  }
}

/** Epoch seconds, as the clock on the wall says: for what others read. */
export const nowSeconds = ({ wallClock }: Pick<Core, 'wallClock'>): number => Math.floor(wallClock.epochMilliseconds() / 1000)

/** A clock that is never put back: what waits for a time waits no longer because the clock on the wall was (A07). */
export function steadyClock(wallClock: Clock): Clock {
  let ahead = 0
  let last = Number.NEGATIVE_INFINITY
  const epochMilliseconds = (): number => {
    const wall = wallClock.epochMilliseconds()
    if (wall + ahead < last) ahead = last - wall
    last = wall + ahead
    return last
  }
  return {
    epochMilliseconds,
    later(milliseconds, run) {
      const wait = Math.min(milliseconds, longestMilliseconds)
      const due = epochMilliseconds() + wait
      return wallClock.later(wait, () => {
        // So much time has gone by, whatever the wall says; that timers are not exact is not meant.
        if (epochMilliseconds() < due - 1000) last = due
        run()
      })
    },
  }
}

const longestMilliseconds = 2 ** 31 - 1
