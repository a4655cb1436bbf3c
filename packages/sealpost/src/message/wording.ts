/**
 * How values are named in error messages: by their kind, or quoted in short on one line. It never prints what a body holds.
 *
 * @module
 */

/** The kind of a JSON value, with its article. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** A text in quotation marks, escaped, of 80 characters at most; anything else by its kind. */
export function quote(value: unknown): string {
  if (typeof value !== 'string') return kindOf(value)
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)
}
