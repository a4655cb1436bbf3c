/**
 * Trust Ping 2.0: is the other side there, and can each of us read the other?
 *
 * @see {@link https://didcomm.org/trust-ping/2.0 | Trust Ping 2.0}
 * @module
 */
import { type At, type Command, command, type Protocol } from '../../machine/index.ts'
import { messages, piuri } from './messages.ts'
import { receiver } from './receiver.ts'
import { type Sender, sender } from './sender.ts'

export type { Ping, PingResponse } from './messages.ts'
export type { Receiver } from './receiver.ts'
export type { Sender } from './sender.ts'

/** Trust Ping 2.0. A sender lives for each thread. */
export const trustPing: Protocol = { piuri, messages, instance: 'thread', roles: { sender, receiver } }

/**
 * Pings a peer and awaits the end: `answered` after so many seconds, or `silent` after the timeout.
 *
 * @example
 * ```ts
 * import type { Host } from 'sealpost/machine'
 * import { ping } from 'sealpost/protocols/trust-ping'
 *
 * declare const agent: Host
 * const end = await ping(agent, 'did:web:bob.example', { timeoutSeconds: 10 })
 * console.log(end.at === 'answered' ? `after ${end.seconds} seconds` : 'not there')
 * ```
 */
export const ping: Command<Sender, 'ping', At<Sender['states'], 'answered' | 'silent'>> = command(trustPing, sender, 'ping', [
  'answered',
  'silent',
])
