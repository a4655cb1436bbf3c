/**
 * A map with bounds: what was not used longest goes first. It knows nothing of DIDs, and no clock.
 *
 * @module
 */

/** A bounded map. `size` tells what an entry weighs, in octets or the like. */
export type LruMap<K, V> = {
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
  readonly count: number
}

/** Makes a map that holds at most `maxEntries`, which together weigh at most `maxSize`. What is too heavy alone is not kept. */
export function lruMap<K, V>(maxEntries: number, maxSize: number, size: (value: V, key: K) => number): LruMap<K, V> {
  // A Map keeps the order in which keys were set: the first is the one that was not used longest.
  const entries = new Map<K, V>()
  let total = 0
  const drop = (key: K): void => {
    const value = entries.get(key)
    if (value !== undefined && entries.delete(key)) total -= size(value, key)
  }
  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) {
        entries.delete(key)
        entries.set(key, value)
      }
      return value
    },
    set(key, value) {
      drop(key)
      entries.set(key, value)
      total += size(value, key)
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && total <= maxSize) break
        drop(oldest)
      }
    },
    delete: drop,
    get count() {
      return entries.size
    },
  }
}
