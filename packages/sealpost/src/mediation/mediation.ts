/**
 * A mediation: asked for, used, resumed after a restart, ended. It is an application of the agent: all that goes over the wire is done by
 * the roles of protocols.
 *
 * @module
 */
import type { Agent } from '../agent/index.ts'
import type { Did } from '../did/index.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { type Invitation, queueUri } from '../message/index.ts'
import { type Connector, keepConnected } from './connection.ts'
import { coordination, negotiate } from './dialect.ts'
import { pause } from './pause.ts'
import { type Fetching, fetchFrom, type Pace } from './pickup.ts'
import { client, record, remember, rememberEnd, rememberGrant, type Terms, type Wishes } from './record.ts'
import { endpointsBehind, forgetEnded, routeThrough } from './route.ts'

/** What a mediation needs of the program that runs now; it is not stored. */
export type MediationOptions = Partial<Pace> & {
  /** What opens connections for live delivery, such as a transport for WebSockets. Messages are asked for where there is none. */
  readonly sockets?: Connector
  /** How long a question is waited for that the mediator may not understand; 10 seconds where nothing is said. */
  readonly trialSeconds?: number
}

export type UseOptions = Wishes & MediationOptions & { /** A name for the mediator. */ readonly label?: string }

/** A mediator that takes messages for us. */
export type Mediation = {
  /** The relationship with the mediator. */
  readonly relationship: string
  /** Resolves when it is granted and its route is used; rejects where it never will be. */
  readonly ready: Promise<void>
  readonly state: () => 'asking' | 'granted' | 'over'
  /** How messages come now: `off` where they do not. */
  readonly delivery: () => 'live' | 'polling' | 'off'
  /** Asks now what waits, and opens the connection now: as when the machine has a network again. */
  fetchNow(): void
  /** Has the mediator take messages for a DID that was not made by the agent. @throws {DidcommError} `ERR_PEER_PROBLEM`, `ERR_DELIVERY_TIMEOUT` */
  register(did: Did): Promise<void>
  unregister(did: Did): Promise<void>
  /** Ends it: the mediator takes no messages for us any more. Peers that know our DIDs by it do not reach us: rotate them before. */
  end(): Promise<void>
}

type Parts = { readonly agent: Agent; readonly peer: string; readonly options: MediationOptions }

// Whoever asks twice has the same mediation, and it is fetched from once.
const running = new WeakMap<Agent, Map<string, Mediation>>()

/**
 * Uses a mediator: accepts its invitation, asks for mediation, and from then on has new DIDs reached through it and fetches what comes. The
 * agent has to be made with {@link withMediation}.
 *
 * An agent can have several mediators: its DIDs name all of them, so that a sender that does not reach one tries another (FLO-01).
 *
 * Exported from `sealpost/mediation`.
 *
 * @throws {DidcommError} `ERR_DELIVERY_TIMEOUT` where the mediator does not answer: {@link resumeMediations} goes on later;
 * `ERR_PEER_PROBLEM` where it denies; what `accept` of the agent throws.
 *
 * @example
 * ```ts
 * import type { Agent } from 'sealpost/agent'
 * import { useMediator } from 'sealpost/mediation'
 * import { webSocketTransport } from 'sealpost/transport/websocket'
 *
 * export async function join(agent: Agent, url: string, sockets: ReturnType<typeof webSocketTransport>) {
 *   const mediation = await useMediator(agent, url, { sockets })
 *   console.log(mediation.state()) // granted
 *   return mediation
 * }
 * ```
 */
export async function useMediator(agent: Agent, mediator: string | Invitation | Did, given: UseOptions = {}): Promise<Mediation> {
  const { live, dialect, pickup, label, ...options } = given
  const wishes: Wishes = { ...(live && { live }), ...(dialect && { dialect }), ...(pickup && { pickup }) }
  // Its answers come over our connections; whatever it has for us otherwise, it holds.
  const begin = { endpoints: [{ uri: queueUri }], ...(label !== undefined && { label }) }
  const isPublic = typeof mediator === 'string' && mediator.startsWith('did:')
  const { id: peer } = isPublic ? await agent.connect(mediator as Did, begin) : await agent.accept(mediator, begin)
  const known = running.get(agent)?.get(peer)
  if (known !== undefined) return known.ready.then(() => known)
  const state = await remember(agent, peer, { wishes })
  const meanwhile = running.get(agent)?.get(peer)
  if (meanwhile !== undefined) return meanwhile.ready.then(() => meanwhile)
  const mediation = start({ agent, peer, options }, wishes, state.at === 'granted' ? state : undefined, 'once')
  await mediation.ready
  return mediation
}

/**
 * Goes on with the mediations that the agent has: to be called when it was created. Those that were asked for and not granted yet, since the
 * process or the network ended, are asked for again until they are.
 *
 * Exported from `sealpost/mediation`.
 */
