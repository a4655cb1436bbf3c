/**
 * Discover Features 2.0: what can the other side do?
 *
 * What a peer is told is the policy of the host, which answers the question `{ features: 'all' }` with what this peer may know; without
 * one, every proved peer is told all protocols, goal codes, headers and constraints. Nobody else is told anything (DSC-09).
 *
 * @see {@link https://didcomm.org/discover-features/2.0 | Discover Features 2.0}
 * @module
 */
import { type At, type Command, command, type Protocol, type Scope } from '../../machine/index.ts'
import { featuresOf } from './features.ts'
import { messages, piuri } from './messages.ts'
import { type Requester, requester } from './requester.ts'
import { type Responder, responder } from './responder.ts'

export { featuresOf, matchesGlob } from './features.ts'
export type { Disclose, Disclosure, Queries, Query } from './messages.ts'
export type { Question, Requester } from './requester.ts'
export type { Responder } from './responder.ts'

/** Discover Features 2.0. A requester lives for each thread (DSC-10). */
export const discoverFeatures: Protocol = { piuri, messages, instance: 'thread', roles: { requester, responder }, context }

function context(_: unknown, scope: Scope): Responder['context'] {
  return { features: scope.peer === undefined ? [] : featuresOf(scope), random: scope.random }
}

/**
 * Asks a peer what it can do and awaits the answer: `disclosed`, or `silent` after the timeout. What is not in the answer may be there all
 * the same (DSC-07).
 *
 * @example
 * ```ts
 * import type { Host } from 'sealpost/machine'
 * import { query } from 'sealpost/protocols/discover-features'
 *
 * declare const agent: Host
 * const queries = [{ featureType: 'protocol', match: 'https://didcomm.org/message-pickup/*' }]
 * const end = await query(agent, 'did:web:mediator.example', { queries, timeoutSeconds: 10 })
 * if (end.at === 'disclosed') console.log(end.disclosures.map(({ id }) => id))
 * ```
 */
export const query: Command<Requester, 'query', At<Requester['states'], 'disclosed' | 'silent'>> = command(
  discoverFeatures,
  requester,
  'query',
  ['disclosed', 'silent'],
)

/** Tells a peer, unasked, which of our features match (DSC-08). */
export const disclose: Command<Responder, 'disclose'> = command(discoverFeatures, responder, 'disclose', ['listening'])
