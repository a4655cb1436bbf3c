/**
 * Routing 2.0, the mediator: it hands what is to be passed on to its host, which knows whom it serves (MPR-01, FWD-11).
 *
 * @module
 */
import { isDidcommError } from '../../errors.ts'
import { type Given, type Role, report, roleOf, type Step } from '../../machine/index.ts'
import { checkForward, type Forward } from '../../message/forward.ts'
import type { ForwardBody } from './messages.ts'

export type Mediator = {
  states: { readonly at: 'passing' }
  commands: object
  receives: { forward: ForwardBody }
  sends: object
  context: undefined
  /** Bring each payload to `next` as it is, where it is known; drop it where it is not, or after `expiresTime` (FWD-10, FWD-11). */
  tasks: { deliver: Omit<Forward, 'expiresTime'> & { readonly expiresTime?: number } }
}

type State = Mediator['states']

const { onMessage, task } = roleOf<Mediator>()

export const mediator: Role<Mediator> = {
  name: 'mediator',
  initial: { at: 'passing' },
  transitions: [onMessage('passing', 'forward', 'passing', pass)],
}

function pass(state: State, { next }: ForwardBody, { message }: Given): Step<State> {
  try {
    const { expiresTime, ...forward } = checkForward(message ?? { id: '', type: '', body: { next } })
    return [state, task('deliver', { ...forward, ...(expiresTime !== undefined && { expiresTime }) })]
  } catch (error) {
    if (!isDidcommError(error)) throw error
    return [state, report('e.m.msg.malformed-forward', error.rule ?? error.code)]
  }
}
