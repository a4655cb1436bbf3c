/**
 * What an explanation may use. Types alone.
 *
 * @module
 */
import type { Keys, Resolver } from 'sealpost/did'
import type { Explanation } from './explanation.ts'

/** What the user gives. */
export type Means = {
  readonly keys: Keys
  /** Whether `keys` are the user's, or none were given. */
  readonly hasKeys: boolean
  readonly resolver: Resolver
  readonly nowSeconds: number
}

/** The same for the rooms that explain one kind of thing, which do not know each other. */
export type Context = Means & {
  /** Explains what lies inside of what is explained. */
  readonly nested: (value: unknown, octets: number) => Promise<Explanation>
}
