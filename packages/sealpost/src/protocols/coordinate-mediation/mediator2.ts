/**
 * Coordinate Mediation 2.0, the mediator: it grants, and it keeps the keylist.
 *
 * One instance lives for each peer, not for each thread: what was granted outlives the exchange that granted it.
 *
 * @module
 */
import { type At, type Given, type Role, roleOf, type Step } from '../../machine/index.ts'
import type {
  Keylist,
  MediateDeny,
  MediateGrant,
  MediateRequest,
  RecipientQuery,
  RecipientUpdate,
  RecipientUpdateResponse,
} from './messages.ts'
import { admitted, applied, namedDids, page, type Registry } from './registry.ts'

export type Mediator2 = {
  states: { readonly at: 'stranger' } | { readonly at: 'granted' }
  commands: object
  receives: { 'mediate-request': MediateRequest; 'keylist-update': RecipientUpdate; 'keylist-query': RecipientQuery }
  sends: {
    'mediate-grant': MediateGrant
    'mediate-deny': MediateDeny
    'keylist-update-response': RecipientUpdateResponse
    keylist: Keylist
  }
  context: Registry
  /** The list of this peer is to be this. */
  tasks: { bind: { readonly recipients: readonly string[] } }
}

type In<Place extends Mediator2['states']['at']> = At<Mediator2['states'], Place>
type Context = Given<Registry>

const { onMessage, send, task } = roleOf<Mediator2>()

export const mediator2: Role<Mediator2> = {
  name: 'mediator',
  instance: 'peer',
  initial: { at: 'stranger' },
  asks: (_, { with: body }) => ({ dids: namedDids(body) }),
  transitions: [
    onMessage('stranger', 'mediate-request', 'granted', grant, admitted),
    onMessage('stranger', 'mediate-request', 'stranger', deny),
    onMessage('granted', 'mediate-request', 'granted', grant),
    onMessage('granted', 'keylist-update', 'granted', update),
    onMessage('granted', 'keylist-query', 'granted', query),
  ],
}

function deny(state: In<'stranger'>): Step<In<'stranger'>> {
  return [state, send('mediate-deny', {})]
}

function grant(_: Mediator2['states'], __: MediateRequest, { context }: Context): Step<In<'granted'>> {
  return [{ at: 'granted' }, send('mediate-grant', { routing_did: context.routingDid })]
}

function update(state: In<'granted'>, { updates }: RecipientUpdate, { context }: Context): Step<In<'granted'>> {
  const { held, updated } = applied(updates, context)
  return [state, task('bind', { recipients: held }), send('keylist-update-response', { updated })]
}

function query(state: In<'granted'>, body: RecipientQuery, { context }: Context): Step<In<'granted'>> {
  const { recipients, ...part } = page(body, context)
  return [state, send('keylist', { keys: recipients, ...part })]
}
