import { expect, it } from 'vitest'
import { boundedMap } from '../../src/bounded-map.ts'

it('REL-08, SEC-07: at least the last entries stay, and never more than twice as many', () => {
  const map = boundedMap<number, number>(100)
  for (let i = 0; i < 1_000; i++) map.set(i, i)
  for (let i = 900; i < 1_000; i++) expect(map.get(i)).toBe(i)
  let kept = 0
  for (let i = 0; i < 1_000; i++) if (map.get(i) !== undefined) kept++
  expect([kept >= 100, kept <= 200]).toEqual([true, true])
})

it('SEC-07: what is asked for stays while others go; what is deleted is gone from both generations', () => {
  const map = boundedMap<string, number>(10)
  map.set('kept', 1)
  for (let i = 0; i < 200; i++) {
    map.set(`other ${i}`, i)
    expect(map.get('kept')).toBe(1)
  }
  map.delete('kept')
  expect(map.get('kept')).toBeUndefined()
  map.set('again', 1)
  for (let i = 0; i < 10; i++) map.set(`more ${i}`, i)
  map.delete('again')
  expect(map.get('again')).toBeUndefined()
})
