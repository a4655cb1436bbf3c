/**
 * What a recipient can be and can be told, and what it does with what comes: the same in both versions.
 *
 * @module
 */
import { type At, emit, type Given, type State, type Step, stopTimer } from '../../machine/index.ts'
import type { StatusBody } from './messages.ts'
import { type QueueStatus, statusOf } from './queue.ts'

export type ClientStates =
  | { readonly at: 'ready' }
  | { readonly at: 'asking' }
  | { readonly at: 'told'; readonly status: QueueStatus }
  | { readonly at: 'fetching' }
  | { readonly at: 'delivered'; readonly ids: readonly string[] }
  | { readonly at: 'acknowledging' }
  | { readonly at: 'acknowledged'; readonly status?: QueueStatus }
  | { readonly at: 'switching' }
  | { readonly at: 'switched'; readonly liveDelivery: boolean; readonly status: QueueStatus }
  | { readonly at: 'refused' }
  | { readonly at: 'silent' }

export type ClientCommands = {
  status: { readonly recipientDid?: string; readonly timeoutSeconds: number }
  deliver: { readonly limit: number; readonly recipientDid?: string; readonly timeoutSeconds: number }
  acknowledge: { readonly ids: readonly string[] }
  live: { readonly liveDelivery: boolean; readonly timeoutSeconds: number }
}

type In<Place extends ClientStates['at']> = At<ClientStates, Place>

/** How long a recipient of 3.0 waits for the status that should follow an acknowledgment. */
export const acknowledgedAfterSeconds = 60

/** What is told of an acknowledgment: the ids, and those that were delivered and are not among them, which the mediator keeps. */
export const acknowledgedOf = (
  state: ClientStates,
  ids: readonly string[],
): { readonly ids: readonly string[]; readonly kept: readonly string[] } => ({
  ids,
  kept: state.at === 'delivered' ? state.ids.filter((id) => !ids.includes(id)) : [],
})

/** Which recipient DID, as the wire has it. */
export const forRecipient = (did: string | undefined): { readonly recipient_did?: string } =>
  did === undefined ? {} : { recipient_did: did }

/** The mediator tells what waits. */
export function told(_: State, body: StatusBody, { peer }: Given): Step<In<'told'>> {
  const status = statusOf(body)
  return [{ at: 'told', status }, stopTimer('timeout'), emit('status', { by: peer ?? null, ...status })]
}

/** The mediator has nothing to deliver, and says so by its status. */
export function nothing(): Step<In<'delivered'>> {
  return [{ at: 'delivered', ids: [] }, stopTimer('timeout')]
}

/** The mediator forgot what was acknowledged, and tells what is left. */
export function forgotten(_: State, body: StatusBody): Step<In<'acknowledged'>> {
  return [{ at: 'acknowledged', status: statusOf(body) }, stopTimer('timeout')]
}

/** The mediator delivers over this connection from now on, or does so no more. */
export function switched(_: State, body: StatusBody): Step<In<'switched'>> {
  const status = statusOf(body)
  return [{ at: 'switched', liveDelivery: status.liveDelivery ?? false, status }, stopTimer('timeout')]
}

/** The connection does not last. */
export function refused(): Step<In<'refused'>> {
  return [{ at: 'refused' }, stopTimer('timeout')]
}

/** Nothing came in time. */
export function silent(): Step<In<'silent'>> {
  return [{ at: 'silent' }, emit('silent')]
}
