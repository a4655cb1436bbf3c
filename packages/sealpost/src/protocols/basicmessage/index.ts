/**
 * Basic Message 2.0: words from person to person.
 *
 * A thread is a topic: whoever gives the `thid` of an earlier message goes on with its topic, without one a new one
 * begins.
 *
 * @see {@link https://didcomm.org/basicmessage/2.0 | Basic Message 2.0}
 * @module
 */
import { type Command, command, type Protocol } from '../../machine/index.ts'
import { messages, piuri } from './messages.ts'
import { receiver } from './receiver.ts'
import { type Sender, sender } from './sender.ts'

export type { BasicMessage } from './messages.ts'
export type { Receiver } from './receiver.ts'
export type { Sender, Writing } from './sender.ts'

/** Basic Message 2.0. Neither role remembers anything, so that one for each peer is enough. */
export const basicMessage: Protocol = { piuri, messages, instance: 'peer', roles: { sender, receiver } }

/**
 * Writes to a peer. Resolves once the message is kept to be sent. What comes is told as the event `message` of the receiver: `by`,
 * `content`, and where they are there `lang`, `sentTime` (epoch seconds) and `attachments`.
 *
 * @example
 * ```ts
 * import type { Host } from 'sealpost/machine'
 * import { sendMessage } from 'sealpost/protocols/basicmessage'
 *
 * declare const agent: Host
 * await sendMessage(agent, 'did:web:bob.example', { content: 'Bonjour', lang: 'fr' })
 * ```
 */
export const sendMessage: Command<Sender, 'send'> = command(basicMessage, sender, 'send', ['ready'])
