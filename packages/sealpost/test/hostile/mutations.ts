/**
 * Twists texts as attackers and accidents do: octets, tokens, and values of JSON. The same seed twists in the same way.
 *
 * @module
 */
import type { Random } from '../property/seed.ts'

const tokens = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '\\',
  '\\u0000',
  '\\ud800',
  '\\"',
  '\0',
  '\n',
  ' ',
  '=',
  '.',
  '#',
  '?',
  '/',
  '%',
  '%2',
  '%00',
  '+',
  '-0',
  '1e400',
  '-1',
  '9007199254740993',
  'null',
  'true',
  '{}',
  '[]',
  '""',
  '"__proto__":{},',
  '"constructor":1,',
  '"crit":["x"],',
  '"zip":"DEF",',
  '"alg":"none",',
  '"d":"AA",',
  '"kid":"did:example:bob#key-x25519-1",',
  'did:',
  'did:web:localhost',
  'did:peer:4z',
  'did:key:z',
  ';service=',
  'z6Mk',
  '_oob=',
  '\u0141',
  '\u202e',
  '\ud800',
  '\ufeff',
  '\uffff',
  '😀',
  'e30',
  'AAAA',
  'eyJ',
  '\u0000',
]

/** Changes a few places of a text. */
export function mutateText(text: string, random: Random, others: readonly string[]): string {
  let changed = text
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(changed.length + 1)
    const length = random.below(random.pick([2, 8, 200]))
    switch (random.below(7)) {
      case 0:
        changed = changed.slice(0, at) + String.fromCharCode(changed.charCodeAt(at) ^ (1 << random.below(8))) + changed.slice(at + 1)
        break
      case 1:
        changed = changed.slice(0, at) + changed.slice(at + length)
        break
      case 2:
        changed = changed.slice(0, at) + changed.slice(at, at + length).repeat(random.pick([2, 3, 50])) + changed.slice(at)
        break
      case 3:
        changed = changed.slice(0, at) + String.fromCharCode(random.below(random.pick([128, 256, 65536]))) + changed.slice(at)
        break
      case 4: {
        const other = random.pick(others)
        changed = changed.slice(0, at) + other.slice(random.below(other.length + 1))
        break
      }
      default:
        changed = changed.slice(0, at) + random.pick(tokens) + changed.slice(at + random.pick([0, 0, 1, length]))
    }
  }
  return changed
}

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

/** The texts of values that stand where another was expected. */
const values: readonly (() => string)[] = [
  () => 'null',
  () => 'true',
  () => '0',
  () => '-0',
  () => '1.5',
  () => '1e308',
  () => '9007199254740993',
  () => '""',
  () => '"did:example:bob"',
  () => '"did:example:bob#key-x25519-1"',
  () => JSON.stringify('a'.repeat(9000)),
  () => JSON.stringify(`did:example:${'a:'.repeat(5000)}`),
  () => JSON.stringify('%'.repeat(5000)),
  () => JSON.stringify('='.repeat(5000)),
  () => '{}',
  () => '[]',
  () => '{"__proto__":{"a":1}}',
  () => '{"constructor":{"prototype":{}},"toString":1,"length":-1}',
  () => '[null,[],{}]',
  () => nested(63),
  () => nested(5000),
  () => `[${'0,'.repeat(20_000)}0]`,
  () => `[${'{},'.repeat(2000)}{}]`,
  () => `{${Array.from({ length: 2000 }, (_, i) => `"k${i}":[]`).join(',')}}`,
]

/** Writes a value with one place in it exchanged, taken away, doubled or given another name. */
export function mutateJson(value: unknown, random: Random): string {
  let left = random.below(Math.max(1, countOf(value)))
  const write = (item: unknown): string => {
    if (left-- === 0) return random.below(6) === 0 && typeof item === 'object' && item !== null ? twisted(item) : random.pick(values)()
    if (Array.isArray(item)) return `[${item.map(write).join(',')}]`
    if (typeof item === 'object' && item !== null) {
      return `{${Object.entries(item)
        .map(([name, inner]) => `${JSON.stringify(name)}:${write(inner)}`)
        .join(',')}}`
    }
    return JSON.stringify(item)
  }
  /** The members of an object or array, some of them gone, twice, or under the name of another. */
  const twisted = (item: object): string => {
    if (Array.isArray(item)) return JSON.stringify(random.below(2) === 0 ? [...(item as unknown[]), ...(item as unknown[])] : item.slice(1))
    const entries = Object.entries(item)
    const written = entries.map(([name, inner]) => `${JSON.stringify(name)}:${JSON.stringify(inner)}`)
    const i = random.below(Math.max(1, written.length))
    switch (random.below(3)) {
      case 0:
        written.splice(i, 1)
        break
      case 1:
        written.push(written[i] ?? '"a":1')
        break
      default:
        written[i] = `${JSON.stringify(random.pick(entries)?.[0] ?? '__proto__')}:${JSON.stringify(entries[i]?.[1] ?? null)}`
    }
    return `{${written.join(',')}}`
  }
  return write(value)
}

function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce<number>((sum, item) => sum + countOf(item), 1)
}
