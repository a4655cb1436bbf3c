/**
 * Message Pickup 4.0, the mediator: it tells what waits, delivers it, and forgets it once it is acknowledged.
 *
 * The queue is the host's: it is asked for it before a step, and told after it what to forget.
 *
 * @module
 */
import { type Given, type Input, type Role, report, roleOf, type Step } from '../../machine/index.ts'
import {
  type Delivery,
  type DeliveryRequest,
  type LiveDeliveryChange,
  type MessagesReceived,
  noLiveMode,
  type StatusBody,
  type StatusRequest,
} from './messages.ts'
import { type QueueStatus, statusBody, type WaitingMessage, waitingAttachment } from './queue.ts'

/** The question of a mediator: what waits for the peer, or for one of its recipient DIDs, and of that the first `limit` messages. */
export type QueueQuestion = { readonly recipientDid?: string; readonly limit: number; readonly without?: readonly string[] }

/** What the host answers. */
export type Queue = {
  /** Without what the question leaves out. */
  readonly status: QueueStatus
  readonly messages: readonly WaitingMessage[]
  /** Whether the connection of this message lasts, so that it can be delivered over live. */
  readonly isLasting: boolean
}

export type MediatorTasks = {
  /** These were acknowledged: forget them, where they are the peer's. An id that nobody knows is none. */
  forget: { readonly ids: readonly string[] }
  /** Deliver over this connection as messages come, or no more. */
  live: { readonly liveDelivery: boolean; readonly recipientDid?: string }
}

/** What the host tells a mediator: messages came, and the connection is live. */
export type PushCommand = { readonly messages: readonly WaitingMessage[]; readonly recipientDid?: string }

export type Mediator = {
  states: { readonly at: 'serving' }
  commands: { push: PushCommand }
  receives: {
    'status-request': StatusRequest
    'delivery-request': DeliveryRequest
    'messages-received': MessagesReceived
    'live-delivery-change': LiveDeliveryChange
  }
  sends: { status: StatusBody; delivery: Delivery }
  context: Queue
  tasks: MediatorTasks
}

type State = Mediator['states']
type Context = Given<Queue>

const { onCommand, onMessage, send, task } = roleOf<Mediator>()

export const mediator: Role<Mediator> = {
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

/** What has to be known for an input: nothing where it only tells. */
export function question(_: State, { kind, on, with: body }: Input): QueueQuestion | undefined {
  if (kind !== 'message') return undefined
  const { recipient_did: did, message_count_limit, limit = message_count_limit, message_id_list: ids } = body as Asked
  if (on === 'messages-received') return { limit: 0, ...(ids && { without: ids }) }
  return { limit: on === 'delivery-request' ? (limit ?? 0) : 0, ...(did && { recipientDid: did }) }
}

type Asked = {
  readonly recipient_did?: string | null
  readonly message_count_limit?: number
  readonly limit?: number
  readonly message_id_list?: readonly string[]
}

function tell(state: State, { recipient_did: did }: StatusRequest, { context }: Context): Step<State> {
  return [state, send('status', { ...statusBody(context.status, 4), ...(did && { recipient_did: did }) })]
}

// An empty delivery says that nothing waits.
function deliver(state: State, { recipient_did: did }: DeliveryRequest, { context }: Context): Step<State> {
  return [state, send('delivery', did ? { recipient_did: did } : {}, { attachments: context.messages.map(waitingAttachment) })]
}

function forget(state: State, { message_id_list: ids }: MessagesReceived): Step<State> {
  return [state, task('forget', { ids })]
}

function turn(state: State, { live_delivery: liveDelivery, recipient_did: did }: LiveDeliveryChange, { context }: Context): Step<State> {
  if (liveDelivery && !context.isLasting) return [state, report(noLiveMode)]
  const live = task('live', { liveDelivery, ...(did && { recipientDid: did }) })
  return [state, live, send('status', { ...statusBody(context.status, 4), live_delivery: liveDelivery })]
}

function push(state: State, { messages, recipientDid: did }: PushCommand): Step<State> {
  return [state, send('delivery', did ? { recipient_did: did } : {}, { attachments: messages.map(waitingAttachment), thread: 'new' })]
}
