/**
 * Message Pickup 3.0, the mediator: it tells what waits, delivers it, and forgets it once it is acknowledged.
 *
 * The queue is the host's: it is asked for it before a step, and told after it what to forget.
 *
 * @module
 */
import { type Given, type Role, report, roleOf, type Step } from '../../machine/index.ts'
import { type MediatorTasks, type PushCommand, type Queue, question } from './mediator.ts'
import {
  type Delivery,
  type DeliveryRequest3,
  type LiveDeliveryChange,
  type MessagesReceived,
  noLiveMode,
  type StatusBody,
  type StatusRequest,
} from './messages.ts'
import { statusBody, waitingAttachment } from './queue.ts'

export type Mediator3 = {
  states: { readonly at: 'serving' }
  commands: { push: PushCommand }
  receives: {
    'status-request': StatusRequest
    'delivery-request': DeliveryRequest3
    'messages-received': MessagesReceived
    'live-delivery-change': LiveDeliveryChange
  }
  sends: { status: StatusBody; delivery: Delivery }
  context: Queue
  tasks: MediatorTasks
}

type State = Mediator3['states']
type Context = Given<Queue>

const { onCommand, onMessage, send, task } = roleOf<Mediator3>()

export const mediator3: Role<Mediator3> = {
  name: 'mediator',
  initial: { at: 'serving' },
  asks: question,
  transitions: [
    onMessage('serving', 'status-request', 'serving', tell),
    onMessage('serving', 'delivery-request', 'serving', deliver),
    onMessage('serving', 'messages-received', 'serving', forget),
    onMessage('serving', 'live-delivery-change', 'serving', turn),
    onCommand('serving', 'push', 'serving', push),
  ],
}

function tell(state: State, { recipient_did: did }: StatusRequest, { context }: Context): Step<State> {
  return [state, send('status', { ...statusBody(context.status, 3), ...(did && { recipient_did: did }) })]
}

// Where nothing waits, the status says so at once.
function deliver(state: State, { recipient_did: did }: DeliveryRequest3, { context }: Context): Step<State> {
  const forDid = did ? { recipient_did: did } : {}
  if (context.messages.length === 0) return [state, send('status', { ...statusBody(context.status, 3), ...forDid })]
  return [state, send('delivery', forDid, { attachments: context.messages.map(waitingAttachment) })]
}

function forget(state: State, { message_id_list: ids }: MessagesReceived, { context }: Context): Step<State> {
  return [state, task('forget', { ids }), send('status', statusBody(context.status, 3))]
}

function turn(state: State, { live_delivery: liveDelivery, recipient_did: did }: LiveDeliveryChange, { context }: Context): Step<State> {
  if (liveDelivery && !context.isLasting) return [state, report(noLiveMode)]
  const live = task('live', { liveDelivery, ...(did && { recipientDid: did }) })
  return [state, live, send('status', { ...statusBody(context.status, 3), live_delivery: liveDelivery })]
}

function push(state: State, { messages, recipientDid: did }: PushCommand): Step<State> {
  return [state, send('delivery', did ? { recipient_did: did } : {}, { attachments: messages.map(waitingAttachment), thread: 'new' })]
}
