/**
 * Coordinate Mediation 3.0, the mediator: it grants, and it keeps the list of recipient DIDs.
 *
 * One instance lives for each peer, not for each thread: what was granted outlives the exchange that granted it.
 *
 * @module
 */
import { type At, type Given, type Role, roleOf, type Step } from '../../machine/index.ts'
import type {
  MediateDeny,
  MediateGrant,
  MediateRequest,
  RecipientQuery,
  Recipients,
  RecipientUpdate,
  RecipientUpdateResponse,
} from './messages.ts'
import { admitted, applied, namedDids, page, type Registry } from './registry.ts'

export type Mediator = {
  states: { readonly at: 'stranger' } | { readonly at: 'granted' }
  commands: object
  receives: { 'mediate-request': MediateRequest; 'recipient-update': RecipientUpdate; 'recipient-query': RecipientQuery }
  sends: {
    'mediate-grant': MediateGrant
    'mediate-deny': MediateDeny
    'recipient-update-response': RecipientUpdateResponse
    recipient: Recipients
  }
  context: Registry
  /** The list of this peer is to be this. */
  tasks: { bind: { readonly recipients: readonly string[] } }
}

type In<Place extends Mediator['states']['at']> = At<Mediator['states'], Place>
type Context = Given<Registry>

const { onMessage, send, task } = roleOf<Mediator>()

export const mediator: Role<Mediator> = {
  name: 'mediator',
  instance: 'peer',
  initial: { at: 'stranger' },
  asks: (_, { with: body }) => ({ dids: namedDids(body) }),
  transitions: [
    onMessage('stranger', 'mediate-request', 'granted', grant, admitted),
    onMessage('stranger', 'mediate-request', 'stranger', deny),
    onMessage('granted', 'mediate-request', 'granted', grant),
    onMessage('granted', 'recipient-update', 'granted', update),
    onMessage('granted', 'recipient-query', 'granted', query),
  ],
}

function deny(state: In<'stranger'>): Step<In<'stranger'>> {
  return [state, send('mediate-deny', {})]
}

function grant(_: Mediator['states'], __: MediateRequest, { context }: Context): Step<In<'granted'>> {
  return [{ at: 'granted' }, send('mediate-grant', { routing_did: [context.routingDid] })]
}

function update(state: In<'granted'>, { updates }: RecipientUpdate, { context }: Context): Step<In<'granted'>> {
  const { held, updated } = applied(updates, context)
  return [state, task('bind', { recipients: held }), send('recipient-update-response', { updated })]
}

function query(state: In<'granted'>, body: RecipientQuery, { context }: Context): Step<In<'granted'>> {
  const { recipients, ...part } = page(body, context)
  return [state, send('recipient', { dids: recipients, ...part })]
}
