/** All files of JSONTestSuite: what must be read is read, what must not is refused, and what is open is decided in a table. */
import { describe, expect, it } from 'vitest'
import suite from '../../../../vectors/json-test-suite/test_parsing.json' with { type: 'json' }
import { decodeBase64Tolerant } from '../../src/bytes/base64url.ts'
import { parseJsonBytes } from '../../src/bytes/json.ts'
import { isDidcommError } from '../../src/errors.ts'

/** Those of the open cases that we read: numbers that lose digits and no more. All others are not UTF-8, have lone surrogates, are beyond all bounds, or too deep. */
const read = new Set([
  'i_number_double_huge_neg_exp.json',
  'i_number_real_underflow.json',
  'i_number_too_big_neg_int.json',
  'i_number_too_big_pos_int.json',
  'i_number_very_big_negative_int.json',
])

/** Valid JSON that two parsers read in two ways. */
const ambiguous = new Set(['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json'])

function outcomeOf(bytes: Uint8Array): string {
  try {
    parseJsonBytes(bytes)
    return 'accept'
  } catch (error) {
    if (!isDidcommError(error, 'ERR_MALFORMED_JSON', 'ERR_MALFORMED_ENCODING', 'ERR_MALFORMED_LIMIT')) throw error
    return 'reject'
  }
}

describe('JSONTestSuite', () => {
  it('J18, PLN-02: the suite is whole', () => {
    expect(suite.cases).toHaveLength(suite.count)
    const names = new Set(suite.cases.map(({ name }) => name))
    for (const name of [...read, ...ambiguous]) expect([name, names.has(name)]).toEqual([name, true])
  })

  it.each(['accept', 'reject', 'either'])('J18, PLN-02: every case of %s', (expected) => {
    const cases = suite.cases.filter(({ expect: one }) => one === expected)
    expect(cases.length).toBeGreaterThan(30)
    for (const { name, bytes_b64 } of cases) {
      const decided = expected === 'either' ? (read.has(name) ? 'accept' : 'reject') : ambiguous.has(name) ? 'reject' : expected
      const start = performance.now()
      expect([name, outcomeOf(decodeBase64Tolerant(bytes_b64))]).toEqual([name, decided])
      expect(performance.now() - start).toBeLessThan(1000)
    }
  })
})
