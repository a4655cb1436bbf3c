import { expect, it } from 'vitest'
import { isBeyondReason, isExpired, isFromFuture } from '../../../src/message/time.ts'

it('HDR-18, TMO-01, M07: a message expires with the second it names, or never', () => {
  expect(isExpired({ expires_time: 100 }, 99)).toBe(false)
  expect(isExpired({ expires_time: 100 }, 100)).toBe(true)
  expect(isExpired({}, Number.MAX_SAFE_INTEGER)).toBe(false)
  expect(isExpired({ expires_time: Number.MAX_SAFE_INTEGER }, 2_000_000_000)).toBe(false)
})

it('HDR-18, M08: clocks may differ', () => {
  expect(isExpired({ expires_time: 100 }, 159, 60)).toBe(false)
  expect(isExpired({ expires_time: 100 }, 160, 60)).toBe(true)
  expect(isFromFuture({ created_time: 700 }, 100)).toBe(false)
  expect(isFromFuture({ created_time: 701 }, 100)).toBe(true)
  expect(isFromFuture({}, 0)).toBe(false)
})

it('HDR-16, HDR-17: seconds beyond the year 5000 are milliseconds of today', () => {
  expect(isBeyondReason(100_000_000_000)).toBe(false)
  expect(isBeyondReason(100_000_000_001)).toBe(true)
  for (const value of [undefined, null, '1700000000000', {}]) expect(isBeyondReason(value)).toBe(false)
})
