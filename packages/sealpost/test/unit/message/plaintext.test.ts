import { expect, expectTypeOf, it } from 'vitest'
import { checkPlaintext } from '../../../src/message/check.ts'
import type { Plaintext } from '../../../src/message/plaintext.ts'

it('PLN-03, HDR-22: headers stand beside `body`, and unknown ones come through unchanged', () => {
  const text = '{"id":"a","type":"https://e.com/a/1.0/b","new_header":{"deep":[1,2]},"body":{"new_header":"other"}}'
  const message = checkPlaintext(JSON.parse(text))
  expect(JSON.stringify(message)).toBe(text)
  expectTypeOf(message.new_header).toEqualTypeOf<unknown>()
  expectTypeOf<Plaintext['to']>().toEqualTypeOf<readonly string[] | undefined>()
})
