import { expect, it } from 'vitest'
import { kindOf, quote } from '../../../src/message/wording.ts'

it('SEC-46: values are named by their kind, texts are quoted in short and on one line', () => {
  expect([null, undefined, [], {}, 1, true].map(kindOf)).toEqual(['null', 'nothing', 'an array', 'an object', 'a number', 'a boolean'])
  expect(quote('a\nb"')).toBe('"a\\nb\\""')
  expect(quote('x'.repeat(100))).toHaveLength(82)
  expect(quote({ secret: 1 })).toBe('an object')
})
