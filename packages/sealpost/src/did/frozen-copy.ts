/**
 * A deep, frozen copy of a JSON value, so that one document can be handed to many, and nobody can change what others see.
 *
 * @module
 */
import { defaultMaxDepth } from '../bytes/index.ts'
import { DidcommError } from '../errors.ts'

/**
 * Copies and freezes a JSON value; members that JSON cannot say are left out. `bytes` is what it takes as JSON, about.
 *
 * @throws {DidcommError} `ERR_MALFORMED_LIMIT` beyond `maxBytes` or 64 levels.
 */
export function frozenCopy<T>(value: T, maxBytes: number): { readonly value: T; readonly bytes: number } {
  let bytes = 0
  const spend = (amount: number): void => {
    bytes += amount
    if (bytes > maxBytes)
      throw new DidcommError('ERR_MALFORMED_LIMIT', `expected a document of at most ${maxBytes} octets, found more`, { rule: 'SEC-27' })
  }
  const copy = (item: unknown, depth: number): unknown => {
    if (typeof item === 'string') spend(item.length + 3)
    else spend(8)
    if (typeof item !== 'object' || item === null) return typeof item === 'function' || typeof item === 'symbol' ? undefined : item
    if (depth > defaultMaxDepth)
      throw new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${defaultMaxDepth} levels, found more`, { rule: 'JOSE-05' })
    if (Array.isArray(item)) return Object.freeze(item.map((entry) => copy(entry, depth + 1)))
    const members: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(item)) {
      const member = name === '__proto__' ? undefined : copy(value, depth + 1)
      spend(name.length)
      if (member !== undefined) members[name] = member
    }
    return Object.freeze(members)
  }
  return { value: copy(value, 1) as T, bytes }
}
