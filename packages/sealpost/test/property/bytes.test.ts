/** Octets and text against slow and simple readings of the same rules. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64Tolerant, decodeBase64url, encodeBase64url } from '../../src/bytes/base64url.ts'
import { canonicalJson, parseJson } from '../../src/bytes/json.ts'
import { decodeBase58btc, decodeMultibase, encodeBase58btc, encodeMultibase, encodeVarint, readVarint } from '../../src/bytes/multibase.ts'
import { decodeUtf8, encodeUtf8 } from '../../src/bytes/utf8.ts'
import { isDidcommError } from '../../src/errors.ts'
import { seed } from './seed.ts'

const alphabet64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const alphabet58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const octets = fc.uint8Array({ maxLength: 100 })

/** The value, or `refused`; any error but ours fails. */
function orRefused<T>(run: () => T): T | 'refused' {
  try {
    return run()
  } catch (error) {
    if (!isDidcommError(error)) throw error
    return 'refused'
  }
}

/** Bit by bit, from a table. */
function slowBase64url(text: string): number[] | 'refused' {
  let bits = ''
  for (const character of text) {
    const value = alphabet64.indexOf(character)
    if (value < 0) return 'refused'
    bits += value.toString(2).padStart(6, '0')
  }
  const whole = Math.floor(bits.length / 8) * 8
  // Whole characters that carry no octet, or bits over that are not zero.
  if (bits.length - whole >= 6 || bits.slice(whole).includes('1')) return 'refused'
  return Array.from({ length: whole / 8 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2))
}

function slowBase58(bytes: Uint8Array): string {
  let value = 0n
  for (const octet of bytes) value = value * 256n + BigInt(octet)
  let text = ''
  for (; value > 0n; value /= 58n) text = alphabet58.charAt(Number(value % 58n)) + text
  const zeros = bytes.findIndex((octet) => octet !== 0)
  return '1'.repeat(zeros < 0 ? bytes.length : zeros) + text
}

const decoded = (text: string): number[] | 'refused' => {
  const result = orRefused(() => decodeBase64url(text))
  return result === 'refused' ? result : [...result]
}

describe('base64url', () => {
  it('JOSE-04, SEC-03, J20: decodes every ending of one and two characters as the table does', () => {
    const characters = [...alphabet64, '=', '+', '/', ' ', '\n', '\t', '.', '!', '\0', '\u0141', '\u0200', '\uff21', '\ud83d']
    for (const start of ['', 'AAAA', 'Zm9v'])
      for (const a of characters) {
        expect([start + a, decoded(start + a)]).toEqual([start + a, slowBase64url(start + a)])
        for (const b of characters) {
          const text = start + a + b
          const found = decoded(text)
          const expected = slowBase64url(text)
          if (String(found) !== String(expected)) expect([text, found]).toEqual([text, expected])
        }
      }
    // Three characters carry 18 bits of which two are over.
    for (const a of alphabet64) expect([a, decoded(`AA${a}`)]).toEqual([a, slowBase64url(`AA${a}`)])
  })

  it('JOSE-04, SEC-03: round trips, and agrees with the table on random corruption', () => {
    fc.assert(
      fc.property(
        octets,
        fc.nat(),
        fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('=', '\u0141', '\u0100', '\n', ' ', '+', '/', '\ufeff', '\u2028')),
        fc.nat(2),
        (bytes, where, noise, cut) => {
          const text = encodeBase64url(bytes)
          expect([...decodeBase64url(text)]).toEqual([...bytes])
          const i = text.length === 0 ? 0 : where % text.length
          const broken = text.slice(0, i) + noise + text.slice(i + cut)
          expect([broken, decoded(broken)]).toEqual([broken, slowBase64url(broken)])
        },
      ),
      {
        numRuns: 3000,
        seed,
        examples: [
          [new Uint8Array(0), 0, '\u0141A', 0],
          [Uint8Array.of(255), 0, '\u0141', 1],
        ],
      },
    )
  })

  it('ATT-09, G-28: attachments decode in either alphabet, padded or not', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        const url = encodeBase64url(bytes)
        const standard = url.replaceAll('-', '+').replaceAll('_', '/')
        const padding = '='.repeat((4 - (url.length % 4)) % 4)
        for (const text of [url, standard, url + padding, standard + padding]) expect([...decodeBase64Tolerant(text)]).toEqual([...bytes])
      }),
      { numRuns: 500, seed },
    )
    for (const text of ['A=', 'AA=A', '====', 'AA===', 'A', 'AB', ' AA', '='])
      expect(orRefused(() => decodeBase64Tolerant(text))).toBe('refused')
  })
})

