/**
 * Whether what an application gives is what was expected, for those who call without the compiler.
 *
 * @module
 */
import { DidcommError } from '../errors.ts'
import type { AgentOptions } from './options.ts'

/** @throws {DidcommError} `ERR_USAGE_ARGUMENT`, which says what was expected. */
export function expects(holds: boolean, expected: string): void {
  if (!holds) throw new DidcommError('ERR_USAGE_ARGUMENT', `expected ${expected}`)
}

export const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

/** Looks whether what every agent needs is there. */
export function expectOptions(options: AgentOptions): void {
  const { store, keys, resolver } = (options ?? {}) as Partial<AgentOptions>
  expects(typeof store?.commit === 'function', '`store`, such as `memoryStore()`')
  expects(typeof keys?.generate === 'function', '`keys`, such as `memoryKeyStore()`')
  expects(typeof resolver?.resolve === 'function', '`resolver`, such as `createResolver([peer()])`')
}
