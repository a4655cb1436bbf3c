import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SortedKeys, sortedKeys } from '../../../src/store/sorted-keys.ts'

function ascending(keys: SortedKeys, from = '', most = Number.POSITIVE_INFINITY): string[] {
  const found: string[] = []
  keys.ascend(from, (key) => found.push(key) < most)
  return found
}

function descending(keys: SortedKeys, end?: string): string[] {
  const found: string[] = []
  keys.descend(end, (key) => found.push(key) > 0)
  return found
}

const keyOf = (number: number): string => String(number).padStart(6, '0')

describe('sortedKeys', () => {
  it('are in order whatever was added and taken away, as a sorted array is', () => {
    const step = fc.record({ isAdded: fc.boolean(), first: fc.nat(3000), count: fc.nat(700), stride: fc.integer({ min: 1, max: 5 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.nat(4000), (steps, bound) => {
        const keys = sortedKeys()
        const model = new Set<string>()
        for (const { isAdded, first, count, stride } of steps) {
          for (let index = 0; index < count; index += 1) {
            const key = keyOf(first + index * stride)
            if (isAdded && !model.has(key)) {
              keys.add(key)
              model.add(key)
            }
            if (!isAdded && model.delete(key)) keys.remove(key)
          }
        }
        const sorted = [...model].sort()
        const from = keyOf(bound)
        expect(ascending(keys)).toEqual(sorted)
        expect(descending(keys)).toEqual(sorted.toReversed())
        expect(ascending(keys, from)).toEqual(sorted.filter((key) => key >= from))
        expect(descending(keys, from)).toEqual(sorted.filter((key) => key < from).toReversed())
      }),
      { numRuns: 60 },
    )
  })

  it('stop where they are told', () => {
    const keys = sortedKeys()
    for (let number = 0; number < 2000; number += 1) keys.add(keyOf(number))
    expect(ascending(keys, keyOf(600), 3)).toEqual([keyOf(600), keyOf(601), keyOf(602)])
  })
})
