/**
 * The way through a mediator: what our DIDs say of it, and how the mediator is told of them.
 *
 * @module
 */
import type { Agent, Route } from '../agent/index.ts'
import { type Did, type Endpoint, isDid, type NewEndpoint } from '../did/index.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { coordination } from './dialect.ts'
import { pause } from './pause.ts'
import type { Terms } from './record.ts'

/**
 * The endpoints of a DID behind a mediator: its routing DIDs, one for another. Older mediators name a place, or a key to wrap for, which
 * goes with the place at which the mediator itself is reached.
 */
export function endpointsBehind(routingDids: readonly string[], mediator: readonly Endpoint[]): readonly NewEndpoint[] {
  const keys = routingDids.filter((name) => name.startsWith('did:key:') || (name.startsWith('did:') && name.includes('#')))
  const dids = routingDids.filter((name) => isDid(name) && !keys.includes(name))
  if (dids.length > 0) return dids.map((uri) => ({ uri }))
  const places = routingDids.filter((name) => !name.startsWith('did:'))
  const uris = places.length > 0 ? places : mediator.filter(({ uri }) => !isDid(uri)).map(({ uri }) => uri)
  return uris.map((uri) => ({ uri, ...(keys.length > 0 && { routingKeys: keys }) }))
}

export type RouteOptions = {
  readonly agent: Agent
  readonly peer: string
  readonly terms: Terms
  readonly endpoints: readonly NewEndpoint[]
  readonly timeoutSeconds: number
  /** Whether the mediator did not answer the last time: then it is not waited for. */
  readonly isAway: () => boolean
}

const attempts = 3
const patienceSeconds = 5

/** A route that tells the mediator of each DID before it is used: what it does not know it does not take messages for. */
export function routeThrough({ endpoints, ...options }: RouteOptions): Required<Route> {
  return {
    endpoints: () => endpoints,
    register: (did) => tell(options, did, 'add'),
    unregister: (did) => tell(options, did, 'remove'),
  }
}

/**
 * @throws {DidcommError} `ERR_PEER_PROBLEM` where the mediator refuses the DID, `ERR_DELIVERY_TIMEOUT` where it does not answer.
 */
async function tell(options: Omit<RouteOptions, 'endpoints'>, did: Did, action: 'add' | 'remove'): Promise<void> {
  const { agent, peer, terms, isAway } = options
  const away = isAway()
  const timeoutSeconds = away ? Math.min(options.timeoutSeconds, patienceSeconds) : options.timeoutSeconds
  const { update, request } = coordination[terms.dialect]
  let refusal = new DidcommError('ERR_DELIVERY_TIMEOUT', 'expected the mediator to answer which DIDs it takes messages for, found silence')
  for (let attempt = 1; attempt <= (away ? 1 : attempts); attempt++) {
    if (attempt > 1) await pause(agent, attempt)
    try {
      const end = await update(agent, peer, { [action]: [did], timeoutSeconds })
      if (end.at === 'silent') continue
      const result = (end.updated.find(({ recipient_did: named }) => named === did) ?? end.updated[0])?.result
      if (result === 'success' || result === 'no_change') return
      refusal = refused(did, `${result}`)
      if (result === 'client_error') break
    } catch (error) {
      if (!isDidcommError(error, 'ERR_PEER_PROBLEM')) throw error
      refusal = error
      // It may have forgotten us: who is granted already loses nothing by asking again.
      await request(agent, peer, { timeoutSeconds })
    }
  }
  throw refusal
}

const refused = (did: Did, result: string): DidcommError =>
  new DidcommError('ERR_PEER_PROBLEM', `expected the mediator to take messages for ${did.slice(0, 60)}, found ${result}`)

/** Has the mediator forget the DIDs of relationships that end, so that it does not keep them for ever. Returns how to stop. */
export function forgetEnded(agent: Agent, peer: string, route: Required<Route>): () => void {
  const forget = async (relationship: string): Promise<void> => {
    const contact = await agent.contact(relationship)
    if (contact === undefined) return
    const { did, retired, via } = contact.ours
    // One that others write to as well goes on.
    for (const one of [did, ...retired]) if (one !== via) await route.unregister(one)
  }
  return agent.on('ended', ({ relationship }) => {
    // Where the mediator is away it keeps them: they harm nobody.
    if (relationship !== undefined && relationship !== peer) forget(relationship).catch(() => undefined)
  })
}
