/**
 * Random numbers that a seed decides: the same seed, the same numbers, on every machine.
 *
 * @module
 */
import type { Random } from '../../agent/ports.ts'

/** Random numbers from a seed. */
export type SeededRandom = Random & {
  /** True with this probability. */
  readonly chance: (probability: number) => boolean
  /** A whole number, from `from` to `to`, both included. */
  readonly whole: (from: number, to: number) => number
  readonly pick: <T>(of: readonly T[]) => T
  /** Others from the same seed, which what is drawn here does not change. */
  readonly fork: (name: string) => SeededRandom
}

/**
 * Makes random numbers from a seed. They are for tests: whoever knows the seed knows them all.
 *
 * Exported from `sealpost/testing`.
 *
 * @example
 * ```ts
 * import { seededRandom } from 'sealpost/testing'
 *
 * const [one, other] = [seededRandom(7), seededRandom(7)]
 * console.log(one.id() === other.id(), one.fork('network').whole(1, 6)) // true, and 1 to 6
 * ```
 */
export function seededRandom(seed: number): SeededRandom {
  let state = mixed(seed >>> 0)
  /** Mulberry32: 32 bits of state are enough to tell worlds apart. */
  const bits = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return (word ^ (word >>> 14)) >>> 0
  }
  const fraction = (): number => bits() / 2 ** 32
  const whole = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1))
  return {
    fraction,
    whole,
    chance: (probability) => fraction() < probability,
    pick: (of) => of[whole(0, of.length - 1)] as (typeof of)[number],
    fork: (name) => seededRandom([...name].reduce((hash, letter) => mixed(hash ^ (letter.codePointAt(0) ?? 0)), mixed(seed >>> 0))),
    id() {
      const [a, b, c, d] = [bits(), bits(), bits(), bits()].map((word) => word.toString(16).padStart(8, '0')) as [
        string,
        string,
        string,
        string,
      ]
      const variant = '89ab'[Number.parseInt(c[0] as string, 16) & 3]
      return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`
    },
  }
}

/** Seeds that are neighbours give worlds that are strangers. */
function mixed(value: number): number {
  let word = value | 0
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad)
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
  return (word ^ (word >>> 15)) >>> 0
}
