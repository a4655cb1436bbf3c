/**
 * The counter that keeps problems from causing problems without end: one for each instance of a protocol, as plain data.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#cascading-problems | v2.1, Cascading Problems}
 * @module
 */
import { maxErrorsCode, parseProblemCode } from './problem-codes.ts'

/** The errors of a protocol instance so far. `stopped`: nothing with its `thid` is answered any more (CSC-06). */
export type Cascade = { readonly errors: number; readonly maxErrors: number; readonly stopped: boolean }

/** What follows from an error: the counter from now on, and the code to report, if one is to be reported. */
export type CascadeStep = { readonly cascade: Cascade; readonly report: string | undefined }

/**
 * Begins to count, with an instance of a protocol (CSC-01, CSC-03).
 *
 * @param maxErrors - the errors, received and emitted, that are borne; one more ends the protocol
 */
export const beginCascade = (maxErrors: number): Cascade => ({ errors: 0, maxErrors, stopped: false })

/**
 * Counts a problem report that came in. Where the limit is crossed, the protocol ends with a report that says so (CSC-04). Warnings are
 * not counted, and a peer that has itself stopped is not answered.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#cascading-problems | v2.1, Cascading Problems}
 */
export function problemReceived(cascade: Cascade, code: string): CascadeStep {
  if (cascade.stopped) return { cascade, report: undefined }
  if (code === maxErrorsCode) return { cascade: { ...cascade, stopped: true }, report: undefined }
  if (parseProblemCode(code).sorter === 'w') return { cascade, report: undefined }
  const next = count(cascade)
  return { cascade: next, report: next.stopped ? maxErrorsCode : undefined }
}

/**
 * Counts a problem that we are about to report, and tells what to report. Where the limit is crossed that is never the problem itself
 * (CSC-05).
 */
export function problemToReport(cascade: Cascade, code: string): CascadeStep {
  if (cascade.stopped) return { cascade, report: undefined }
  if (parseProblemCode(code).sorter === 'w') return { cascade, report: code }
  const next = count(cascade)
  return { cascade: next, report: next.stopped ? maxErrorsCode : code }
}

function count(cascade: Cascade): Cascade {
  const errors = cascade.errors + 1
  return { ...cascade, errors, stopped: errors > cascade.maxErrors }
}
