/**
 * Route tracing: the report, and whether one may be sent. By default none is: a `trace` header is a stranger's wish that we call an
 * address of his choice. Nothing is sent from here.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#route-tracing | v2.1, Route Tracing}
 * @module
 */
import type { Plaintext } from './plaintext.ts'

/** The report that a traced message passed here. It is plain JSON, of no protocol, and holds nothing of the body (TRC-02, TRC-05). */
export type TraceReport = {
  readonly type: 'https://didcomm.org/trace/2.0/trace_report'
  /** The id of the traced message. */
  readonly pthid: string
  /** Who passed it on, as a free text. */
  readonly handler: string
  readonly traced_type: string
}

/** Whose traces are honored (TRC-03). */
export type TracePolicy = {
  /** The hosts, in lower case, that reports may go to. Empty by default: none (TRC-04). */
  readonly allowedHosts?: readonly string[]
}

const maxUriLength = 2048

/**
 * The address that a report on a message may go to: undefined unless the message asks for one, at an HTTPS address of a host that the
 * policy names (TRC-01, TRC-04, TRC-05). Whoever sends it follows no redirects.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#route-tracing | v2.1, Route Tracing}
 */
export function traceTarget(message: Pick<Plaintext, 'trace'>, { allowedHosts = [] }: TracePolicy = {}): string | undefined {
  const { trace } = message
  // TRC-04: MUST default to reject.
  if (trace === undefined || allowedHosts.length === 0 || trace.length > maxUriLength || !URL.canParse(trace)) return undefined
  const url = new URL(trace)
  const sound = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === ''
  return sound && allowedHosts.includes(url.hostname) ? url.href : undefined
}

/** Makes the report on a message (TRC-02). */
export function traceReport({ id, type }: Pick<Plaintext, 'id' | 'type'>, handler: string): TraceReport {
  return { type: 'https://didcomm.org/trace/2.0/trace_report', pthid: id, handler, traced_type: type }
}
