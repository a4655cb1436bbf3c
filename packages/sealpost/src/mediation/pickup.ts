/**
 * Fetching what waits at a mediator, for as long as there is a mediation: live where there is a connection, by asking otherwise.
 *
 * Live delivery goes on first, and only then what waits is asked for and fetched until nothing is left; for what waited before is not
 * delivered live, and what comes between the two would be seen by nobody. And since a push can be lost, what waits is asked for again and
 * again, and after each reconnection.
 *
 * @see {@link https://didcomm.org/message-pickup/4.0 | Message Pickup 4.0}
 * @module
 */
import type { Agent, AgentEvent, Socket } from '../agent/index.ts'
import { isDidcommError } from '../errors.ts'
import { pickups } from './dialect.ts'
import { bellOf } from './pause.ts'
import type { Pickup } from './record.ts'

/** How often is asked, and how much is fetched at a time. */
export type Pace = {
  /** While live delivery is on: for what a push that was lost left behind. 60 seconds where nothing is said. */
  readonly liveStatusSeconds: number
  /** Between two questions after something came, and the longest while nothing does: 2 and 60 seconds where nothing is said. */
  readonly pollSeconds: number
  readonly maxPollSeconds: number
  readonly timeoutSeconds: number
  /** How many messages are asked for at a time: 25 where nothing is said. */
  readonly batch: number
}

export type Fetching = {
  /** Asks now what waits. */
  fetchNow(): void
  /** A connection to the mediator is open: live delivery is turned on over it. */
  opened(socket: Socket): void
  readonly delivery: () => 'live' | 'polling'
  /** Whether the mediator did not answer the last time it was asked. */
  readonly isAway: () => boolean
  stop(): void
  /** Resolves when it has stopped. */
  readonly stopped: Promise<void>
}

export type FetchingOptions = { readonly agent: Agent; readonly peer: string; readonly version: Pickup; readonly pace: Pace }

const maxBatch = 1000

export function fetchFrom({ agent, peer, version, pace }: FetchingOptions): Fetching {
  const { timeoutSeconds } = pace
  const words = pickups[version]
  const bell = bellOf(agent)
  let stopping = false
  let socket: Socket | undefined
  // The connection over which live delivery was turned on: it is off on every other.
  let live: Socket | undefined
  let refusedBy: Socket | undefined
  let failures = 0
  const ended = (): boolean => stopping || agent.closing.aborted

  async function turnLive(): Promise<void> {
    const over = socket
    if (over === undefined || live === over || refusedBy === over) return
    const end = await words.live(agent, peer, { liveDelivery: true, timeoutSeconds })
    if (end.at === 'refused' || (end.at === 'switched' && end.status.liveDelivery === false)) refusedBy = over
    if (end.at === 'switched' && refusedBy !== over && socket === over) live = over
  }

  /** Fetches until nothing is left. What could not be taken now stays there; more is asked for then, so that it stands before nothing. */
  async function drain(): Promise<boolean> {
    let limit = pace.batch
    let came = false
    while (!ended()) {
      const taking = untilAcknowledged(agent, peer, timeoutSeconds)
      try {
        const end = await words.fetch(agent, peer, { limit, timeoutSeconds })
        if (end.at === 'silent') throw silence
        if (end.ids.length === 0) return came
        const taken = await taking.of(end.ids)
        came ||= taken > 0
        if (taken > 0) continue
        if (end.ids.length < limit || limit >= maxBatch) return came
        limit = Math.min(limit * 4, maxBatch)
      } finally {
        taking.stop()
      }
    }
    return came
  }

  async function run(): Promise<void> {
    let idle = pace.pollSeconds
    while (!ended()) {
      try {
        await turnLive()
        const end = await words.status(agent, peer, { timeoutSeconds })
        if (end.at === 'silent') throw silence
        const came = end.status.messageCount > 0 && (await drain())
        failures = 0
        idle = came ? pace.pollSeconds : Math.min(idle * 1.5, pace.maxPollSeconds)
      } catch (error) {
        if (isDidcommError(error, 'ERR_PEER_ENDED', 'ERR_USAGE_CLOSED')) return
        failures++
        idle = Math.min(pace.pollSeconds * 2 ** Math.min(failures, 10), pace.maxPollSeconds)
      }
      if (!ended())
        await bell.wait(live !== undefined && failures === 0 ? pace.liveStatusSeconds : idle * (0.75 + agent.random.fraction() / 2))
    }
  }

  return {
    fetchNow: bell.ring,
    opened(opened) {
      socket = opened
      opened.onClose(() => {
        if (live === opened) live = undefined
        if (socket === opened) socket = undefined
        bell.ring()
      })
      bell.ring()
    },
    isAway: () => failures > 0,
    delivery: () => (live === undefined ? 'polling' : 'live'),
    stop() {
      stopping = true
      bell.ring()
    },
    stopped: run(),
  }
}

const silence = new Error('the mediator did not answer')

/** Listens for what the recipient tells of an acknowledgment, and for its delivery: only then a mediator has nothing twice to deliver. */
function untilAcknowledged(agent: Agent, peer: string, timeoutSeconds: number) {
  const threads = new Map<string, { readonly ids: readonly string[]; readonly all: readonly string[] }>()
  const gone = new Set<string>()
  const bell = bellOf(agent)
  const stops = [
    agent.on('acknowledged', ({ relationship, thid, detail }: AgentEvent) => {
      const { ids, kept = [] } = detail as { readonly ids?: readonly string[]; readonly kept?: readonly string[] }
      if (relationship !== peer || thid === undefined || ids === undefined) return
      threads.set(thid, { ids, all: [...ids, ...kept] })
      gone.delete(thid)
      bell.ring()
    }),
    ...['handed-over', 'failed'].map((name) =>
      agent.on(name, ({ relationship, thid }) => {
        if (relationship !== peer || thid === undefined) return
        gone.add(thid)
        bell.ring()
      }),
    ),
  ]
  return {
    /** How many of these were acknowledged; none where nothing was heard in time. */
    async of(delivered: readonly string[]): Promise<number> {
      const until = agent.clock.epochMilliseconds() + timeoutSeconds * 1000
      for (;;) {
        const [thid, found] = [...threads].find(([, { all }]) => all.includes(delivered[0] as string)) ?? []
        if (found !== undefined && thid !== undefined && (found.ids.length === 0 || gone.has(thid))) return found.ids.length
        const left = until - agent.clock.epochMilliseconds()
        if (left <= 0 || agent.closing.aborted) return found?.ids.length ?? 0
        await bell.wait(left / 1000)
      }
    },
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}
