/**
 * The shape of a protocol role: a table of transitions over plain data.
 *
 * A role is pure. It is given a state, an input and the context that it asked for; it answers with the next state and the effects it
 * wants. It reads no clock, no store and no network, and it never sees an envelope: whoever runs it does.
 *
 * @module
 */
import type { Plaintext } from '../message/plaintext.ts'
import type { Problem } from '../message/problem.ts'
import { matchesCode } from '../message/problem-codes.ts'
import { type Effect, report, type SendOptions } from './effect.ts'

/** A state is plain JSON, told apart by the name of the place it is at: lower kebab-case, for a problem code may name it (CODE-02). */
export type State = { readonly at: string }

/** Everything one role can be, be told, receive and send: the role, in types. */
export type RoleSpec = {
  states: State
  /** Commands of our own side. */
  commands: object
  /** Messages of the other side, by their names in the message type URI. */
  receives: object
  /** Messages of ours. */
  sends: object
  /** What the host looks up before a step, because it concerns more than this instance. */
  context: unknown
  /** What the host is asked to do after it, beyond what every runtime can. */
  tasks: object
  /** Commands of other protocols that this one starts and awaits, by a name of our own. */
  children?: object
}

/** What comes with every input. */
export type Given<Context = unknown> = {
  /** The DID that the envelope proved, if it proved one. Never the one that the plaintext claims. */
  readonly peer: string | undefined
  /** Epoch seconds. */
  readonly now: number
  readonly context: Context
  /** The message that came, where the input is one: its headers and attachments. Its body is the input. */
  readonly message?: Plaintext
}

/** The next state, then the effects, in the order in which they are to happen. */
export type Step<S extends State> = readonly [next: S, ...effects: Effect[]]

/** The members of a union of states that stand at one of these places. */
export type At<S extends State, Place extends S['at']> = Extract<S, { at: Place }>

/** What can come to a role: its own side's command, a message, a timer, the end of a child protocol, a problem report. */
export type Kind = 'command' | 'message' | 'timer' | 'child' | 'problem'

/** One transition of the table: at this place, on this input, go to that place, by this function. */
export type Transition<S extends State> = {
  readonly kind: Kind
  readonly from: S['at']
  readonly on: string
  readonly to: S['at']
  readonly by: (state: never, input: never, given: never) => Step<S>
  /** The transition holds only when this does. Transitions are tried from the top. */
  readonly when?: ((state: never, input: never, given: never) => boolean) | undefined
}

/** A role: where it begins, and its table. */
export type Role<V extends RoleSpec> = {
  readonly name: string
  readonly initial: V['states']
  readonly transitions: readonly Transition<V['states']>[]
  /** Whether an instance lives for each thread, or for each peer. By default as the protocol says. */
  readonly instance?: 'thread' | 'peer'
  /** What to look up before a step: a question for the host in plain data, or undefined where this input needs nothing. */
  readonly asks?: (state: V['states'], input: Input, peer: string | undefined) => unknown
  /** Never set: it carries the spec, so that a caller's commands can be held to it. */
  readonly spec?: V
}

/** A role whose spec does not matter. */
// biome-ignore lint/suspicious/noExplicitAny: a table over any states can be run, whatever they are
export type AnyRole = Role<any>

type TransitionMaker<V extends RoleSpec, Inputs> = <
  From extends V['states']['at'],
  On extends keyof Inputs & string,
  To extends V['states']['at'],
>(
  from: From,
  on: On,
  to: To,
  by: (state: At<V['states'], NoInfer<From>>, input: Inputs[NoInfer<On>], given: Given<V['context']>) => Step<At<V['states'], NoInfer<To>>>,
  when?: (state: At<V['states'], NoInfer<From>>, input: Inputs[NoInfer<On>], given: Given<V['context']>) => boolean,
) => Transition<V['states']>

/** A command whose spec does not matter, as `command` makes them. */
export type AnyCommand = {
  readonly protocol: { readonly piuri: string }
  readonly role: { readonly name: string }
  readonly command: string
}

/** The detail that a command takes. */
// biome-ignore lint/suspicious/noExplicitAny: inference over all of a function's parameters
export type CommandOf<C> = C extends (host: any, peer: any, detail: infer Detail, ...rest: any) => any ? Detail : never

/** The state in which a command ends. */
// biome-ignore lint/suspicious/noExplicitAny: inference over all of a function's parameters
export type EndOf<C> = C extends (...args: any) => Promise<infer End> ? (End extends State ? End : State) : State

