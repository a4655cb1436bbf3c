import { describe, expect, it } from 'vitest'
import { DidcommError, type ErrorCode, errorCodes, isDidcommError } from '../../src/errors.ts'
import { parseProblemCode } from '../../src/message/problem-codes.ts'

const families = ['usage', 'malformed', 'trust', 'unsupported', 'did', 'delivery', 'store', 'peer', 'internal']
const rows = Object.entries(errorCodes) as [ErrorCode, { family: string; meaning: string; problem?: string; retryable?: true }][]

describe('the table of codes', () => {
  it.each(rows)(
    'SEC-06, PRB-05: %s says its family, its meaning, and a problem code that is one',
    (code, { family, meaning, problem, retryable }) => {
      expect(families).toContain(family)
      expect(code).toBe(code === 'ERR_INTERNAL' ? code : `ERR_${family.toUpperCase()}_${code.split('_').slice(2).join('_')}`)
      expect(meaning).toMatch(/^[A-Z`].*\.$/)
      if (problem !== undefined) expect(parseProblemCode(problem).sorter).toBe('e')
      const error = new DidcommError(code, 'why', { rule: 'HDR-04', cause: 1 })
      expect(error).toMatchObject({
        name: 'DidcommError',
        code,
        family,
        problem,
        retryable: retryable === true,
        rule: 'HDR-04',
        cause: 1,
        message: 'why',
      })
    },
  )
})

it('SEC-06: an error without cause has none; others are told from ours, also across copies of the library', () => {
  expect('cause' in new DidcommError('ERR_INTERNAL', 'why')).toBe(false)
  const ours = new DidcommError('ERR_TRUST_DECRYPT', 'why')
  expect([isDidcommError(ours), isDidcommError(ours, 'ERR_TRUST_DECRYPT'), isDidcommError(ours, 'ERR_INTERNAL')]).toEqual([
    true,
    true,
    false,
  ])
  const copy = Object.assign(new Error('why'), { name: 'DidcommError', code: 'ERR_TRUST_DECRYPT' })
  expect(isDidcommError(copy, 'ERR_TRUST_DECRYPT')).toBe(true)
  for (const other of [undefined, null, 'DidcommError', { name: 'DidcommError', code: 'ERR_INTERNAL' }, new Error('x'), new TypeError('x')])
    expect(isDidcommError(other)).toBe(false)
})

it('JOSE-07, SEC-07: a peer is not told whether a key of ours was named', () => {
  expect(new DidcommError('ERR_TRUST_NOT_FOR_US', 'x').problem).toBeUndefined()
})
