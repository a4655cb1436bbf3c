import { expect, it } from 'vitest'
import { idKey, isAddress, isMessageId, sameId } from '../../../src/message/identifier.ts'

it('THR-02, D-03: ids are 1 to 64 unreserved characters, a UUID among them', () => {
  expect(isMessageId('b2b1d7b0-2f0b-4f0e-a8d6-3c5a2a0d5a11')).toBe(true)
  expect(isMessageId('x'.repeat(64))).toBe(true)
  expect(['', 'x'.repeat(65), 'a b', 'a%20', 'é', 1, undefined].some((value) => isMessageId(value))).toBe(false)
  expect(isMessageId('x'.repeat(33), 32)).toBe(false)
})

it('THR-03, THR-04: case of ids does not count', () => {
  expect(sameId('ABC', 'abc')).toBe(true)
  expect(sameId('abc', 'abd')).toBe(false)
  expect(sameId('abc', 'abcd')).toBe(false)
  expect(idKey('ABC')).toBe(idKey('abc'))
})

it('HDR-05, HDR-10, J17: addresses are DIDs or DID URLs without fragment, as they are spelt', () => {
  expect(isAddress('did:example:alice?service=x/y')).toBe(true)
  expect(isAddress('did:example:a:b::c')).toBe(true)
  for (const value of [
    'did:example:alice#',
    'did:example:a:',
    'did::a',
    'did:example:é',
    'DID:example:a',
    ' did:example:a',
    'did:example:a\n',
    'did:example:a%4',
  ]) {
    expect(isAddress(value)).toBe(false)
  }
})

it('HDR-05: hostile lengths cost little', () => {
  const start = performance.now()
  for (const tail of [':', '%', '#', '/ ', '?\u0000']) expect(isAddress(`did:example:${'a:'.repeat(4000)}${tail}`)).toBe(false)
  expect(performance.now() - start).toBeLessThan(200)
})
