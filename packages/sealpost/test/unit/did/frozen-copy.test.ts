/**
 * The frozen copy.
 *
 * @module
 */
import { expect, it } from 'vitest'
import { frozenCopy } from '../../../src/did/frozen-copy.ts'

it('K16: the copy is deep and frozen, and the original stays as it is', () => {
  const original = { id: 'did:example:a', list: [{ a: 1, b: null, c: true }], nothing: undefined, run: () => 1 }
  const { value, bytes } = frozenCopy<object>(original, 1000)
  expect(value).toEqual({ id: 'did:example:a', list: [{ a: 1, b: null, c: true }] })
  expect(
    Object.isFrozen(value) && Object.isFrozen((value as typeof original).list) && Object.isFrozen((value as typeof original).list[0]),
  ).toBe(true)
  expect(Object.isFrozen(original)).toBe(false)
  expect(bytes).toBeGreaterThan(20)
})

it('JOSE-05, PLN-02: size and depth are bounded, circles too, and no prototype is set', () => {
  const limit = expect.objectContaining({ code: 'ERR_MALFORMED_LIMIT' })
  expect(() => frozenCopy({ text: 'x'.repeat(1000) }, 1000)).toThrowError(limit)
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  expect(() => frozenCopy(circle, 1_000_000)).toThrowError(limit)
  const { value } = frozenCopy(JSON.parse('{"__proto__":{"polluted":true},"a":1}') as Record<string, unknown>, 1000)
  expect(value['polluted']).toBeUndefined()
})
