/**
 * Problem codes: sorter, scope and descriptors, the defined descriptors with their comments, and matching by prefix. Codes of peers
 * are read however they look, since one that the text defines breaks its grammar (G-31); codes of ours keep to the grammar.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#problem-codes | v2.1, Problem Codes}
 * @module
 */
import { DidcommError } from '../errors.ts'
import { quote } from './wording.ts'

/** The parts of a problem code. What a peer's code lacks is undefined (CODE-05). */
export type ProblemCode = {
  readonly code: string
  /** `e`: it defeats somebody's intentions. `w`: what it means, the reporter cannot tell. */
  readonly sorter: 'e' | 'w' | undefined
  /** `p`: the protocol is abandoned. `m`: the message has no effect. Otherwise the state that the reporter goes back to (CODE-02). */
  readonly scope: string | undefined
  readonly descriptors: readonly string[]
}

/** The defined descriptors, each with the comment that belongs to it (CODE-04). */
export const problemComments = {
  trust: 'Failed to achieve required trust.',
  'trust.crypto': 'Cryptographic operation failed.',
  xfer: 'Unable to transport data.',
  did: 'DID is unusable.',
  msg: 'Bad message.',
  me: 'Internal error.',
  'me.res': 'A required resource is inadequate or unavailable.',
  'me.res.net': 'A required resource is inadequate or unavailable.',
  'me.res.memory': 'A required resource is inadequate or unavailable.',
  'me.res.storage': 'A required resource is inadequate or unavailable.',
  'me.res.compute': 'A required resource is inadequate or unavailable.',
  'me.res.money': 'A required resource is inadequate or unavailable.',
  req: "Circumstances don't satisfy requirements.",
  'req.time': 'Failed to satisfy timing constraints.',
  legal: 'Failed for legal reasons.',
} as const

/** The code that ends a protocol in which too many errors came up (CSC-04). */
export const maxErrorsCode = 'e.p.req.max-errors-exceeded'

/** The longest problem code that is looked at, in characters. */
export const maxProblemCodeLength = 255

const comments: ReadonlyMap<string, string> = new Map(Object.entries(problemComments))
// CODE-01: lower kebab-case tokens, separated by dots; CODE-03: at least one descriptor.
const grammar = /^[ew](?:\.[a-z0-9]+(?:-[a-z0-9]+)*){2,}$/

/** Tells whether a text is a problem code as we may send it: sorter, scope, and at least one descriptor (CODE-01, CODE-03). */
export const isProblemCode = (code: string): boolean => code.length <= maxProblemCodeLength && grammar.test(code)

/**
 * Takes a problem code apart. It never fails: parts that are not there are undefined (CODE-05).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#problem-codes | v2.1, Problem Codes}
 * @example
 * ```ts
 * import { parseProblemCode } from 'sealpost/message'
 *
 * const { sorter, scope, descriptors } = parseProblemCode('e.p.xfer.cant-use-endpoint')
 * console.log(sorter, scope, descriptors[0]) // e p xfer
 * ```
 */
export function parseProblemCode(code: string): ProblemCode {
  const tokens = code.slice(0, maxProblemCodeLength).split('.')
  const [first, second] = tokens
  if (first !== 'e' && first !== 'w') return { code, sorter: undefined, scope: undefined, descriptors: tokens }
  // `w.msg.bad-lang` of the text itself has no scope (G-32): a token that begins a defined descriptor is one, not a state.
  if (second === undefined || comments.has(second)) return { code, sorter: first, scope: undefined, descriptors: tokens.slice(1) }
  return { code, sorter: first, scope: second, descriptors: tokens.slice(2) }
}

/** Tells whether a code begins with a prefix, token by token: `e.p.xfer` is no prefix of `e.p.xferx` (CODE-03). A dot at its end may stand. */
export function matchesCode(code: string, prefix: string): boolean {
  const start = prefix.endsWith('.') ? prefix.slice(0, -1) : prefix
  return start === '' || code === start || code.startsWith(`${start}.`)
}

/** Tells whether a code is about something, whatever its sorter and scope: `trust` finds `e.m.trust.crypto` (CODE-03). */
export const hasDescriptor = (code: string, descriptor: string): boolean =>
  matchesCode(parseProblemCode(code).descriptors.join('.'), descriptor)

/** The comment that belongs to a code: that of the most specific defined descriptor in it (CODE-04, PRB-06). */
export function commentOf(code: string): string | undefined {
  const { descriptors } = parseProblemCode(code)
  for (let length = Math.min(descriptors.length, 3); length > 0; length--) {
    const comment = comments.get(descriptors.slice(0, length).join('.'))
    if (comment !== undefined) return comment
  }
  return undefined
}

/** Tells whether the scope of `a` takes in that of `b`: the message < a state < the protocol (WRN-02). No scope counts as the message. */
export const isAtLeastAsBroad = (a: ProblemCode, b: ProblemCode): boolean => breadth(a) >= breadth(b)

/**
 * Holds a code of ours to the grammar.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT`
 */
export function checkProblemCode(code: string): string {
  if (isProblemCode(code)) return code
  throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a problem code such as e.p.xfer.cant-use-endpoint, found ${quote(code)}`, {
    rule: 'CODE-01',
  })
}

function breadth({ scope }: ProblemCode): number {
  if (scope === 'p') return 2
  return scope === undefined || scope === 'm' ? 0 : 1
}
