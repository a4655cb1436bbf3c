/**
 * Which writes of a batch count: of two of one row the later alone, for its version too.
 *
 * @module
 */
import type { Write } from '../agent/ports.ts'

// Up to so many, looking at each pair is faster than a map.
const fewWrites = 12

/** The writes that count. They may be done in any order. Names of tables have no NUL. */
export function lastWrites(writes: readonly Write[]): readonly Write[] {
  if (writes.length < 2) return writes
  if (writes.length > fewWrites) return [...new Map(writes.map((write) => [`${write.table}\0${write.key}`, write])).values()]
  return writes.filter(({ table, key }, index) => {
    for (let later = index + 1; later < writes.length; later += 1) {
      const write = writes[later] as Write
      if (write.key === key && write.table === table) return false
    }
    return true
  })
}
