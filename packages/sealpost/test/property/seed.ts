/**
 * Random numbers that come again: every failure of a property names its seed.
 *
 * @module
 */

/** The seed of all properties of the envelope, printed by fast-check where one fails. */
export const seed = 20_261_120

export type Random = {
  /** A whole number from 0 up to and without `bound`. */
  below(bound: number): number
  pick<T>(items: readonly T[]): T
}

/** Mulberry32: small, fast, and the same on every runtime. */
export function randomOf(start: number): Random {
  let state = start >>> 0
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }
  return { below, pick: (items) => items[below(items.length)] as (typeof items)[number] }
}