describe('multibase', () => {
  it('DOC-03: base58btc agrees with integers without bounds, both ways', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          octets,
          octets.map((bytes) => Uint8Array.from([0, 0, ...bytes])),
        ),
        (bytes) => {
          const text = encodeBase58btc(bytes)
          expect(text).toBe(slowBase58(bytes))
          expect([...decodeBase58btc(text)]).toEqual([...bytes])
          for (const base of ['z', 'u'] as const) expect([...decodeMultibase(encodeMultibase(bytes, base))]).toEqual([...bytes])
        },
      ),
      { numRuns: 1500, seed, examples: [[new Uint8Array(0)], [new Uint8Array(5)], [Uint8Array.of(0, 1)], [new Uint8Array(64).fill(255)]] },
    )
  })

  it('DOC-05: text of no base is refused, and every text that is taken is the one spelling of its octets', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: fc.constantFrom(...alphabet58) }), fc.string()), (text) => {
        const bytes = orRefused(() => decodeBase58btc(text))
        if (bytes === 'refused') expect([...text].some((character) => !alphabet58.includes(character))).toBe(true)
        else expect(encodeBase58btc(bytes)).toBe(text)
      }),
      { numRuns: 1500, seed },
    )
    for (const text of ['', 'm', 'f00', 'Z11', 'z0', 'zO', 'zI', 'zl', 'u=', 'uA'])
      expect([text, orRefused(() => decodeMultibase(text))]).toEqual([text, 'refused'])
  })

  it('JOSE-05: the longest text is decoded soon, a longer one not at all', () => {
    const start = performance.now()
    decodeBase58btc('z'.repeat(8192))
    expect(performance.now() - start).toBeLessThan(500)
    expect(orRefused(() => decodeBase58btc('z'.repeat(8193)))).toBe('refused')
  })

  it('DOC-05: varints round trip in their shortest form alone', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 28 - 1), octets, (value, rest) => {
        const bytes = encodeVarint(value)
        expect(readVarint(Uint8Array.from([...bytes, ...rest]))).toEqual({ value, length: bytes.length })
        // The same value with an octet more.
        const longer = Uint8Array.from([...bytes.slice(0, -1), (bytes.at(-1) as number) | 0x80, 0])
        expect(orRefused(() => readVarint(longer))).toBe('refused')
      }),
      { numRuns: 500, seed },
    )
    for (const bytes of [[], [0x80], [0x80, 0], [0xff, 0xff, 0xff, 0xff, 1]])
      expect(orRefused(() => readVarint(Uint8Array.from(bytes)))).toBe('refused')
  })
})

describe('UTF-8', () => {
  it('PLN-02, J10: round trips; octets are taken where they are the one spelling of their text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (text.isWellFormed()) expect(decodeUtf8(encodeUtf8(text))).toBe(text)
      }),
      { numRuns: 500, seed },
    )
    const unit = fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xff, 0xbb, 0xbd, 0x9f, 0x98)
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 8 }), (list) => {
        const bytes = Uint8Array.from(list)
        const text = orRefused(() => decodeUtf8(bytes))
        if (text !== 'refused') expect([...encodeUtf8(text)]).toEqual(list)
        else expect(() => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)).toThrow()
      }),
      { numRuns: 3000, seed },
    )
  })
})

describe('JSON', () => {
  const values = fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' })

  it('PLN-02: what JSON.stringify writes is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        const strange = text.includes('__proto__') || !text.isWellFormed() || text.includes('\\ud')
        if (!strange) expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 1000, seed },
    )
  })

  it('PLN-02: a member that stands twice is refused, in whatever spelling and at whatever depth', () => {
    const escaped = (name: string): string =>
      [...name].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'abc:"{}[],\\/ \u00e9'), maxLength: 8 }),
        values,
        fc.boolean(),
        fc.nat(5),
        (name, value, asEscapes, depth) => {
          const first = JSON.stringify(name)
          const second = asEscapes ? `"${escaped(name)}"` : first
          const object = `{${first}:1,"other:":${JSON.stringify(value).replaceAll('__proto__', 'x').replaceAll('\\ud', 'x')},${second}:1}`
          const text = '[{"a":'.repeat(depth) + object + '}]'.repeat(depth)
          expect(orRefused(() => parseJson(text))).toBe('refused')
          const once = `{${first}:1,${JSON.stringify(`${name}!`)}:1}`
          expect(parseJson(once)).toEqual(JSON.parse(once))
        },
      ),
      { numRuns: 1000, seed },
    )
  })

  it('PLN-02: the canonical form is read back, does not depend on the order of members, and is its own canonical form', () => {
    fc.assert(
      fc.property(values, (value) => {
        if (JSON.stringify(value).includes('__proto__') || !JSON.stringify(value).isWellFormed() || JSON.stringify(value).includes('\\ud'))
          return
        const text = canonicalJson(value)
        expect(canonicalJson(parseJson(text))).toBe(text)
        const reversed = (item: unknown): unknown =>
          Array.isArray(item)
            ? item.map(reversed)
            : typeof item === 'object' && item !== null
              ? Object.fromEntries(
                  Object.entries(item)
                    .reverse()
                    .map(([name, inner]) => [name, reversed(inner)]),
                )
              : item
        expect(canonicalJson(reversed(value))).toBe(text)
      }),
      { numRuns: 1000, seed },
    )
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { '\udc00': 1 }, 1n, () => 1, Symbol('x')])
      expect(orRefused(() => canonicalJson(value))).toBe('refused')
  })
})
