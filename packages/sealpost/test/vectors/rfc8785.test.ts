import { describe, expect, it } from 'vitest'
import rfc8785 from '../../../../vectors/rfc/rfc8785.json' with { type: 'json' }
import { canonicalJson, parseJson } from '../../src/bytes/json.ts'
import { fromHex } from './wycheproof-policy.ts'

const numberOf = (ieee754Hex: string): number => new DataView(fromHex(ieee754Hex).buffer).getFloat64(0)

describe('RFC 8785, canonical JSON', () => {
  for (const { name, input_utf8, output_utf8 } of rfc8785.objects) {
    it(`PLN-02: the sample ${name} has the canonical form of the RFC`, () => {
      expect(canonicalJson(parseJson(input_utf8))).toBe(output_utf8)
    })
  }

  it('PLN-02: numbers are written as in appendix B', () => {
    expect(rfc8785.numbers.length).toBeGreaterThan(20)
    for (const { ieee754_hex, expected } of rfc8785.numbers) {
      expect(canonicalJson(numberOf(ieee754_hex)), ieee754_hex).toBe(expected)
    }
  })

  it('PLN-02: what is not a number, has no bound, or is half of a character is refused', () => {
    for (const value of [
      numberOf('7fffffffffffffff'),
      numberOf('7ff0000000000000'),
      numberOf('fff0000000000000'),
      '\ud83d',
      { '\udc00': 1 },
    ]) {
      expect(() => canonicalJson([value])).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED_JSON' }))
    }
  })
})
