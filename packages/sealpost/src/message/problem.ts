/**
 * Problem reports: made by the text, read as peers write them. Comments, arguments and addresses in them are a stranger's text:
 * nothing in them is interpreted twice, and nothing is called.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#problem-reports | v2.1, Problem Reports}
 * @module
 */
import { isObject } from '../bytes/json.ts'
import { DidcommError } from '../errors.ts'
import { idKey, isMessageId, sameId } from './identifier.ts'
import type { Plaintext } from './plaintext.ts'
import { checkProblemCode, commentOf, isAtLeastAsBroad, maxProblemCodeLength, type ProblemCode, parseProblemCode } from './problem-codes.ts'
import { inertText } from './text.ts'
import { threadOf } from './thread.ts'
import { kindOf } from './wording.ts'

/** The type of problem reports. */
export const problemReportType = 'https://didcomm.org/report-problem/2.0/problem-report'

/** A problem report as it was understood. Texts are as they came: `explain` and `inertText` make them fit to show. */
export type Problem = ProblemCode & {
  readonly comment: string | undefined
  readonly args: readonly unknown[]
  /** Where help is to be had: http(s), mailto, tel or a DID; anything else is left out (M18). */
  readonly escalateTo: string | undefined
  /** The thread with the problem. */
  readonly thread: string | undefined
}

/** What goes into a problem report. */
export type ProblemReport = {
  /** A fresh id. */
  readonly id: string
  /** The thread with the problem: the report begins a child of it (PRB-03). Without a known thread there is nothing to report (D-10, G-34). */
  readonly thread: string
  /** Such as `e.p.xfer.cant-use-endpoint` (PRB-05). */
  readonly code: string
  /** The text that belongs to the code, always the same one (PRB-06). By default that of its defined descriptor. */
  readonly comment?: string
  /** What `{1}`, `{2}` … in the comment stand for (PRB-07). Leave out what strangers must not learn (SEC-08). */
  readonly args?: readonly (string | number | boolean | null)[]
  /** The URI of help (PRB-08). */
  readonly escalateTo?: string
  /** The ids of the messages that caused it, oldest first (PRB-04). */
  readonly ack?: readonly string[]
  readonly from?: string
  readonly to?: readonly string[]
  /** Other headers, such as `accept-lang`, `web_redirect` or `created_time`. */
  readonly headers?: { readonly [header: string]: unknown }
}

const maxArgs = 64
const maxArgLength = 1024
const maxTextLength = 8192
const helpSchemes = /^(?:https?|mailto|tel|did):/i

/**
 * Makes a problem report. To send one is a good practice, never a duty (PRB-09).
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where the code breaks the grammar or the thread is no id.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#problem-reports | v2.1, Problem Reports}
 * @example
 * ```ts
 * import { problemReport } from 'sealpost/message'
 *
 * const report = problemReport({
 *   id: '7c9de639-c51c-4d60-ab95-103fa613c805',
 *   thread: '1e513ad4-48c9-444e-9e7e-5b8b45c5e325',
 *   code: 'e.p.xfer.cant-use-endpoint',
 *   comment: 'Unable to use the {1} endpoint.',
 *   args: ['https://agents.r.us/inbox'],
 * })
 * ```
 */
export function problemReport(report: ProblemReport): Plaintext {
  if (!isMessageId(report.thread)) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected the thread that has the problem, found none: do not report it then', {
      rule: 'PRB-03',
    })
  }
  const code = checkProblemCode(report.code)
  const comment = report.comment ?? commentOf(code)
  return {
    ...report.headers,
    id: report.id,
    type: problemReportType,
    ...(report.from === undefined ? {} : { from: report.from }),
    ...(report.to === undefined ? {} : { to: report.to }),
    pthid: report.thread,
    ...(report.ack === undefined ? {} : { ack: report.ack }),
    body: {
      code,
      ...(comment === undefined ? {} : { comment }),
      ...(report.args === undefined ? {} : { args: report.args }),
      ...(report.escalateTo === undefined ? {} : { escalate_to: report.escalateTo }),
    },
  }
}

/** Tells whether a message is a problem report: of the type of the text, or of a protocol's own, as many peers send. */
export function isProblemReport({ type }: Pick<Plaintext, 'type'>): boolean {
  return type === problemReportType || /[/]problem[-_]?report$/i.test(type.slice(-16))
}

/**
 * Understands a problem report. Peers write `thid` for `pthid`, `explain` or `description` for `comment`, and codes of all kinds.
 *
 * @throws {DidcommError} `ERR_MALFORMED_PROBLEM` where there is no code.
 */
