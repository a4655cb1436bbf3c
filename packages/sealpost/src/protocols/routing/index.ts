/**
 * Routing 2.0: a mediator passes on what is not for it. Whoever plays it brings a host that does the task `deliver`.
 *
 * A recipient has no role: what a mediator wrapped for it again is opened with the envelope (REW-02), and a sender wraps when it packs.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#routing-protocol-20 | v2.1, Routing Protocol 2.0}
 * @module
 */
import type { Protocol } from '../../machine/index.ts'
import { mediator } from './mediator.ts'
import { messages, piuri, problems } from './messages.ts'

export type { Mediator } from './mediator.ts'
export type { ForwardBody } from './messages.ts'

/** Routing 2.0. A mediator remembers nothing. */
export const routing: Protocol = { piuri, messages, problems, instance: 'peer', roles: { mediator } }
