/**
 * JSON, strictly: what two parsers could read in two ways is an error. `JSON.parse` takes duplicate members (the last wins), lone
 * surrogates, a million levels, numbers beyond all bounds, and members named `__proto__`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259 | RFC 8259}
 * @module
 */
import { DidcommError } from '../errors.ts'
import { decodeUtf8 } from './utf8.ts'

/** Tells whether a value is a JSON object: not null, not an array. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The levels of arrays and objects that are taken by default. */
export const defaultMaxDepth = 64

/**
 * Tells whether a value may be written as JSON of more levels than these, at the price of a look at each object and array. One that brings a
 * `toJSON` may be anything.
 */
export function mayBeDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0 || 'toJSON' in value) return true
  if (Array.isArray(value)) return value.some((item) => mayBeDeeper(item, levels - 1))
  for (const name in value) if (mayBeDeeper((value as Record<string, unknown>)[name], levels - 1)) return true
  return false
}

/**
 * Parses JSON text.
 *
 * @param maxDepth - the levels of arrays and objects that are taken
 * @throws {DidcommError} `ERR_MALFORMED_JSON`; `ERR_MALFORMED_LIMIT` where it is too deep.
 */
export function parseJson(text: string, maxDepth: number = defaultMaxDepth): unknown {
  // What is long could be levels by the million, which take their time to build.
  if (text.length > longLength) countColons(text, maxDepth)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    countColons(text, maxDepth)
    throw malformed('expected JSON, found a syntax error', cause)
  }
  const shortest = checkValue(value, 0, maxDepth, text.includes('\\u') || !text.isWellFormed())
  // A member that stood twice is in the text, and once in the value. So a text as short as its value can be said had none; of another one, the
  // members are counted: it has as many as it has colons outside of strings.
  if (shortest !== text.length && countMembers(value) !== countColons(text, maxDepth))
    throw malformed('expected each member of an object once, found duplicates')
  return value
}

const longLength = 2 ** 20

/** Parses JSON of UTF-8 octets. A byte order mark is an error. */
export function parseJsonBytes(bytes: Uint8Array, maxDepth: number = defaultMaxDepth): unknown {
  return parseJson(decodeUtf8(bytes), maxDepth)
}

/**
 * Writes JSON in the one canonical form: members sorted by their UTF-16 code units, no white space.
 *
 * @throws {DidcommError} `ERR_MALFORMED_JSON` for what JSON cannot say: numbers that are not finite, lone surrogates, functions.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8785 | RFC 8785, JSON Canonicalization Scheme}
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (isObject(value)) {
    const members = Object.keys(value).filter((name) => value[name] !== undefined)
    return `{${members
      .sort()
      .map((name) => `${canonicalJson(name)}:${canonicalJson(value[name])}`)
      .join(',')}}`
  }
  const sayable =
    value === null || typeof value === 'boolean' || (typeof value === 'string' ? value.isWellFormed() : Number.isFinite(value))
  if (!sayable) throw malformed(`expected a value that JSON can say, found ${typeof value}`)
  return JSON.stringify(value)
}

const malformed = (message: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_JSON', message, { rule: 'PLN-02', cause })

const tooDeep = (maxDepth: number): DidcommError =>
  new DidcommError('ERR_MALFORMED_LIMIT', `expected at most ${maxDepth} levels of JSON, found more`, { rule: 'JOSE-05' })

/**
 * Counts the colons outside of strings and holds the depth, with nothing built. It trusts the syntax, which `JSON.parse` checks; from
 * string to string it goes by the platform's search, which is what makes it cheap.
 */
function countColons(text: string, maxDepth: number): number {
  let colons = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(text, i)
        break
      case 0x3a: // :
        colons++
        break
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > maxDepth) throw tooDeep(maxDepth)
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
    }
  }
  return colons
}

/** The index of the quotation mark that ends the string which begins at `start`; one that an odd number of backslashes precedes does not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    if (end < 0) throw malformed('expected JSON, found a string without an end')
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end
  }
}

/**
 * Holds the levels, strings, names and numbers of a value to the rules.
 *
 * @param depth - the levels around the value
 * @returns the length of the shortest text that says the value: no white space, no escapes
 */
function checkValue(value: unknown, depth: number, maxDepth: number, surrogates: boolean): number {
  if (typeof value === 'string') {
    if (surrogates) checkText(value)
    return value.length + 2
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw malformed('expected a finite number, found one beyond all bounds')
    // With fewer zeros at its end, no exponent makes it shorter. Of all others the length is not known: at least one.
    return Number.isSafeInteger(value) && value % 1000 !== 0 ? String(value).length : 1
  }
  if (typeof value !== 'object' || value === null) return value === false ? 5 : 4
  if (depth >= maxDepth) throw tooDeep(maxDepth)
  // Each item and each member has a comma or a bracket after it.
  let length = 1
  if (Array.isArray(value)) {
    for (const item of value) length += 1 + checkValue(item, depth + 1, maxDepth, surrogates)
    return length === 1 ? 2 : length
  }
  // Whatever was parsed has own members alone; where somebody polluted the prototype of all objects, the count is wrong, and the text refused.
  for (const name in value) {
    if (name === '__proto__') throw malformed('expected no member named "__proto__", found one')
    if (surrogates) checkText(name)
    const member = (value as Record<string, unknown>)[name]
    length += name.length + 4
    // Most are texts, for which a call would be the larger part.
    length += typeof member === 'string' && !surrogates ? member.length + 2 : checkValue(member, depth + 1, maxDepth, surrogates)
  }
  return length === 1 ? 2 : length
}

function checkText(text: string): void {
  if (!text.isWellFormed()) throw malformed('expected text of Unicode characters, found a lone surrogate')
}

/** Counts the members of all objects in a value. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const item of value) members += countMembers(item)
    return members
  }
  for (const name in value) members += 1 + countMembers((value as Record<string, unknown>)[name])
  return members
}
