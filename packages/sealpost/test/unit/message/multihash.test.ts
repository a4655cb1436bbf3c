import { expect, it } from 'vitest'
import { encodeMultibase } from '../../../src/bytes/multibase.ts'
import { encodeMultihash, parseMultihash } from '../../../src/message/multihash.ts'
import { refused } from './refused.ts'

// "multihash" by sha2-256, the example of the specification of multihashes.
const hex = '12209cbc07c3f991725836a3aa2a581ca2029198aa420b9d99bc0e131d9f3e2cbe47'
const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const digest = bytes.subarray(2)

it('ATT-06, ATT-07: sha2-256 is read in all the usual spellings', () => {
  const spellings = [
    hex,
    hex.toUpperCase(),
    `f${hex}`,
    encodeMultibase(bytes, 'z'),
    encodeMultibase(bytes, 'u'),
    encodeMultihash({ name: 'sha2-256', digest }),
  ]
  for (const text of spellings) {
    const hash = parseMultihash(text)
    expect([hash.name, [...hash.digest]]).toEqual(['sha2-256', [...digest]])
  }
  expect(spellings.at(-1)).toMatch(/^Qm/)
})

it('ATT-07: sha2-512 is read too', () => {
  const long = { name: 'sha2-512', digest: new Uint8Array(64).fill(7) } as const
  expect(parseMultihash(encodeMultihash(long))).toEqual(long)
})

it('ATT-07: an unknown code is unsupported, never "ok"', () => {
  const other = bytes.slice()
  for (const code of [0x00, 0x11, 0x16, 0x1b]) {
    other[0] = code
    expect(refused(() => parseMultihash(encodeMultibase(other, 'z')))).toBe('ERR_UNSUPPORTED_HASH ATT-07')
  }
})

it('ATT-07: a digest that was cut short is refused, even if it says so', () => {
  const short = bytes.slice(0, 18)
  short[1] = 16
  for (const text of [
    encodeMultibase(short, 'z'),
    encodeMultibase(bytes.slice(0, 33), 'u'),
    '',
    'z',
    'Qm',
    '0OIl',
    '<multi-hash>',
    'a'.repeat(300),
  ]) {
    expect(refused(() => parseMultihash(text))).toBe('ERR_MALFORMED_ATTACHMENT ATT-06')
  }
})
