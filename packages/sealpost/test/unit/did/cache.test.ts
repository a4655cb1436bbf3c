/**
 * The bounded map.
 *
 * @module
 */
import { expect, it } from 'vitest'
import { lruMap } from '../../../src/did/cache.ts'

it('SEC-27: what was not used longest goes first', () => {
  const map = lruMap<string, string>(2, 100, (value) => value.length)
  map.set('a', '1')
  map.set('b', '2')
  expect(map.get('a')).toBe('1')
  map.set('c', '3')
  expect([map.get('a'), map.get('b'), map.get('c'), map.count]).toEqual(['1', undefined, '3', 2])
})

it('SEC-27: entries together do not weigh more than they may', () => {
  const map = lruMap<string, string>(100, 10, (value) => value.length)
  map.set('a', '12345')
  map.set('b', '12345')
  map.set('b', '123456')
  expect([map.get('a'), map.get('b')]).toEqual([undefined, '123456'])
  map.set('c', '12345678901')
  expect(map.count).toBe(0)
  map.set('d', '1234567890')
  expect(map.get('d')).toBe('1234567890')
  map.delete('d')
  expect(map.count).toBe(0)
})
