/**
 * Message Pickup 4.0, the recipient: it fetches what waits for it at a mediator, and says what it has.
 *
 * Each exchange is a thread, and an instance of its own; a mediator that delivers live begins one. What was delivered is a task of the
 * host, which hands it to whoever opens envelopes and only then acknowledges it, so that nothing is forgotten that is not kept.
 *
 * @module
 */
import { type At, awaited, emit, type Given, type Role, roleOf, type Step, startTimer, stopTimer } from '../../machine/index.ts'
import { acknowledgedOf, type ClientCommands, type ClientStates, forRecipient, nothing, refused, silent, switched, told } from './client.ts'
import {
  type Delivery,
  type DeliveryRequest,
  type LiveDeliveryChange,
  type MessagesReceived,
  noLiveMode,
  type StatusBody,
  type StatusRequest,
} from './messages.ts'
import { type Delivered, deliveredIn } from './queue.ts'

export type Recipient = {
  states: ClientStates
  commands: ClientCommands
  receives: { status: StatusBody; delivery: Delivery }
  sends: {
    'status-request': StatusRequest
    'delivery-request': DeliveryRequest
    'messages-received': MessagesReceived
    'live-delivery-change': LiveDeliveryChange
  }
  context: undefined
  /** Open these, then acknowledge their ids, and those of what cannot be read, by the command `acknowledge`. */
  tasks: { receive: Delivered }
}

type In<Place extends ClientStates['at']> = At<ClientStates, Place>

const { onCommand, onMessage, onProblem, onTimer, send, task } = roleOf<Recipient>()

export const recipient: Role<Recipient> = {
  name: 'recipient',
  instance: 'thread',
  initial: { at: 'ready' },
  transitions: [
    onCommand('ready', 'status', 'asking', ask),
    onMessage('asking', 'status', 'told', told),
    onTimer('asking', 'timeout', 'silent', silent),
    onMessage('ready', 'status', 'told', told),
    onCommand('ready', 'deliver', 'fetching', fetch),
    onMessage('fetching', 'delivery', 'delivered', take),
    onMessage('fetching', 'status', 'delivered', nothing),
    onTimer('fetching', 'timeout', 'silent', silent),
    onMessage('ready', 'delivery', 'delivered', take),
    onCommand('delivered', 'acknowledge', 'acknowledged', acknowledge),
    onCommand('ready', 'acknowledge', 'acknowledged', acknowledge),
    onCommand('ready', 'live', 'switching', turn),
    onMessage('switching', 'status', 'switched', switched),
    onProblem('switching', noLiveMode, 'refused', refused),
    onTimer('switching', 'timeout', 'silent', silent),
  ],
}

// RR-07: what is asked over a connection comes back over it.
function ask(_: In<'ready'>, { recipientDid, timeoutSeconds }: ClientCommands['status']): Step<In<'asking'>> {
  return [
    { at: 'asking' },
    send('status-request', forRecipient(recipientDid), awaited(timeoutSeconds)),
    startTimer('timeout', timeoutSeconds),
  ]
}

function fetch(_: In<'ready'>, { limit, recipientDid, timeoutSeconds }: ClientCommands['deliver']): Step<In<'fetching'>> {
  const request = { message_count_limit: limit, ...forRecipient(recipientDid) }
  return [{ at: 'fetching' }, send('delivery-request', request, awaited(timeoutSeconds)), startTimer('timeout', timeoutSeconds)]
}

function take(_: ClientStates, __: Delivery, { message }: Given): Step<In<'delivered'>> {
  const delivered = deliveredIn(message)
  const ids = [...delivered.messages.map(({ id }) => id), ...delivered.unreadable].filter((id) => id !== '')
  const next = { at: 'delivered', ids } as const
  return ids.length + delivered.messages.length === 0
    ? [next, stopTimer('timeout')]
    : [next, stopTimer('timeout'), task('receive', delivered)]
}

// Nothing answers it, so that no connection is kept open for an answer.
function acknowledge(state: ClientStates, { ids }: ClientCommands['acknowledge']): Step<In<'acknowledged'>> {
  const told = emit('acknowledged', acknowledgedOf(state, ids))
  return ids.length === 0
    ? [{ at: 'acknowledged' }, told]
    : [{ at: 'acknowledged' }, send('messages-received', { message_id_list: ids }), told]
}

function turn(_: In<'ready'>, { liveDelivery, timeoutSeconds }: ClientCommands['live']): Step<In<'switching'>> {
  const change = { live_delivery: liveDelivery }
  return [{ at: 'switching' }, send('live-delivery-change', change, awaited(timeoutSeconds)), startTimer('timeout', timeoutSeconds)]
}
