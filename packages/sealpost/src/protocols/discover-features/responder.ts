/**
 * Discover Features 2.0, the responder: it tells what it can do, as far as its host lets this peer know.
 *
 * @module
 */
import { type Given, type Role, roleOf, type Step } from '../../machine/index.ts'
import { matching, shuffled } from './features.ts'
import type { Disclose, Disclosure, Queries, Query } from './messages.ts'

export type Responder = {
  states: { readonly at: 'listening' }
  commands: { disclose: { readonly queries: readonly Query[] } }
  receives: { queries: Queries }
  sends: { disclose: Disclose }
  context: {
    /** What this peer may know: the policy of the host, for one relationship (DSC-09). */
    readonly features: readonly Disclosure[]
    /** Uniform in [0, 1). */
    readonly random: () => number
  }
  tasks: object
}

type State = Responder['states']
type Context = Given<Responder['context']>

const { onCommand, onMessage, send } = roleOf<Responder>()

export const responder: Role<Responder> = {
  name: 'responder',
  // It remembers nothing, so that one for each peer is enough.
  instance: 'peer',
  initial: { at: 'listening' },
  // Nobody is told anything whom no key proved, so that the host is not asked either.
  asks: (_, __, peer) => (peer === undefined ? undefined : { features: 'all' }),
  transitions: [
    onMessage('listening', 'queries', 'listening', answer, isProved),
    onMessage('listening', 'queries', 'listening', (state) => [state]),
    onCommand('listening', 'disclose', 'listening', disclose),
  ],
}

function isProved(_: State, __: Queries, { peer }: Context): boolean {
  return peer !== undefined
}

// DSC-06: an empty answer is one too; it says no more than that nothing is told (DSC-07).
function answer(state: State, { queries }: Queries, { context }: Context): Step<State> {
  return [state, send('disclose', { disclosures: shuffled(matching(context.features, queries), context.random) })]
}

// DSC-08: without being asked, in a thread of its own.
function disclose(state: State, { queries }: Responder['commands']['disclose'], { context }: Context): Step<State> {
  return [state, send('disclose', { disclosures: shuffled(matching(context.features, queries), context.random) }, { thread: 'new' })]
}
