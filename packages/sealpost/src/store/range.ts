/**
 * Where a list of rows begins and ends: a prefix, a place in the list and an end become two bounds, for every store in one way.
 *
 * @module
 */
import type { Range } from '../agent/ports.ts'

/** Keys from `from` on, itself too, to before `to`, or to the last one where that is undefined. */
export type Bounds = { readonly from: string; readonly to: string | undefined }

/** The bounds of a range. None is within them where `from` is not before `to`. */
export function boundsOf({ prefix = '', after, before, reverse = false }: Range): Bounds {
  const end = least(before, prefix === '' ? undefined : endOfPrefix(prefix))
  if (reverse) return { from: prefix, to: least(after, end) }
  // Nothing is between a key and the same key with a NUL.
  return { from: after !== undefined && after >= prefix ? `${after}\0` : prefix, to: end }
}

/** The first string after all that begin with the prefix. */
const endOfPrefix = (prefix: string): string => prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

const least = (one: string | undefined, other: string | undefined): string | undefined =>
  one === undefined || (other !== undefined && other < one) ? other : one