export async function resumeMediations(agent: Agent, options: MediationOptions = {}): Promise<readonly Mediation[]> {
  const found: Mediation[] = []
  for await (const { id: peer, state: relationship } of agent.contacts()) {
    if (relationship === 'ended') continue
    const state = (await agent.stateOf(peer, record, client)) as typeof client.initial | undefined
    if (state?.at !== 'granted' && state?.at !== 'asking') continue
    const known = running.get(agent)?.get(peer)
    found.push(known ?? start({ agent, peer, options }, state.wishes, state.at === 'granted' ? state : undefined, 'forever'))
  }
  return found
}

const mostSecondsBetween = 300

function start(parts: Parts, wishes: Wishes, granted: Terms | undefined, asking: 'once' | 'forever'): Mediation {
  const { agent, peer, options } = parts
  const { timeoutSeconds = 30, trialSeconds = 10 } = options
  const all = running.get(agent) ?? new Map<string, Mediation>()
  running.set(agent, all)
  const stopped = new AbortController()
  let use: InUse | undefined
  let over = false

  function stop(): void {
    stopped.abort()
    stopListening()
    use?.stop()
    if (all.get(peer) === mediation) all.delete(peer)
  }
  const stopListening = agent.on('ended', ({ relationship }) => {
    if (relationship !== peer) return
    over = true
    stop()
  })

  async function provision(): Promise<Terms> {
    for (let wait = 2; ; wait = Math.min(wait * 2, mostSecondsBetween)) {
      try {
        const terms = await negotiate(agent, peer, wishes, { timeoutSeconds, trialSeconds })
        await rememberGrant(agent, peer, terms)
        return terms
      } catch (error) {
        const denied = isDidcommError(error, 'ERR_PEER_PROBLEM')
        if (denied) await rememberEnd(agent, peer, {})
        if (denied || asking === 'once' || agent.closing.aborted || stopped.signal.aborted) throw error
      }
      await pause(agent, wait)
    }
  }
  async function begin(): Promise<void> {
    try {
      const terms = granted ?? (await provision())
      if (stopped.signal.aborted) throw new DidcommError('ERR_PEER_ENDED', 'the mediation has ended')
      use = await putToUse(parts, wishes, terms)
    } catch (error) {
      over ||= isDidcommError(error, 'ERR_PEER_PROBLEM')
      stop()
      throw error
    }
  }
  const usable = (): InUse => {
    if (use !== undefined && !over) return use
    throw new DidcommError('ERR_USAGE_OUT_OF_ORDER', 'expected a mediation that is granted: await `ready`')
  }

  const ready = begin()
  // Whoever resumes does not have to await it.
  ready.catch(() => undefined)
  const mediation: Mediation = {
    relationship: peer,
    ready,
    state: () => (over ? 'over' : use === undefined ? 'asking' : 'granted'),
    delivery: () => (over || use === undefined ? 'off' : use.delivery()),
    fetchNow: () => use?.fetchNow(),
    register: (did) => usable().register(did),
    unregister: (did) => usable().unregister(did),
    async end() {
      const { leave } = usable()
      over = true
      stop()
      await leave()
      await rememberEnd(agent, peer, {})
      await agent.end(peer)
    },
  }
  if (!stopped.signal.aborted) all.set(peer, mediation)
  return mediation
}

type InUse = Pick<Fetching, 'fetchNow'> & {
  readonly delivery: () => 'live' | 'polling'
  readonly register: (did: Did) => Promise<void>
  readonly unregister: (did: Did) => Promise<void>
  /** Has the mediator forget all DIDs of ours. */
  leave(): Promise<void>
  stop(): void
}

async function putToUse({ agent, peer, options }: Parts, wishes: Wishes, terms: Terms): Promise<InUse> {
  const { sockets, timeoutSeconds = 30, liveStatusSeconds = 60, pollSeconds = 2, maxPollSeconds = 60, batch = 25 } = options
  const places = terms.routingDids.every((did) => did.startsWith('did:') && !did.startsWith('did:key:')) ? [] : await agent.endpoints(peer)
  const pace = { timeoutSeconds, liveStatusSeconds, pollSeconds, maxPollSeconds, batch }
  const fetching = fetchFrom({ agent, peer, version: terms.pickup, pace })
  const { isAway } = fetching
  const route = routeThrough({ agent, peer, terms, timeoutSeconds, isAway, endpoints: endpointsBehind(terms.routingDids, places) })
  const removeRoute = agent.addRoute(route)
  const stopForgetting = forgetEnded(agent, peer, route)
  const connection = sockets === undefined || wishes.live === 'poll' ? undefined : keepConnected(agent, peer, sockets, fetching.opened)
  const { update, list } = coordination[terms.dialect]
  return {
    delivery: fetching.delivery,
    fetchNow() {
      connection?.retryNow()
      fetching.fetchNow()
    },
    register: route.register,
    unregister: route.unregister,
    async leave() {
      try {
        const end = await list(agent, peer, { timeoutSeconds })
        if (end.at === 'listed' && end.recipients.length > 0) await update(agent, peer, { remove: end.recipients, timeoutSeconds })
      } catch (error) {
        // The end of the relationship says the same to whoever cannot be told of each DID.
        if (!isDidcommError(error)) throw error
      }
    },
    stop() {
      removeRoute()
      stopForgetting()
      connection?.close()
      fetching.stop()
    },
  }
}
