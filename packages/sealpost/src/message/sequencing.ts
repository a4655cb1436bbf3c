/**
 * Advanced sequencing (PRB-02): the order in which a sender made its messages, the gaps that a receiver sees, and what to send again. What to
 * do about gaps is for protocols to say (SEQ-01, SEQ-06).
 *
 * @see {@link https://github.com/decentralized-identity/didcomm-messaging/blob/main/extensions/advanced_sequencing/main.md | Extension Advanced Sequencing}
 * @module
 */
import { isObject } from '../bytes/json.ts'
import { DidcommError } from '../errors.ts'
import { isAddress } from './identifier.ts'
import type { Plaintext } from './plaintext.ts'
import { kindOf } from './wording.ts'

/** What a receiver has seen of one sender in one thread: the biggest number, and those below it that are missing, ascending. */
export type SeenOrders = { readonly last: number; readonly gaps: readonly number[] }

/** One item of `received_orders` (SEQ-05). */
export type ReceivedOrders = SeenOrders & { readonly id: string }

/** The headers of advanced sequencing. */
export type Sequencing = {
  readonly senderOrder: number | undefined
  /** 1 where the header is not there (SEQ-03). */
  readonly sentCount: number
  readonly receivedOrders: readonly ReceivedOrders[]
}

/** The most gaps, parties and repetitions that are borne at once (M20). */
export const maxGaps = 1_000

/** Nothing was seen yet. */
export const nothingSeen: SeenOrders = { last: 0, gaps: [] }

/**
 * Reads the headers of advanced sequencing; only protocols that use them call this (SEQ-01).
 *
 * @throws {DidcommError} `ERR_MALFORMED_MESSAGE` where a number is not natural or a list has another form; `ERR_MALFORMED_LIMIT` beyond 1,000 gaps or parties.
 */
export function sequencingOf(message: Plaintext): Sequencing {
  const { sender_order: order, sent_count: count, received_orders: received } = message
  if (order !== undefined && !isNatural(order))
    throw malformed('SEQ-02', `expected \`sender_order\` to be a number from 1, found ${say(order)}`)
  if (count !== undefined && !isNatural(count))
    throw malformed('SEQ-03', `expected \`sent_count\` to be a number from 1, found ${say(count)}`)
  return { senderOrder: order, sentCount: count ?? 1, receivedOrders: received === undefined ? [] : checkReceived(received) }
}

/**
 * Takes note of a message. `next` came in order, `ahead` left a gap, `filled` filled one, `duplicate` was seen before and must be
 * ignored (SEQ-04).
 *
 * @throws {DidcommError} `ERR_MALFORMED_LIMIT` where it would leave more than 1,000 gaps: no memory is spent on a number alone.
 */
export function sawOrder(
  seen: SeenOrders,
  order: number,
): { readonly seen: SeenOrders; readonly as: 'next' | 'ahead' | 'filled' | 'duplicate' } {
  if (!isNatural(order)) throw malformed('SEQ-02', `expected \`sender_order\` to be a number from 1, found ${say(order)}`)
  if (order <= seen.last) {
    if (!seen.gaps.includes(order)) return { seen, as: 'duplicate' }
    return { seen: { last: seen.last, gaps: seen.gaps.filter((gap) => gap !== order) }, as: 'filled' }
  }
  const skipped = order - seen.last - 1
  if (skipped === 0) return { seen: { last: order, gaps: seen.gaps }, as: 'next' }
  if (seen.gaps.length + skipped > maxGaps) throw tooMany(`gaps in the order of a sender, found a jump from ${seen.last} to ${order}`)
  return { seen: { last: order, gaps: [...seen.gaps, ...Array.from({ length: skipped }, (_, i) => seen.last + 1 + i)] }, as: 'ahead' }
}

/** The `received_orders` header for what was seen of each party, by its DID (SEQ-05). */
export function receivedOrdersHeader(parties: Iterable<readonly [did: string, seen: SeenOrders]>): {
  readonly received_orders: readonly ReceivedOrders[]
} {
  return { received_orders: [...parties].map(([id, { last, gaps }]) => ({ id, last, gaps })) }
}

/**
 * The numbers of our messages that a receiver lacks: its gaps, and what we sent after the last it saw. Numbers that we never sent are
 * left out.
 *
 * @param sent - the biggest `sender_order` that we have used in the thread
 * @throws {DidcommError} `ERR_MALFORMED_LIMIT` where more than 1,000 are missing (M20).
 */
export function ordersToResend({ last, gaps }: SeenOrders, sent: number): readonly number[] {
  const missing = gaps.filter((gap) => gap <= sent)
  const after = Math.max(0, sent - last)
  if (missing.length + after > maxGaps) throw tooMany(`messages to send again, found ${missing.length + after}`)
  return [...missing, ...Array.from({ length: after }, (_, i) => last + 1 + i)]
}

/** The same message to be sent once more: same id, order and body, and the count one higher (SEQ-03). */
export function resent(message: Plaintext): Plaintext {
  const { sent_count: count } = message
  return { ...message, sent_count: (isNatural(count) ? count : 1) + 1 }
}

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1

const say = (value: unknown): string => (typeof value === 'number' ? String(value) : kindOf(value))

const malformed = (rule: string, message: string): DidcommError => new DidcommError('ERR_MALFORMED_MESSAGE', message, { rule })

const tooMany = (what: string): DidcommError =>
  new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${maxGaps} ${what}`, { rule: 'SEQ-05' })

function checkReceived(value: unknown): readonly ReceivedOrders[] {
  if (!Array.isArray(value)) throw malformed('SEQ-05', `expected \`received_orders\` to be an array, found ${kindOf(value)}`)
  if (value.length > maxGaps) throw tooMany(`parties in \`received_orders\`, found ${value.length}`)
  let gaps = 0
  for (const item of value) {
    if (!isReceived(item))
      throw malformed('SEQ-05', 'expected `received_orders` to hold {id, last, gaps} with a DID and ascending numbers, found another item')
    gaps += item.gaps.length
  }
  if (gaps > maxGaps) throw tooMany(`gaps in \`received_orders\`, found ${gaps}`)
  return value
}

function isReceived(value: unknown): value is ReceivedOrders {
  if (!isObject(value) || !isAddress(value.id) || !Array.isArray(value.gaps)) return false
  const { last, gaps } = value
  if (last !== 0 && !isNatural(last)) return false
  return gaps.every((gap: unknown, i) => isNatural(gap) && gap < last && (i === 0 || gap > Number(gaps[i - 1])))
}
