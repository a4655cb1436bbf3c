/**
 * The messages of Message Pickup 4.0, and of 3.0, whose protocol is called `messagepickup`.
 *
 * @see {@link https://didcomm.org/message-pickup/4.0 | Message Pickup 4.0}
 * @see {@link https://didcomm.org/messagepickup/3.0 | Message Pickup 3.0}
 * @module
 */
import * as v from 'valibot'
import type { Messages } from '../../machine/index.ts'
import { count, list, maybe, party, text } from '../shapes.ts'

export const piuri = 'https://didcomm.org/message-pickup/4.0'
export const piuri3 = 'https://didcomm.org/messagepickup/3.0'

type ForRecipient = { readonly recipient_did?: string | null }

export type StatusRequest = ForRecipient
/** Times are in epoch seconds in 3.0, in epoch milliseconds in 4.0. */
export type StatusBody = ForRecipient & {
  readonly message_count: number
  readonly longest_waited_seconds?: number | null
  readonly newest_received_time?: number | null
  readonly oldest_received_time?: number | null
  readonly total_bytes?: number | null
  readonly live_delivery?: boolean | null
}
export type DeliveryRequest = ForRecipient & { readonly message_count_limit: number }
export type DeliveryRequest3 = ForRecipient & { readonly limit: number }
/** The messages are its attachments. */
export type Delivery = ForRecipient
/** The ids are those of the attachments. */
export type MessagesReceived = { readonly message_id_list: readonly string[] }
export type LiveDeliveryChange = ForRecipient & { readonly live_delivery: boolean }

const recipient = { recipient_did: maybe(party) }
const protection = 'authenticated' as const

const statusRequest = { body: v.looseObject(recipient), protection }
const status = {
  body: v.looseObject({
    ...recipient,
    message_count: count,
    longest_waited_seconds: maybe(v.number()),
    newest_received_time: maybe(v.number()),
    oldest_received_time: maybe(v.number()),
    total_bytes: maybe(count),
    live_delivery: maybe(v.boolean()),
  }),
  protection,
}
const delivery = { body: v.looseObject(recipient), protection }
const received = { body: v.looseObject({ message_id_list: list(text(255), 10_000) }), protection }
const liveDeliveryChange = { body: v.looseObject({ ...recipient, live_delivery: v.boolean() }), protection }

type Common = {
  'status-request': StatusRequest
  status: StatusBody
  delivery: Delivery
  'messages-received': MessagesReceived
  'live-delivery-change': LiveDeliveryChange
}

export const messages: Messages<Common & { 'delivery-request': DeliveryRequest }> = {
  'status-request': statusRequest,
  status,
  'delivery-request': { body: v.looseObject({ ...recipient, message_count_limit: count }), protection },
  delivery,
  'messages-received': received,
  'live-delivery-change': liveDeliveryChange,
}

export const messages3: Messages<Common & { 'delivery-request': DeliveryRequest3 }> = {
  'status-request': statusRequest,
  status,
  'delivery-request': { body: v.looseObject({ ...recipient, limit: count }), protection },
  delivery,
  'messages-received': received,
  'live-delivery-change': liveDeliveryChange,
}

/** The code of a mediator whose connection does not last. */
export const noLiveMode = 'e.m.live-mode-not-supported'

export const problems: Readonly<Record<string, string>> = { [noLiveMode]: 'Connection does not support Live Delivery' }
