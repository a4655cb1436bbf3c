import { expect, it } from 'vitest'
import { checkForward, forwardDelay, forwardType, isForward } from '../../../src/message/forward.ts'
import { refused } from './refused.ts'

const base = { id: 'abc123xyz456', type: forwardType, body: { next: 'did:foo:1234abcd' }, attachments: [{ data: { json: {} } }] }
const refusal = (headers: object) => refused(() => checkForward({ ...base, ...headers }))

it('FWD-01, FWD-02, FWD-03, FWD-04, FWD-05: what goes where, until when', () => {
  const attachments = [{ id: '1', data: { json: {} } }, { data: { base64: 'e30' } }, { data: { links: ['https://e.com'], hash: 'Qm' } }]
  const forward = checkForward({ ...base, attachments, expires_time: 1516385931, please_ack: [''] })
  expect(forward).toEqual({ next: 'did:foo:1234abcd', payloads: attachments, expiresTime: 1516385931, delayMilliseconds: 0 })
  expect(forward.payloads[0]).toBe(attachments[0])
  expect(isForward({ type: 'https://didcomm.org/routing/2.1/forward' })).toBe(true)
  expect(isForward({ type: 'https://didcomm.org/routing/1.0/forward' })).toBe(false)
  expect(refusal({ type: 'https://didcomm.org/empty/1.0/empty' })).toBe('ERR_MALFORMED_MESSAGE FWD-01')
})

it('HDR-08: `to` does not say where it goes', () => {
  expect(checkForward({ ...base, to: ['did:example:mediator'] }).next).toBe('did:foo:1234abcd')
})

it('FWD-02, G-51: `next` is a DID or a key', () => {
  for (const next of ['did:example:bob', 'did:example:bob#key-1', 'did:key:z6LS', '8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K']) {
    expect(checkForward({ ...base, body: { next } }).next).toBe(next)
  }
  for (const next of [undefined, null, '', 1, ['did:example:bob'], 'did:example:b ob', 'did:example:b\n', 'x'.repeat(8193)]) {
    expect(refusal({ body: { next } })).toBe('ERR_MALFORMED_MESSAGE FWD-02')
  }
  expect(refused(() => checkForward({ id: 'a', type: forwardType, attachments: base.attachments }))).toBe('ERR_MALFORMED_MESSAGE FWD-02')
})

it('FWD-03: a forward without attachments is refused', () => {
  const { attachments: _, ...none } = base
  expect(refused(() => checkForward(none))).toBe('ERR_MALFORMED_MESSAGE FWD-03')
  expect(refusal({ attachments: [] })).toBe('ERR_MALFORMED_MESSAGE FWD-03')
})

it('FWD-06, FWD-07, D18: delays are whole milliseconds, capped, and random where negative', () => {
  expect(checkForward({ ...base, delay_milli: -500 }).delayMilliseconds).toBe(-500)
  for (const delay of [Number.NaN, 1.5, '5', null, Number.POSITIVE_INFINITY, {}])
    expect(refusal({ delay_milli: delay })).toBe('ERR_MALFORMED_MESSAGE FWD-06')
  expect(forwardDelay(1500, 0.9)).toBe(1500)
  expect(forwardDelay(10 * 365 * 86_400_000, 0)).toBe(86_400_000)
  expect(forwardDelay(-1000, 0)).toBe(0)
  expect(forwardDelay(-1000, 0.5)).toBe(500)
  expect(forwardDelay(-1000, 0.999999)).toBe(1000)
  expect(forwardDelay(-(10 ** 15), 0.999999999999, 100)).toBe(100)
})
