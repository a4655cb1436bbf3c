/**
 * What a role may ask of the runtime. Effects are plain data: the runtime fills in ids, threads, parties and times, so that no protocol
 * can get them wrong.
 *
 * @module
 */
import type { Attachment } from '../message/plaintext.ts'

/** The headers that belong to the runtime: a role cannot set them. */
export type RuntimeHeader =
  | 'id'
  | 'type'
  | 'typ'
  | 'from'
  | 'to'
  | 'thid'
  | 'pthid'
  | 'created_time'
  | 'expires_time'
  | 'from_prior'
  | 'ack'
  | 'body'
  | 'attachments'

/** What a message has beside its body. */
export type SendOptions = {
  readonly attachments?: readonly Attachment[]
  /** Headers such as `lang`, `please_ack` or one of the protocol's own. Those of the runtime are ignored. */
  readonly headers?: { readonly [header: string]: unknown }
  /** From now on, after which the message has no use any more (TMO-01). */
  readonly expiresInSeconds?: number
  /**
   * The thread it is of. By default that of the instance, or of the message that it answers where the instance lives for a peer. `new`:
   * one of its own. `child`: one of its own, which grew out of the message that came (THR-09).
   */
  readonly thread?: 'new' | 'child'
  /** Where the transport keeps a connection open: let answers come back over it (RR-01). */
  readonly returnRoute?: 'all' | 'thread'
}

/** What a role may ask of the runtime, which fills in id, thid, from, to and created_time. */
export type Effect =
  | { readonly do: 'send'; readonly message: string; readonly body: object; readonly options?: SendOptions }
  | { readonly do: 'report'; readonly code: string; readonly args: readonly string[] }
  | { readonly do: 'emit'; readonly event: string; readonly detail: object }
  | { readonly do: 'startTimer'; readonly timer: string; readonly afterSeconds: number }
  | { readonly do: 'stopTimer'; readonly timer: string }
  | { readonly do: 'task'; readonly name: string; readonly detail: object }
  | {
      readonly do: 'call'
      readonly as: string
      readonly piuri: string
      readonly role: string
      readonly command: string
      readonly detail: object
    }

/**
 * How a question goes out whose answer is awaited for a while: the answer may come back over the connection (RR-01), and what nobody waits
 * for any more is not sent, however long the way was closed. Clocks differ, so that it does not expire on the minute.
 */
export const awaited = (timeoutSeconds: number): SendOptions => ({ returnRoute: 'all', expiresInSeconds: timeoutSeconds + 300 })

/** Tells the peer of a problem with what it sent, by its code; the comment belongs to the code (PRB-06), `args` fill it in (PRB-07). */
export const report = (code: string, ...args: string[]): Effect => ({ do: 'report', code, args })

/** Tells the application. */
export const emit = (event: string, detail: object = {}): Effect => ({ do: 'emit', event, detail })

/** Starts a timer, or starts it anew. It outlives the process. */
export const startTimer = (timer: string, afterSeconds: number): Effect => ({ do: 'startTimer', timer, afterSeconds })

/** Stops a timer; one that does not run is no error. */
export const stopTimer = (timer: string): Effect => ({ do: 'stopTimer', timer })
