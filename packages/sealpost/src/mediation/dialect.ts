/**
 * In which words a mediator is spoken to: what each version is called here, and which one a mediator has.
 *
 * @module
 */
import type { Agent } from '../agent/index.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import {
  listRecipients,
  listRecipients2,
  requestMediation,
  requestMediation2,
  updateRecipients,
  updateRecipients2,
} from '../protocols/coordinate-mediation/index.ts'
import { query } from '../protocols/discover-features/index.ts'
import {
  askStatus,
  askStatus3,
  fetchMessages,
  fetchMessages3,
  messagePickup,
  messagePickup3,
  switchLiveDelivery,
  switchLiveDelivery3,
} from '../protocols/message-pickup/index.ts'
import type { Coordination, Pickup, Terms, Wishes } from './record.ts'

/** The commands of Coordinate Mediation, by version. */
export const coordination = {
  '3.0': { protocol: requestMediation.protocol, request: requestMediation, update: updateRecipients, list: listRecipients },
  '2.0': { protocol: requestMediation2.protocol, request: requestMediation2, update: updateRecipients2, list: listRecipients2 },
} as const

/** The commands of Message Pickup, by version. */
export const pickups = {
  '4.0': { protocol: messagePickup, status: askStatus, fetch: fetchMessages, live: switchLiveDelivery },
  '3.0': { protocol: messagePickup3, status: askStatus3, fetch: fetchMessages3, live: switchLiveDelivery3 },
} as const

/** How long a question is waited for: one that the mediator said it understands, and one that it may not. */
export type Patience = { readonly timeoutSeconds: number; readonly trialSeconds: number }

/**
 * Asks a mediator for mediation in the newest words that it understands: by what it discloses, else by trying one after the other, since what
 * is not disclosed may be there all the same (DSC-07). It does no harm to ask again.
 *
 * @throws {DidcommError} `ERR_DELIVERY_TIMEOUT` where it does not answer, `ERR_PEER_PROBLEM` where it denies.
 */
export async function negotiate(agent: Agent, peer: string, wishes: Wishes, patience: Patience): Promise<Terms> {
  const { dialect = 'auto', pickup = 'auto' } = wishes
  const known = dialect === 'auto' || pickup === 'auto' ? await disclosed(agent, peer, patience) : new Set<string>()
  const secondsFor = (piuri: string, only: boolean): number =>
    only || known.has(piuri) ? patience.timeoutSeconds : Math.min(patience.timeoutSeconds, patience.trialSeconds)
  const inOrder = <Version extends string>(versions: readonly Version[], piuriOf: (version: Version) => string): readonly Version[] => [
    ...versions.filter((version) => known.has(piuriOf(version))),
    ...versions.filter((version) => !known.has(piuriOf(version))),
  ]

  const piuriOf = (version: Coordination): string => coordination[version].protocol.piuri
  const dialects = dialect === 'auto' ? inOrder(['3.0', '2.0'], piuriOf) : ([dialect] as const)
  for (const version of dialects) {
    const timeoutSeconds = secondsFor(piuriOf(version), dialects.length === 1)
    const end = await unlessProblem(agent, peer, (signal) => coordination[version].request(agent, peer, { timeoutSeconds }, { signal }))
    if (end?.at === 'denied')
      throw new DidcommError('ERR_PEER_PROBLEM', 'expected the mediator to grant mediation, found that it denies it')
    if (end?.at !== 'granted') continue
    const pickupPiuri = (one: Pickup): string => pickups[one].protocol.piuri
    const candidates = pickup === 'auto' ? inOrder(['4.0', '3.0'], pickupPiuri) : ([pickup] as const)
    return { dialect: version, pickup: await choosePickup(agent, peer, candidates, known, patience), routingDids: end.routingDids }
  }
  throw new DidcommError(
    'ERR_DELIVERY_TIMEOUT',
    'expected the mediator to answer a request for mediation, found silence: it is asked again later',
  )
}

/** The newest version in which the mediator tells what waits; what it disclosed need not be tried. */
async function choosePickup(
  agent: Agent,
  peer: string,
  candidates: readonly Pickup[],
  known: ReadonlySet<string>,
  { timeoutSeconds, trialSeconds }: Patience,
): Promise<Pickup> {
  const [first = '3.0', ...others] = candidates
  if (others.length === 0 || known.has(pickups[first].protocol.piuri)) return first
  const end = await unlessProblem(agent, peer, (signal) =>
    pickups[first].status(agent, peer, { timeoutSeconds: Math.min(timeoutSeconds, trialSeconds) }, { signal }),
  )
  return end?.at === 'told' ? first : choosePickup(agent, peer, others, known, { timeoutSeconds, trialSeconds })
}

/** The protocols about mediation that a mediator discloses; none where it does not answer. */
async function disclosed(agent: Agent, peer: string, { timeoutSeconds, trialSeconds }: Patience): Promise<ReadonlySet<string>> {
  const queries = ['coordinate-mediation', 'message-pickup', 'messagepickup'].map((name) => ({
    featureType: 'protocol',
    match: `https://didcomm.org/${name}/*`,
  }))
  const detail = { queries, timeoutSeconds: Math.min(timeoutSeconds, trialSeconds), returnRoute: 'all' } as const
  const end = await unlessProblem(agent, peer, (signal) => query(agent, peer, detail, { signal }))
  return new Set(end?.at === 'disclosed' ? end.disclosures.map(({ id }) => id) : [])
}

/** Awaits an answer; undefined where the peer reports a problem in place of one, such as that it does not know the message. */
export async function unlessProblem<End>(agent: Agent, peer: string, ask: (signal: AbortSignal) => Promise<End>): Promise<End | undefined> {
  const refused = new AbortController()
  const stop = agent.on('problem', ({ relationship }) => {
    if (relationship === peer) refused.abort()
  })
  try {
    return await ask(refused.signal)
  } catch (error) {
    if (isDidcommError(error, 'ERR_USAGE_ABORTED', 'ERR_PEER_PROBLEM')) return undefined
    throw error
  } finally {
    stop()
  }
}
