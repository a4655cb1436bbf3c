import { expect, it } from 'vitest'
import examples from '../../../../../vectors/didcomm-v2.1/examples.json' with { type: 'json' }
import {
  nothingSeen,
  ordersToResend,
  receivedOrdersHeader,
  resent,
  type SeenOrders,
  sawOrder,
  sequencingOf,
} from '../../../src/message/sequencing.ts'
import { refused } from './refused.ts'

const base = { id: 'a', type: 'https://example.com/auction/1.0/bid' }
const see = (orders: readonly number[]): SeenOrders => orders.reduce<SeenOrders>((seen, order) => sawOrder(seen, order).seen, nothingSeen)

it('SEQ-05: the example of the text', () => {
  const text = examples.examples.find(({ section }) => section === 'extension: advanced_sequencing')?.json
  const header = receivedOrdersHeader([
    ['did:ex:bob', see([1, 2])],
    ['did:ex:alice', see([1, 4])],
  ])
  expect(header).toEqual(text)
  expect(sequencingOf({ ...base, ...header }).receivedOrders).toEqual(header.received_orders)
})

it('PRB-02, SEQ-02, SEQ-06, M19: gaps are seen, and filled', () => {
  expect(sawOrder(nothingSeen, 1)).toEqual({ seen: { last: 1, gaps: [] }, as: 'next' })
  expect(sawOrder(see([1, 2]), 4)).toEqual({ seen: { last: 4, gaps: [3] }, as: 'ahead' })
  expect(sawOrder(see([1, 2, 4]), 3)).toEqual({ seen: { last: 4, gaps: [] }, as: 'filled' })
})

it('SEQ-04: a further copy is a duplicate', () => {
  expect(sawOrder(see([1, 2, 4]), 2)).toEqual({ seen: see([1, 2, 4]), as: 'duplicate' })
  expect(sawOrder(see([1, 3, 2]), 2).as).toBe('duplicate')
})

it('SEQ-03: a message that is sent again is the same, and counts', () => {
  const again = resent({ ...base, sender_order: 3, body: { bid: 1 } })
  expect(again).toEqual({ ...base, sender_order: 3, sent_count: 2, body: { bid: 1 } })
  expect(resent(again).sent_count).toBe(3)
  expect(sequencingOf(base)).toEqual({ senderOrder: undefined, sentCount: 1, receivedOrders: [] })
})

it('SEQ-02, SEQ-03, M19: numbers are natural', () => {
  for (const value of [0, -1, 1.5, 2 ** 53, '1', null]) {
    expect(refused(() => sequencingOf({ ...base, sender_order: value }))).toBe('ERR_MALFORMED_MESSAGE SEQ-02')
    expect(refused(() => sequencingOf({ ...base, sent_count: value }))).toBe('ERR_MALFORMED_MESSAGE SEQ-03')
  }
  expect(refused(() => sawOrder(nothingSeen, 0))).toBe('ERR_MALFORMED_MESSAGE SEQ-02')
})

it('SEQ-05, SEQ-01: `received_orders` has one form', () => {
  const received = (value: unknown) => refused(() => sequencingOf({ ...base, received_orders: value }))
  const id = 'did:ex:bob'
  for (const value of [
    {},
    'x',
    null,
    [1],
    [{}],
    [{ id, last: 2 }],
    [{ id, last: 2, gaps: [2] }],
    [{ id, last: 5, gaps: [3, 2] }],
    [{ id: 'bob', last: 2, gaps: [] }],
    [{ id, last: -1, gaps: [] }],
  ]) {
    expect(received(value)).toBe('ERR_MALFORMED_MESSAGE SEQ-05')
  }
})

it('M20: nobody makes us remember or send without end', () => {
  expect(refused(() => sawOrder(nothingSeen, 10 ** 9))).toBe('ERR_MALFORMED_LIMIT SEQ-05')
  expect(refused(() => ordersToResend({ last: 0, gaps: [] }, 10 ** 9))).toBe('ERR_MALFORMED_LIMIT SEQ-05')
  const gaps = Array.from({ length: 1001 }, (_, i) => i + 1)
  expect(refused(() => sequencingOf({ ...base, received_orders: [{ id: 'did:ex:bob', last: 2000, gaps }] }))).toBe(
    'ERR_MALFORMED_LIMIT SEQ-05',
  )
  expect(refused(() => sequencingOf({ ...base, received_orders: Array(1001).fill({ id: 'did:ex:bob', last: 0, gaps: [] }) }))).toBe(
    'ERR_MALFORMED_LIMIT SEQ-05',
  )
})

it('SEQ-05, SEQ-06: what a receiver lacks is sent again, and what was never sent is not', () => {
  expect(ordersToResend({ last: 4, gaps: [2, 3] }, 6)).toEqual([2, 3, 5, 6])
  expect(ordersToResend({ last: 10 ** 9, gaps: [2, 10 ** 6] }, 5)).toEqual([2])
})
