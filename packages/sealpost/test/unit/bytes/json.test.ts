import { describe, expect, it } from 'vitest'
import { canonicalJson, isObject, parseJson, parseJsonBytes } from '../../../src/bytes/json.ts'

const thrown = (code: string) => expect.objectContaining({ code })

describe('parseJson', () => {
  it('PLN-02: what can be read in two ways is refused', () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":{"b":1,"b":2}}',
      '[{"\\u0061":1,"a":2}]',
      '{"__proto__":1}',
      '{"a":"\\ud800"}',
      '{"\\udfff":1}',
      '[1e400]',
      '{"a":1}}',
      '{a:1}',
      "{'a':1}",
      '[1,]',
      '"',
      '"\\"',
      '\ufeff{}',
      'undefined',
      'NaN',
    ])
      expect([
        text,
        (() => {
          try {
            return parseJson(text)
          } catch (error) {
            return (error as { code: string }).code
          }
        })(),
      ]).toEqual([text, 'ERR_MALFORMED_JSON'])
  })

  it('PLN-02: a number that is written shorter than its value does not hide a member that stands twice', () => {
    for (const mantissa of ['1', '-1', '12', '1.5', '99', '123456789'])
      for (let exponent = 0; exponent < 24; exponent++)
        for (let length = 0; length < 20; length++) {
          const name = 'n'.repeat(length)
          const number = `${mantissa}e${exponent}`
          expect(parseJson(`{"number":${number},"${name}":0}`)).toEqual({ number: Number(number), [name]: 0 })
          expect(() => parseJson(`{"${name}":0,"number":${number},"${name}":0}`)).toThrow(thrown('ERR_MALFORMED_JSON'))
        }
  })

  it('PLN-02: white space and escapes are taken, and hide nothing', () => {
    for (const text of [
      '{"a":[1,true,null,""]}',
      ' {"a":1}',
      '{"\\u0061":[{}],"b":"\\n"}',
      '{"a":-0,"b":1000,"c":0.5}',
      '[]',
      '{}',
      '0',
      '""',
      'false',
    ])
      expect(parseJson(text)).toEqual(JSON.parse(text))
    for (const text of ['{"a": 1,"a":1}', '{"a":1,"\\u0061":1}', '{"a":[1],"b":false,"a":[{}]}', '[{"a":{},"a":{}}]', '{"a":1,"a":"\\n"}'])
      expect(() => parseJson(text)).toThrow(thrown('ERR_MALFORMED_JSON'))
  })

  it('PLN-02: what is long is held to the same rules', () => {
    const long = 'x'.repeat(2 ** 20)
    expect(parseJson(`{"a":"${long}","b":1}`)).toEqual({ a: long, b: 1 })
    expect(() => parseJson(`{"a":"${long}","b":1,"b":1}`)).toThrow(thrown('ERR_MALFORMED_JSON'))
    expect(() => parseJson(`{"a":"${long}","b":[[[]]]}`, 3)).toThrow(thrown('ERR_MALFORMED_LIMIT'))
    expect(() => parseJson(`{"a":"${long}","b":[[[`, 3)).toThrow(thrown('ERR_MALFORMED_LIMIT'))
  })

  it('PLN-02: colons, quotation marks and backslashes in strings are not members', () => {
    for (const text of ['{"a:b":":","c\\"d":"\\\\"}', '["\\\\\\"",":"]', '{"\\\\":{"\\"":1}}', '{"":{"":1}}', ' {"a" : [ ] } '])
      expect(parseJson(text)).toEqual(JSON.parse(text))
  })

  it('PLN-02: levels are bounded, 64 by default; breadth is not a level', () => {
    expect(() => parseJson('['.repeat(65) + ']'.repeat(65))).toThrow(thrown('ERR_MALFORMED_LIMIT'))
    expect(() => parseJson('[[]]', 1)).toThrow(thrown('ERR_MALFORMED_LIMIT'))
    expect(parseJson(`[${'[],'.repeat(1000)}[]]`, 2)).toHaveLength(1001)
    expect(parseJson('"[[[["', 0)).toBe('[[[[')
  })

  it('PLN-02: octets are UTF-8', () => {
    expect(parseJsonBytes(Uint8Array.of(0x22, 0xc3, 0xa9, 0x22))).toBe('é')
    expect(() => parseJsonBytes(Uint8Array.of(0x22, 0xc3, 0x22))).toThrow(thrown('ERR_MALFORMED_ENCODING'))
  })
})

it('PLN-01: an object is neither null nor an array', () => {
  expect([{}, Object.create(null) as object, [], null, undefined, 'a', 1].map(isObject)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ])
})

it('PLN-02: the canonical form sorts by code units, leaves out what is undefined, and refuses what JSON cannot say', () => {
  expect(
    canonicalJson({ b: 1, a: [true, null, 'é\n'], '\u20ac': 1, '\ud83d\ude00': 2, '\ufb33': 3, skip: undefined, z: -0, y: 1e21 }),
  ).toBe('{"a":[true,null,"é\\n"],"b":1,"y":1e+21,"z":0,"€":1,"😀":2,"\ufb33":3}')
  for (const value of [undefined, Number.NaN, '\ud800', 1n, [undefined]])
    expect(() => canonicalJson(value)).toThrow(thrown('ERR_MALFORMED_JSON'))
})
