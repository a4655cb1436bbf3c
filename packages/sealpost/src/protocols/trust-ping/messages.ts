/**
 * The messages of Trust Ping 2.0.
 *
 * @see {@link https://didcomm.org/trust-ping/2.0 | Trust Ping 2.0}
 * @module
 */
import * as v from 'valibot'
import type { Messages } from '../../machine/index.ts'
import { empty, maybe } from '../shapes.ts'

export const piuri = 'https://didcomm.org/trust-ping/2.0'

/** Are you there? Where `response_requested` is absent, a response is requested (PNG-01). */
export type Ping = { readonly response_requested?: boolean | null }
export type PingResponse = object

export const messages: Messages<{ ping: Ping; 'ping-response': PingResponse }> = {
  // A ping may come from nobody in particular; then it is not answered (PNG-05).
  ping: { body: v.looseObject({ response_requested: maybe(v.boolean()) }), protection: 'any' },
  'ping-response': { body: empty, protection: 'authenticated' },
}
