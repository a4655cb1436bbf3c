/**
 * The message of Routing 2.0: `forward`.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#routing-protocol-20 | v2.1, Routing Protocol 2.0}
 * @module
 */
import * as v from 'valibot'
import type { Messages } from '../../machine/index.ts'
import { party } from '../shapes.ts'

export const piuri = 'https://didcomm.org/routing/2.0'

/** Where its attachments go (FWD-02). */
export type ForwardBody = { readonly next: string }

export const messages: Messages<{ forward: ForwardBody }> = {
  // FWD-09: a mediator need not know who sends.
  forward: { body: v.looseObject({ next: party }), protection: 'any' },
}

export const problems = {
  'e.m.msg.malformed-forward': 'This message does not say what to pass on, or how: {1}.',
} as const
