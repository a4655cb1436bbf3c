/**
 * Message Pickup 4.0 and 3.0: fetch what waits at a mediator.
 *
 * A recipient brings a host that does its task `receive`: open what was delivered, then acknowledge it. A mediator brings one that answers
 * its question, a {@link QueueQuestion}, with a {@link Queue}, and does its tasks `forget` and `live`.
 *
 * @see {@link https://didcomm.org/message-pickup/4.0 | Message Pickup 4.0}
 * @module
 */
import { type At, type Command, command, type Protocol } from '../../machine/index.ts'
import type { ClientStates } from './client.ts'
import { type Mediator, mediator, type Queue } from './mediator.ts'
import { type Mediator3, mediator3 } from './mediator3.ts'
import { messages, messages3, piuri, piuri3, problems } from './messages.ts'
import { type Recipient, recipient } from './recipient.ts'
import { type Recipient3, recipient3 } from './recipient3.ts'

export type { ClientCommands, ClientStates } from './client.ts'
export type { Mediator, MediatorTasks, PushCommand, Queue, QueueQuestion } from './mediator.ts'
export type { Mediator3 } from './mediator3.ts'
export type {
  Delivery,
  DeliveryRequest,
  DeliveryRequest3,
  LiveDeliveryChange,
  MessagesReceived,
  StatusBody,
  StatusRequest,
} from './messages.ts'
export type { Delivered, QueueStatus, WaitingMessage } from './queue.ts'
export type { Recipient } from './recipient.ts'
export type { Recipient3 } from './recipient3.ts'

// Whoever brings no host has nothing waiting.
const context = (): Queue => ({ status: { messageCount: 0 }, messages: [], isLasting: false })

/** Message Pickup 4.0. A recipient lives for each thread, a mediator for each peer. */
export const messagePickup: Protocol = { piuri, messages, problems, instance: 'peer', roles: { mediator, recipient }, context }

/** Message Pickup 3.0. */
export const messagePickup3: Protocol = {
  piuri: piuri3,
  messages: messages3,
  problems,
  instance: 'peer',
  roles: { mediator: mediator3, recipient: recipient3 },
  context,
}

type Told = At<ClientStates, 'told' | 'silent'>
type Fetched = At<ClientStates, 'delivered' | 'silent'>
type Acknowledged = At<ClientStates, 'acknowledged'>
type Switched = At<ClientStates, 'switched' | 'refused' | 'silent'>

/**
 * Asks a mediator what waits: `told`, or `silent` after the timeout.
 *
 * @example
 * ```ts
 * import type { Host } from 'sealpost/machine'
 * import { askStatus, fetchMessages } from 'sealpost/protocols/message-pickup'
 *
 * declare const agent: Host
 * const mediator = 'did:web:mediator.example'
 * const end = await askStatus(agent, mediator, { timeoutSeconds: 30 })
 * if (end.at === 'told' && end.status.messageCount > 0) await fetchMessages(agent, mediator, { limit: 10, timeoutSeconds: 30 })
 * ```
 */
export const askStatus: Command<Recipient, 'status', Told> = command(messagePickup, recipient, 'status', ['told', 'silent'])

/** Fetches what waits: `delivered` with the ids of what came, none where nothing waited, or `silent`. The task `receive` opens it. */
export const fetchMessages: Command<Recipient, 'deliver', Fetched> = command(messagePickup, recipient, 'deliver', ['delivered', 'silent'])

/** Tells a mediator what it may forget, in a thread of its own or in that of the delivery, by `thid`. */
export const acknowledgeMessages: Command<Recipient, 'acknowledge', Acknowledged> = command(messagePickup, recipient, 'acknowledge', [
  'acknowledged',
])

/** Asks for messages as they come, over a connection that lasts: `switched`, `refused` where it does not last, or `silent`. */
export const switchLiveDelivery: Command<Recipient, 'live', Switched> = command(messagePickup, recipient, 'live', [
  'switched',
  'refused',
  'silent',
])

/** Delivers what came for a peer whose connection is live. */
export const pushMessages: Command<Mediator, 'push'> = command(messagePickup, mediator, 'push', ['serving'])

/** As {@link askStatus}, in version 3.0. */
export const askStatus3: Command<Recipient3, 'status', Told> = command(messagePickup3, recipient3, 'status', ['told', 'silent'])

/** As {@link fetchMessages}, in version 3.0. */
export const fetchMessages3: Command<Recipient3, 'deliver', Fetched> = command(messagePickup3, recipient3, 'deliver', [
  'delivered',
  'silent',
])

/** As {@link acknowledgeMessages}, in version 3.0, where a status should follow. */
export const acknowledgeMessages3: Command<Recipient3, 'acknowledge', Acknowledged> = command(messagePickup3, recipient3, 'acknowledge', [
  'acknowledged',
])

/** As {@link switchLiveDelivery}, in version 3.0. */
export const switchLiveDelivery3: Command<Recipient3, 'live', Switched> = command(messagePickup3, recipient3, 'live', [
  'switched',
  'refused',
  'silent',
])

/** As {@link pushMessages}, in version 3.0. */
export const pushMessages3: Command<Mediator3, 'push'> = command(messagePickup3, mediator3, 'push', ['serving'])
