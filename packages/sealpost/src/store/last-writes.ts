/**
 * Which writes of a batch count: of two of one row the later alone, for its version too.
 *
 * @module
 */
import type { Write } from '../agent/ports.ts'

// Up to so many, looking at each pair is faster than a map.
const fewWrites = 12

/** The writes that count. They may be done in any order. */
export function lastWrites(writes: readonly Write[]): readonly Write[] {
  if (writes.length < 2) return writes
  if (writes.length > fewWrites) return [...new Map(writes.map((write) => [rowId(write), write])).values()]
  return writes.filter(({ table, key }, index) => {
    for (let later = index + 1; later < writes.length; later += 1) {
      const write = writes[later] as Write
      if (write.key === key && write.table === table) return false
    }
    return true
  })
}

/** One string for a row of a table: names of tables have no NUL. */
export const rowId = ({ table, key }: { readonly table: string; readonly key: string }): string => `${table}\0${key}`
