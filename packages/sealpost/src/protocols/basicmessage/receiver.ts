/**
 * Basic Message 2.0, the receiver: it hands on what was written.
 *
 * @module
 */
import { emit, type Given, type Role, roleOf, type Step } from '../../machine/index.ts'
import type { BasicMessage } from './messages.ts'

export type Receiver = {
  states: { readonly at: 'listening' }
  commands: object
  receives: { message: BasicMessage }
  sends: object
  context: undefined
  tasks: object
}

const { onMessage } = roleOf<Receiver>()

export const receiver: Role<Receiver> = {
  name: 'receiver',
  initial: { at: 'listening' },
  transitions: [onMessage('listening', 'message', 'listening', read)],
}

function read(state: Receiver['states'], { content }: BasicMessage, { message, peer }: Given): Step<Receiver['states']> {
  const { lang, created_time: sentTime, attachments } = message ?? {}
  const detail = {
    by: peer ?? null,
    content,
    ...(lang !== undefined && { lang }),
    // Epoch seconds, as the sender says.
    ...(sentTime !== undefined && { sentTime }),
    ...(attachments?.length && { attachments }),
  }
  return [state, emit('message', detail)]
}
