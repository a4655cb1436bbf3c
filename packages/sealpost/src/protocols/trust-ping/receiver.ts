/**
 * Trust Ping 2.0, the receiver: it answers, unless it was asked not to.
 *
 * @module
 */
import { emit, type Given, type Role, roleOf, type Step } from '../../machine/index.ts'
import type { Ping, PingResponse } from './messages.ts'

export type Receiver = {
  states: { readonly at: 'listening' }
  commands: object
  receives: { ping: Ping }
  sends: { 'ping-response': PingResponse }
  context: undefined
  tasks: object
}

const { onMessage, send } = roleOf<Receiver>()

export const receiver: Role<Receiver> = {
  name: 'receiver',
  // It remembers nothing, so that one for each peer is enough.
  instance: 'peer',
  initial: { at: 'listening' },
  transitions: [onMessage('listening', 'ping', 'listening', answer)],
}

// PNG-02, PNG-03, PNG-04: one answer to one ping, in the thread of that ping.
function answer(state: Receiver['states'], { response_requested }: Ping, { peer }: Given): Step<Receiver['states']> {
  const pinged = emit('pinged', { by: peer ?? null })
  // PNG-05: where nobody proved who asks, there is nobody to answer.
  if (peer === undefined || response_requested === false) return [state, pinged]
  return [state, pinged, send('ping-response', {})]
}
