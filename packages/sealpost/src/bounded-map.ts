/**
 * A map that forgets what was not asked for lately, so that no cache grows with what strangers send.
 *
 * @module
 */

export type BoundedMap<Key, Value> = {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): void
}

/**
 * Keeps at least the last `size` entries that were set or got, and at most twice as many: the entries of two generations, of which
 * the older one is dropped whole. That is cheaper than an order of all entries.
 */
export function boundedMap<Key, Value extends {}>(size: number): BoundedMap<Key, Value> {
  let young = new Map<Key, Value>()
  let old = new Map<Key, Value>()
  const set = (key: Key, value: Value): void => {
    if (young.size >= size) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const kept = old.get(key)
      if (kept !== undefined) set(key, kept)
      return kept
    },
    set,
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
  }
}