type ChildrenOf<V extends RoleSpec> = V extends { children: infer C } ? C : Record<never, never>
type ChildInputs<V extends RoleSpec> = { [As in keyof ChildrenOf<V>]: ChildEnd<EndOf<ChildrenOf<V>[As]>> }

/** How a child protocol ended: with the state it ended at, or without one, where it was abandoned. */
export type ChildEnd<S extends State = State> = { readonly end: S } | { readonly end?: never; readonly abandoned: string }

/** The makers of one role's transitions and effects. */
export type RoleWords<V extends RoleSpec> = {
  readonly onCommand: TransitionMaker<V, V['commands']>
  readonly onMessage: TransitionMaker<V, V['receives']>
  readonly onTimer: TransitionMaker<V, Record<string, object>>
  readonly onChild: TransitionMaker<V, ChildInputs<V>>
  readonly onProblem: TransitionMaker<V, Record<string, Problem>>
  readonly send: <Name extends keyof V['sends'] & string>(message: Name, body: V['sends'][Name], options?: SendOptions) => Effect
  readonly task: <Name extends keyof V['tasks'] & string>(name: Name, detail: V['tasks'][Name]) => Effect
  readonly call: <As extends keyof ChildrenOf<V> & string>(
    as: As,
    command: ChildrenOf<V>[As],
    detail: CommandOf<ChildrenOf<V>[As]>,
  ) => Effect
}

/**
 * The words in which a role is written, held to its spec: transitions between states that it has, on inputs that it knows, and effects
 * that it declared.
 *
 * Exported from `sealpost/machine`.
 *
 * @example
 * ```ts
 * import { type Role, roleOf } from 'sealpost/machine'
 *
 * type Door = {
 *   states: { readonly at: 'closed' } | { readonly at: 'open' }
 *   commands: object
 *   receives: { knock: object }
 *   sends: { welcome: { readonly name: string } }
 *   context: undefined
 *   tasks: object
 * }
 * const { onMessage, send } = roleOf<Door>()
 * export const door: Role<Door> = {
 *   name: 'door',
 *   initial: { at: 'closed' },
 *   transitions: [onMessage('closed', 'knock', 'open', () => [{ at: 'open' }, send('welcome', { name: 'you' })])],
 * }
 * ```
 */
export function roleOf<V extends RoleSpec>(): RoleWords<V> {
  const maker =
    <Inputs>(kind: Kind): TransitionMaker<V, Inputs> =>
    (from, on, to, by, when) => ({ kind, from, on, to, by, when })
  return {
    onCommand: maker<V['commands']>('command'),
    onMessage: maker<V['receives']>('message'),
    onTimer: maker<Record<string, object>>('timer'),
    onChild: maker<ChildInputs<V>>('child'),
    onProblem: maker<Record<string, Problem>>('problem'),
    send: (message, body, options) => ({ do: 'send', message, body: body as object, ...(options && { options }) }),
    task: (name, detail) => ({ do: 'task', name, detail: detail as object }),
    call: (as, command, detail) => {
      const { protocol, role, command: name } = command as AnyCommand
      return { do: 'call', as, piuri: protocol.piuri, role: role.name, command: name, detail: detail as object }
    },
  }
}

/** An input as the runtime hands it over. */
export type Input = { readonly kind: Kind; readonly on: string; readonly with: object }

/** The transition that an input makes, or undefined where it moves nothing. Problems match by the prefix of their code (CODE-03). */
export function transitionFor(role: AnyRole, state: State, input: Input, given: Given): Transition<State> | undefined {
  const args = [state as never, input.with as never, given as never] as const
  return role.transitions.find(
    ({ kind, from, on, when }) =>
      kind === input.kind &&
      from === state.at &&
      (kind === 'problem' ? matchesCode(input.on, on) : on === input.on) &&
      (when?.(...args) ?? true),
  )
}

/**
 * Takes one step. An input that the table has no transition for moves nothing: a message is rejected with a problem report of scope `m`
 * (this message) and descriptor `req` (it came out of order).
 *
 * Exported from `sealpost/machine`.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#problem-codes | v2.1, Problem Codes}
 */
export function advance<V extends RoleSpec>(role: Role<V>, state: V['states'], input: Input, given: Given): Step<V['states']> {
  const transition = transitionFor(role, state, input, given)
  if (transition !== undefined) return transition.by(state as never, input.with as never, given as never)
  return input.kind === 'message' ? [state, report('e.m.req.out-of-order', input.on, state.at)] : [state]
}

/** True where no transition leads on: the protocol has ended, and the state is its result. */
export function ended<V extends RoleSpec>(role: Role<V>, state: V['states']): boolean {
  return !role.transitions.some(({ from }) => from === state.at)
}
