/**
 * PORTS of the agent: what it needs of the world, as types alone. Adapters implement them; nothing here runs.
 *
 * @module
 */
import type { Did } from '../did/did.ts'
import type { Endpoint } from '../did/service.ts'

/** Plain JSON, as it is stored. Whoever is given some must not change it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json | undefined }

/** One row of a table. Keys are ASCII without NUL, so that every store has them in the same order. */
export type Row = {
  readonly key: string
  readonly value: Json
  /** 1 for a row that was just made, one more with each write: what a check compares. */
  readonly version: number
}

/** A row to write, or to take away where `value` is undefined. */
export type Write = { readonly table: string; readonly key: string; readonly value: Json | undefined }

/** A row that must be as it was: at this version, or not there where it is 0. */
export type Check = { readonly table: string; readonly key: string; readonly version: number }

/** Writes that happen all or not at all, and only where each check holds. Two writes of one row: the later counts. */
export type Batch = { readonly checks?: readonly Check[]; readonly writes: readonly Write[] }

/** Which rows of a table: those whose key begins with a prefix, after a key, in order of their keys. */
export type Range = {
  readonly table: string
  readonly prefix?: string
  /** Rows with a key after this one (before it, where `reverse`). */
  readonly after?: string
  /** Rows with a key before this one, itself not. */
  readonly before?: string
  readonly limit: number
  readonly reverse?: boolean
}

/**
 * PORT: where the agent keeps what must outlive the process.
 *
 * A store belongs to one process: who opens it holds a lock, a second one is refused with `ERR_STORE_LOCKED`. All failures are
 * {@link DidcommError}s of the family `store`; a batch that failed has changed nothing.
 */
export type Store = {
  /** The rows of these keys, in their order; undefined where there is none. */
  get(table: string, keys: readonly string[]): Promise<readonly (Row | undefined)[]>
  list(range: Range): Promise<readonly Row[]>
  /** Resolves when the batch is on stable storage; `conflict` where a check did not hold, and nothing was written. */
  commit(batch: Batch): Promise<'committed' | 'conflict'>
  close(): Promise<void>
}

/** PORT: time. `epochMilliseconds` may jump, `later` must not: it counts on a monotonic clock. */
export type Clock = {
  readonly epochMilliseconds: () => number
  /** Runs once after so many milliseconds; at the end of what is being done now, where it is 0. Returns how to call it off. */
  readonly later: (milliseconds: number, run: () => void) => () => void
}

/** PORT: random numbers, for ids and for delays. Never for keys. */
export type Random = {
  /** A fresh UUID of version 4. */
  readonly id: () => string
  /** Uniform in [0, 1). */
  readonly fraction: () => number
}

/** An envelope on its way. */
export type Parcel = { readonly envelope: string; readonly mediaType: string }

/** What became of a parcel that was taken. */
export type Delivery = {
  /** What came back over the connection, where the message asked for it by `return_route` (RR-03). */
  readonly replies?: readonly (string | Uint8Array)[]
}

/** Over which connection an envelope came, and how an answer can go back over it. */
export type Via = {
  /** `once`: one answer, as in HTTP. `lasting`: any number, as over a WebSocket (RR-03). */
  readonly connection?: 'once' | 'lasting'
  /** The same object for all envelopes of one connection, where it lasts. Rejects when the connection is gone. */
  readonly socket?: Socket
  /** The name of the transport, for logs. */
  readonly transport: string
}

/** A connection that lasts, as far as the agent may use it. */
export type Socket = { send(parcel: Parcel): Promise<void>; readonly onClose: (run: () => void) => void }

/** What came of an envelope. None of it tells whether it could be opened (HTTP-07). */
export type Receipt =
  | { readonly taken: true /** The answer for a connection of kind `once`. */; readonly reply?: Parcel }
  /** Nothing was kept: the sender should try again. */
  | { readonly taken: false; readonly retryAfterSeconds?: number }

/** Takes an envelope over: resolves when it, and what follows from it, is on stable storage. Never rejects. */
export type Receive = (envelope: string | Uint8Array, via: Via) => Promise<Receipt>

/** How a parcel is sent. */
export type SendParcelOptions = {
  readonly signal: AbortSignal
  /** The connection may be kept open for answers (RR-03). */
  readonly returnRoute: boolean
}

/**
 * PORT: a way to bring envelopes to endpoints, and to receive them. It knows nothing of what is in them.
 */
export type Transport = {
  /** For logs and `where`: such as `http`. */
  readonly name: string
  /** The schemes of the endpoint URIs it serves, in lower case, such as `https`. */
  readonly schemes: readonly string[]
  /** `false` where nothing tells that the other side has taken a parcel, as over a WebSocket: it can be lost on the way. */
  readonly confirms?: false
  /**
   * Brings a parcel to an endpoint: resolves when the other side has taken it.
   *
   * @throws {DidcommError} of the family `delivery`; `retryable` tells whether the same may succeed later, `retryAfterSeconds` when.
   */
  send(parcel: Parcel, endpoint: Endpoint, options: SendParcelOptions): Promise<Delivery>
  /** Begins to receive. */
  start?(receive: Receive): Promise<void>
  /** Stops to receive, and closes every connection. */
  stop?(): Promise<void>
}

/** PORT: where the agent writes what it does. Never a secret, never the content of a message. */
export type Logger = {
  readonly debug: (event: string, detail: LogDetail) => void
  readonly info: (event: string, detail: LogDetail) => void
  readonly warn: (event: string, detail: LogDetail) => void
  readonly error: (event: string, detail: LogDetail) => void
}
export type LogDetail = { readonly [member: string]: string | number | boolean | undefined }

/**
 * HOOK: spans for OpenTelemetry or the like: called at the start of a piece of work, it returns what to call at its end.
 */
export type Trace = (name: string, detail: LogDetail) => (outcome: { readonly error?: unknown }) => void

/** A party of a relationship: any of its DIDs, or the id of the relationship. */
export type PeerRef = Did | string
