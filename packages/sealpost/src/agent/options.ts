/**
 * What an agent is made of: the options of `createAgent`.
 *
 * @module
 */
import type { Did } from '../did/did.ts'
import type { KeyStore } from '../did/keys.ts'
import type { DidDocument, Resolver } from '../did/resolver.ts'
import type { NewEndpoint } from '../did/service.ts'
import type { Policy } from '../envelope/policy.ts'
import type { PublicJwk } from '../jose/primitives/primitives.ts'
import type { Protocol } from '../machine/protocol.ts'
import type { TracePolicy, TraceReport } from '../message/trace.ts'
import type { Limits } from './limits.ts'
import type { Clock, Logger, Random, Receive, Store, Trace, Transport } from './ports.ts'

/** What an application answers for a protocol: what its roles ask for, and what they want done. */
export type HostAnswers = {
  /** Looks up what a role asks for before a step. It may be asked twice for one step. */
  readonly context?: (question: unknown, about: About) => unknown
  /**
   * What to do after a step, by the name of the task. It is done at least once: `about.key` is the same each time, for whoever has to do it
   * once. `about.receive` takes an envelope that came inside of a message, as if a transport had brought it. What it returns is given to the role as a command, where it is one.
   */
  readonly tasks?: {
    readonly [name: string]: (
      detail: never,
      about: About & { readonly key: string; readonly signal: AbortSignal; readonly receive: Receive },
    ) => TaskResult | Promise<TaskResult>
  }
}

// biome-ignore lint/suspicious/noConfusingVoidType: a task that returns nothing is the common case
export type TaskResult = void | { readonly command: string; readonly detail: object }

/** Of whom and of what thread it is. */
export type About = { readonly relationship: string | undefined; readonly peer: Did | undefined; readonly thid: string }

/** Makes a DID of two public keys and the places where it is reached. */
export type NewDid = (
  keys: { readonly agreement: PublicJwk; readonly authentication: PublicJwk },
  endpoints: readonly NewEndpoint[],
) => { readonly did: Did; readonly document: DidDocument }

/** A way by which DIDs of ours are reached, that has to know them: such as a mediator. */
export type Route = {
  readonly endpoints: () => readonly NewEndpoint[]
  /** Called before a new DID is used, and awaited. */
  readonly register?: (did: Did) => Promise<void>
  /** Called when a DID is not used any more. */
  readonly unregister?: (did: Did) => Promise<void>
}

export type AgentOptions = {
  readonly store: Store
  readonly keys: KeyStore
  readonly resolver: Resolver
  readonly transports?: readonly Transport[]
  /** The protocols it speaks. */
  readonly protocols?: readonly Protocol[]
  /** What the application answers, by the identifier of the protocol. */
  readonly hosts?: { readonly [piuri: string]: HostAnswers }
  /** Where new DIDs are reached: a URI, or what a DID document says of an endpoint. None where nothing is said. */
  readonly endpoints?: readonly (string | NewEndpoint)[]
  /** How DIDs are made: did:peer:2 where nothing is said. */
  readonly newDid?: NewDid
  readonly policy?: Omit<Policy, 'nowSeconds'>
  readonly limits?: Partial<Limits>
  /** The languages that its user reads, most preferred first (I18-02). */
  readonly languages?: readonly string[]
  /** Whether who is not known may begin, by a public DID of ours. True where nothing is said; who answers an invitation always may. */
  readonly strangers?: boolean
  readonly clock?: Clock
  readonly random?: Random
  readonly logger?: Logger
  readonly trace?: Trace
  /** Whose traces are honored, and how a report is posted. None where nothing is said (TRC-04). */
  readonly traces?: TracePolicy & { readonly handler: string; readonly post: (url: string, report: TraceReport) => Promise<void> }
}