export function parseProblemReport(message: Plaintext): Problem {
  const body = message.body ?? {}
  const description = isObject(body.description) ? body.description : {}
  const code = body.code ?? description.code
  if (typeof code !== 'string' || code === '' || code.length > maxProblemCodeLength) {
    throw new DidcommError('ERR_MALFORMED_PROBLEM', `expected \`code\` of a problem report to be a short string, found ${kindOf(code)}`, {
      rule: 'PRB-05',
    })
  }
  const comment = body.comment ?? body.explain ?? body.description ?? undefined
  const help = body.escalate_to
  return {
    ...parseProblemCode(code),
    comment: typeof comment === 'string' ? comment : typeof description.en === 'string' ? description.en : undefined,
    args: Array.isArray(body.args) ? body.args.slice(0, maxArgs) : [],
    escalateTo: typeof help === 'string' && help.length <= maxTextLength && helpSchemes.test(help) ? help : undefined,
    thread: message.pthid ?? message.thid,
  }
}

/**
 * The comment with its arguments in it: `?` for one that is missing or null, and those that have no place in it at the end, separated
 * by commas (PRB-07). What an argument contains is not interpolated again, and the result is inert text (PRB-10).
 *
 * @example
 * ```ts
 * import { explain } from 'sealpost/message'
 *
 * explain({ comment: 'Unable to use the {1} endpoint for {2}.', args: ['https://agents.r.us/inbox'] })
 * // 'Unable to use the https://agents.r.us/inbox endpoint for ?.'
 * ```
 */
export function explain({
  comment = '',
  args = [],
}: {
  readonly comment?: string | undefined
  readonly args?: readonly unknown[]
}): string {
  const values = args.slice(0, maxArgs)
  const placed = new Set<number>()
  const text = comment.slice(0, maxTextLength).replace(/\{([1-9]\d{0,3})\}/g, (_, digits: string) => {
    const index = Number(digits) - 1
    placed.add(index)
    return sayArg(values[index])
  })
  const extra = values.filter((_, i) => !placed.has(i)).map(sayArg)
  return inertText([text, extra.join(', ')].filter((part) => part !== '').join(' '), 2 * maxTextLength)
}

/**
 * Answers a warning that is an error to us (WRN-01): in its thread, with a new id, and with a scope that takes in that of the warning
 * (WRN-02, WRN-03).
 *
 * @param reply - `code`, where more is known than the warner knew; by default the warning's own, as an error
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where it is no warning, the code is no error or narrows the scope, or the id is not new.
 */
export function escalateWarning(
  warning: Plaintext,
  reply: Omit<ProblemReport, 'thread' | 'code' | 'ack'> & { readonly code?: string },
): Plaintext {
  const problem = parseProblemReport(warning)
  const refuse = (rule: string, message: string): DidcommError => new DidcommError('ERR_USAGE_ARGUMENT', message, { rule })
  if (problem.sorter !== 'w') throw refuse('WRN-01', 'expected a warning to answer, found another problem report')
  if (sameId(reply.id, warning.id)) throw refuse('WRN-03', 'expected a new id for the answer, found that of the warning')
  const code = reply.code ?? `e${problem.code.slice(1)}`
  const answer = parseProblemCode(code)
  if (answer.sorter !== 'e') throw refuse('WRN-01', 'expected the code of an error, found that of a warning')
  if (!isAtLeastAsBroad(answer, problem))
    throw refuse('WRN-02', 'expected a scope at least as broad as that of the warning, found a narrower one')
  // PRB-06: the comment belongs to the code, so that it goes along only where the code does.
  const same = reply.code === undefined
  const report = problemReport({
    ...reply,
    code,
    thread: problem.thread ?? threadOf(warning),
    ack: [warning.id],
    ...(same && reply.comment === undefined && problem.comment !== undefined ? { comment: problem.comment } : {}),
    ...(same && reply.args === undefined && problem.args.length > 0 ? { args: problem.args.map(sayArg) } : {}),
  })
  return { ...report, thid: threadOf(warning) }
}

/**
 * Tells whether a problem with a message may be reported to its sender: never with a problem report, or two agents would report to
 * each other for ever (M17). A warning is answered by `escalateWarning` alone. Forwards, whose sender is unknown, are left to policy.
 *
 * @param reportedIds - keys (`idKey`) of the messages about which a report went out already: each is reported once (M11)
 */
export const mayReport = (message: Plaintext, reportedIds: ReadonlySet<string> = new Set()): boolean =>
  !isProblemReport(message) && !reportedIds.has(idKey(message.id))

function sayArg(value: unknown): string {
  if (value === null || value === undefined) return '?'
  if (typeof value === 'string') return value.slice(0, maxArgLength)
  return typeof value === 'object' ? sayObject(value) : String(value)
}

function sayObject(value: object): string {
  try {
    return JSON.stringify(value).slice(0, maxArgLength)
  } catch {
    return '?'
  }
}
