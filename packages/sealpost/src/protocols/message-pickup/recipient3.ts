/**
 * Message Pickup 3.0, the recipient: it fetches what waits for it at a mediator, and says what it has.
 *
 * Each exchange is a thread, and an instance of its own; a mediator that delivers live begins one. What was delivered is a task of the
 * host, which hands it to whoever opens envelopes and only then acknowledges it, so that nothing is forgotten that is not kept.
 *
 * @module
 */
import { type At, awaited, emit, type Given, type Role, roleOf, type Step, startTimer, stopTimer } from '../../machine/index.ts'
import {
  acknowledgedAfterSeconds,
  acknowledgedOf,
  type ClientCommands,
  type ClientStates,
  forgotten,
  forRecipient,
  nothing,
  refused,
  silent,
  switched,
  told,
} from './client.ts'
import {
  type Delivery,
  type DeliveryRequest3,
  type LiveDeliveryChange,
  type MessagesReceived,
  noLiveMode,
  type StatusBody,
  type StatusRequest,
} from './messages.ts'
import { type Delivered, deliveredIn } from './queue.ts'

export type Recipient3 = {
  states: ClientStates
  commands: ClientCommands
  receives: { status: StatusBody; delivery: Delivery }
  sends: {
    'status-request': StatusRequest
    'delivery-request': DeliveryRequest3
    'messages-received': MessagesReceived
    'live-delivery-change': LiveDeliveryChange
  }
  context: undefined
  /** Open these, then acknowledge their ids, and those of what cannot be read, by the command `acknowledge`. */
  tasks: { receive: Delivered }
}

type In<Place extends ClientStates['at']> = At<ClientStates, Place>

const { onCommand, onMessage, onProblem, onTimer, send, task } = roleOf<Recipient3>()

export const recipient3: Role<Recipient3> = {
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
    onCommand('delivered', 'acknowledge', 'acknowledged', acknowledgeNone, isNone),
    onCommand('delivered', 'acknowledge', 'acknowledging', acknowledge),
    onCommand('ready', 'acknowledge', 'acknowledging', acknowledge),
    onMessage('acknowledging', 'status', 'acknowledged', forgotten),
    onTimer('acknowledging', 'timeout', 'acknowledged', () => [{ at: 'acknowledged' }]),
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
  const request = { limit, ...forRecipient(recipientDid) }
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

// A status should follow; it is the mediator's to leave out.
function acknowledge(state: ClientStates, { ids }: ClientCommands['acknowledge']): Step<In<'acknowledging'>> {
  return [
    { at: 'acknowledging' },
    send('messages-received', { message_id_list: ids }, { returnRoute: 'all' }),
    startTimer('timeout', acknowledgedAfterSeconds),
    emit('acknowledged', acknowledgedOf(state, ids)),
  ]
}

function isNone(_: ClientStates, { ids }: ClientCommands['acknowledge']): boolean {
  return ids.length === 0
}

function acknowledgeNone(state: ClientStates, { ids }: ClientCommands['acknowledge']): Step<In<'acknowledged'>> {
  return [{ at: 'acknowledged' }, emit('acknowledged', acknowledgedOf(state, ids))]
}

function turn(_: In<'ready'>, { liveDelivery, timeoutSeconds }: ClientCommands['live']): Step<In<'switching'>> {
  const change = { live_delivery: liveDelivery }
  return [{ at: 'switching' }, send('live-delivery-change', change, awaited(timeoutSeconds)), startTimer('timeout', timeoutSeconds)]
}
