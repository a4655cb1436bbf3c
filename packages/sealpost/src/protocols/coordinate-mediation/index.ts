/**
 * Coordinate Mediation 3.0 and 2.0: a mediator takes messages for the DIDs of a recipient (MPR-03).
 *
 * Whoever plays the mediator brings a host that answers its question `{ dids }` with a {@link Registry}, and does its task `bind`.
 *
 * @see {@link https://didcomm.org/coordinate-mediation/3.0 | Coordinate Mediation 3.0}
 * @module
 */
import { type At, type Command, command, type Protocol } from '../../machine/index.ts'
import type { ClientStates } from './client.ts'
import { mediator } from './mediator.ts'
import { mediator2 } from './mediator2.ts'
import { messages, messages2, piuri, piuri2 } from './messages.ts'
import { type Recipient, recipient } from './recipient.ts'
import { type Recipient2, recipient2 } from './recipient2.ts'
import type { Registry } from './registry.ts'

export type { ClientCommands, ClientStates } from './client.ts'
export type { Mediator } from './mediator.ts'
export type { Mediator2 } from './mediator2.ts'
export type {
  Keylist,
  MediateDeny,
  MediateGrant,
  MediateRequest,
  Pagination,
  RecipientQuery,
  Recipients,
  RecipientUpdate,
  RecipientUpdateResponse,
  Update,
  Updated,
} from './messages.ts'
export type { Recipient } from './recipient.ts'
export type { Recipient2 } from './recipient2.ts'
export type { Registry } from './registry.ts'

// Whoever brings no host serves nobody.
const nobody: Registry = { routingDid: '', admits: () => false, held: new Set(), taken: new Set() }
const context = (): Registry => nobody

/** Coordinate Mediation 3.0. A recipient lives for each thread, a mediator for each peer. */
export const coordinateMediation: Protocol = { piuri, messages, instance: 'peer', roles: { mediator, recipient }, context }

/** Coordinate Mediation 2.0, with keylists. */
export const coordinateMediation2: Protocol = {
  piuri: piuri2,
  messages: messages2,
  instance: 'peer',
  roles: { mediator: mediator2, recipient: recipient2 },
  context,
}

type Granted = At<ClientStates, 'granted' | 'denied' | 'silent'>
type Updated = At<ClientStates, 'updated' | 'silent'>
type Listed = At<ClientStates, 'listed' | 'silent'>

/**
 * Asks for mediation: `granted` with the DIDs to route through, `denied`, or `silent` after the timeout.
 *
 * @example
 * ```ts
 * import type { Host } from 'sealpost/machine'
 * import { requestMediation, updateRecipients } from 'sealpost/protocols/coordinate-mediation'
 *
 * declare const agent: Host
 * const mediator = 'did:web:mediator.example'
 * const end = await requestMediation(agent, mediator, { timeoutSeconds: 30 })
 * if (end.at === 'granted') await updateRecipients(agent, mediator, { add: ['did:example:me'], timeoutSeconds: 30 })
 * ```
 */
export const requestMediation: Command<Recipient, 'request', Granted> = command(coordinateMediation, recipient, 'request', [
  'granted',
  'denied',
  'silent',
])

/** Tells a mediator for which DIDs it is to take messages, and for which no more: `updated` with what came of each, or `silent`. */
export const updateRecipients: Command<Recipient, 'update', Updated> = command(coordinateMediation, recipient, 'update', [
  'updated',
  'silent',
])

/** Asks a mediator for which DIDs it takes messages, page after page: `listed` with all of them, or `silent`. */
export const listRecipients: Command<Recipient, 'query', Listed> = command(coordinateMediation, recipient, 'query', ['listed', 'silent'])

/** As {@link requestMediation}, in version 2.0. */
export const requestMediation2: Command<Recipient2, 'request', Granted> = command(coordinateMediation2, recipient2, 'request', [
  'granted',
  'denied',
  'silent',
])

/** As {@link updateRecipients}, in version 2.0. */
export const updateRecipients2: Command<Recipient2, 'update', Updated> = command(coordinateMediation2, recipient2, 'update', [
  'updated',
  'silent',
])

/** As {@link listRecipients}, in version 2.0. */
export const listRecipients2: Command<Recipient2, 'query', Listed> = command(coordinateMediation2, recipient2, 'query', [
  'listed',
  'silent',
])
