import { expect, it } from 'vitest'
import {
  checkProblemCode,
  commentOf,
  hasDescriptor,
  isAtLeastAsBroad,
  isProblemCode,
  matchesCode,
  parseProblemCode,
  problemComments,
} from '../../../src/message/problem-codes.ts'
import { refused } from './refused.ts'

it('CODE-01, CODE-02, CODE-03: sorter, scope, descriptors in lower kebab-case', () => {
  for (const code of [
    'e.p.xfer.cant-use-endpoint',
    'w.m.trust',
    'e.get-pay-details.payment-failed',
    'e.p.req.max-errors-exceeded',
    'e.m.3d',
  ]) {
    expect(isProblemCode(code)).toBe(true)
    expect(checkProblemCode(code)).toBe(code)
  }
  for (const code of [
    '',
    'e',
    'e.p',
    'x.p.trust',
    'E.p.trust',
    'e.p.Trust',
    'e.p.a_b',
    'e..trust',
    'e.p.trust.',
    'e.p.-a',
    'e.p.a--b',
    `e.p.${'a'.repeat(300)}`,
  ]) {
    expect(isProblemCode(code)).toBe(false)
    expect(refused(() => checkProblemCode(code))).toBe('ERR_USAGE_ARGUMENT CODE-01')
  }
})

it('CODE-02: parts of a code', () => {
  expect(parseProblemCode('e.p.xfer.cant-use-endpoint')).toEqual({
    code: 'e.p.xfer.cant-use-endpoint',
    sorter: 'e',
    scope: 'p',
    descriptors: ['xfer', 'cant-use-endpoint'],
  })
  expect(parseProblemCode('w.get-pay-details.payment-failed').scope).toBe('get-pay-details')
})

it('CODE-05, G-31, G-32: what parts are missing is undefined, never an error', () => {
  expect(parseProblemCode('me.res.storage.message_too_big')).toMatchObject({ sorter: undefined, scope: undefined })
  expect(parseProblemCode('w.msg.bad-lang')).toMatchObject({ sorter: 'w', scope: undefined, descriptors: ['msg', 'bad-lang'] })
  expect(parseProblemCode('issuance-abandoned').descriptors).toEqual(['issuance-abandoned'])
  for (const code of ['', '.', '...', 'e', 'e.', 'e.p']) expect(parseProblemCode(code).code).toBe(code)
})

it('CODE-03: prefixes match token by token', () => {
  for (const prefix of ['e.p.xfer', 'e.p.xfer.', 'e.p', 'e', '', 'e.p.xfer.cant-use-endpoint']) {
    expect(matchesCode('e.p.xfer.cant-use-endpoint', prefix)).toBe(true)
  }
  expect(matchesCode('e.p.xferx', 'e.p.xfer')).toBe(false)
  expect(matchesCode('e.p', 'e.p.xfer')).toBe(false)
  expect(hasDescriptor('e.m.trust.crypto', 'trust')).toBe(true)
  expect(hasDescriptor('w.msg.bad-lang', 'msg')).toBe(true)
  expect(hasDescriptor('me.res.storage.message_too_big', 'me.res')).toBe(true)
  expect(hasDescriptor('e.p.trusty', 'trust')).toBe(false)
})

it('CODE-04, PRB-06: the defined descriptors and their comments', () => {
  expect(Object.keys(problemComments)).toEqual(
    'trust trust.crypto xfer did msg me me.res me.res.net me.res.memory me.res.storage me.res.compute me.res.money req req.time legal'.split(
      ' ',
    ),
  )
  expect(commentOf('e.p.trust.crypto.bad-tag')).toBe('Cryptographic operation failed.')
  expect(commentOf('e.p.trust.other')).toBe('Failed to achieve required trust.')
  expect(commentOf('e.p.req.time')).toBe('Failed to satisfy timing constraints.')
  expect(commentOf('e.p.me.res.storage.message-too-big')).toBe('A required resource is inadequate or unavailable.')
  expect(commentOf('e.p.something')).toBeUndefined()
  expect(commentOf('e.p.constructor')).toBeUndefined()
})

it('WRN-02: the message is narrower than a state, a state than the protocol', () => {
  const broad = (a: string, b: string) => isAtLeastAsBroad(parseProblemCode(a), parseProblemCode(b))
  expect(broad('e.p.x', 'w.m.x')).toBe(true)
  expect(broad('e.paying.x', 'w.m.x')).toBe(true)
  expect(broad('e.p.x', 'w.paying.x')).toBe(true)
  expect(broad('e.p.x', 'w.p.x')).toBe(true)
  expect(broad('e.m.x', 'w.p.x')).toBe(false)
  expect(broad('e.paying.x', 'w.p.x')).toBe(false)
  expect(broad('e.m.x', 'w.paying.x')).toBe(false)
})
