/**
 * A protocol: its identifier, the shape of its messages, its roles. And a command of a role as a function that an application calls.
 *
 * @module
 */
import type { AnyRole, At, Input, Role, RoleSpec, State } from './role.ts'
import type { Shape } from './shape.ts'

/** What an envelope must prove of a message: nothing, its sender, or its sender by a signature that can be shown to others. */
export type Protection = 'any' | 'authenticated' | 'signed'

/** A message of a protocol. By default it has to be authenticated: whoever takes less says so where the message is (SEC-26). */
export type MessageShape = Shape | { readonly body: Shape; readonly protection?: Protection }

/** The messages of a protocol, by the types of their bodies: the compiler holds each shape to its type. */
export type Messages<Bodies extends object> = {
  readonly [Name in keyof Bodies]: { readonly body: Shape<Bodies[Name]>; readonly protection: Protection }
}

/**
 * A protocol as a table. Those of an application are written in the same words as ours.
 *
 * Exported from `sealpost/machine`.
 */
export type Protocol = {
  /** Its identifier, such as `https://didcomm.org/trust-ping/2.0`. */
  readonly piuri: string
  /** The shape of each message, by its name in the message type URI. */
  readonly messages: Readonly<Record<string, MessageShape>>
  /** Whether an instance of a role lives for each thread, or for each peer. */
  readonly instance: 'thread' | 'peer'
  readonly roles: Readonly<Record<string, AnyRole>>
  /** The problem codes of its own, each with the comment that belongs to it (PRB-06). */
  readonly problems?: Readonly<Record<string, string>>
  /** Whether messages carry their order, and what is missing is sent again (SEQ-01). False by default. */
  readonly sequenced?: boolean
  /** Goal codes to disclose and to accept invitations for. */
  readonly goalCodes?: readonly string[]
  /** Answers what a role `asks`, where the host does not: from what every runtime knows. */
  readonly context?: (question: unknown, scope: Scope) => unknown
}

/** What every runtime knows, for a protocol that has to answer from it. */
export type Scope = {
  readonly protocols: readonly Protocol[]
  /** The proved peer. */
  readonly peer: string | undefined
  /** The largest message that is taken, in octets (TRN-03). */
  readonly maxReceiveBytes: number
  /** Uniform in [0, 1). */
  readonly random: () => number
}

/** How a command is given. */
export type CommandOptions = {
  readonly signal?: AbortSignal
  /** Goes on with the instance of this thread, in place of a new one. */
  readonly thid?: string
  /** The thread out of which the new one grows: that of an invitation, or of another protocol (THR-09). */
  readonly pthid?: string
}

/** Whoever can start an instance of a role and await its end. The agent is one. */
export type Host = {
  command(
    protocol: Protocol,
    role: AnyRole,
    peer: string,
    command: string,
    detail: object,
    options?: CommandOptions & { readonly until?: readonly string[] },
  ): Promise<State>
}

/**
 * A command as a function, which also tells what it is a command of, so that other protocols can `call` it.
 */
export type Command<V extends RoleSpec, Name extends keyof V['commands'] & string, End extends State = V['states']> = {
  (host: Host, peer: string, detail: V['commands'][Name], options?: CommandOptions): Promise<End>
  readonly protocol: Protocol
  readonly role: Role<V>
  readonly command: Name
}

/**
 * Makes a function of a command: `ping(agent, bob, { timeoutSeconds: 10 })`. Its result is the state at the end.
 *
 * Exported from `sealpost/machine`.
 *
 * @param until - the places at which the caller is answered, where the role goes on after them
 * @throws {DidcommError} of the function: `ERR_USAGE_OUT_OF_ORDER` where the role takes no such command now, `ERR_PEER_PROBLEM` where
 * the peer abandoned the protocol, `ERR_USAGE_ABORTED` where `signal` was aborted: the instance goes on, nobody awaits it.
 */
export function command<V extends RoleSpec, Name extends keyof V['commands'] & string, Place extends V['states']['at'] = V['states']['at']>(
  protocol: Protocol,
  role: Role<V>,
  name: Name,
  until?: readonly Place[],
): Command<V, Name, At<V['states'], Place>> {
  const run = (host: Host, peer: string, detail: V['commands'][Name], options: CommandOptions = {}): Promise<At<V['states'], Place>> =>
    host.command(protocol, role, peer, name, detail as object, { ...options, ...(until && { until }) }) as Promise<At<V['states'], Place>>
  return Object.assign(run, { protocol, role, command: name })
}

/** The body and protection of a message, however it was declared. */
export function messageOf(protocol: Protocol, name: string): { readonly body: Shape; readonly protection: Protection } | undefined {
  if (!Object.hasOwn(protocol.messages, name)) return undefined
  const declared = protocol.messages[name] as MessageShape
  return '~standard' in declared
    ? { body: declared, protection: 'authenticated' }
    : { body: declared.body, protection: declared.protection ?? 'authenticated' }
}

/**
 * The protocol with some of its roles alone: a phone that has a mediator is none itself.
 *
 * Exported from `sealpost/machine`.
 */
export function play(protocol: Protocol, ...names: readonly string[]): Protocol {
  return { ...protocol, roles: Object.fromEntries(Object.entries(protocol.roles).filter(([name]) => names.includes(name))) }
}

/** Whether an instance of a role lives for each thread or for each peer. */
export const instanceOf = (protocol: Protocol, role: AnyRole): 'thread' | 'peer' => role.instance ?? protocol.instance

/** The inputs that a table knows, each once: what a test walks. */
export function inputsOf(role: AnyRole): readonly Pick<Input, 'kind' | 'on'>[] {
  const known = new Map(role.transitions.map(({ kind, on }) => [`${kind} ${on}`, { kind, on }]))
  return [...known.values()]
}
