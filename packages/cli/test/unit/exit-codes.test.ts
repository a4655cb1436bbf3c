import { DidcommError, type ErrorCode, errorCodes } from 'sealpost/errors'
import { expect, it } from 'vitest'
import { exitCodeOf, exitCodes, exitCodeTable } from '../../src/exit-codes.ts'

it.each([
  ['ERR_USAGE_ARGUMENT', 2],
  ['ERR_USAGE_PASSPHRASE', 4],
  ['ERR_USAGE_KEY_FILE', 4],
  ['ERR_USAGE_NO_KEY', 4],
  ['ERR_MALFORMED_MESSAGE', 1],
  ['ERR_TRUST_DECRYPT', 1],
  ['ERR_UNSUPPORTED_ALGORITHM', 1],
  ['ERR_UNSUPPORTED_METHOD', 5],
  ['ERR_DID_NOT_FOUND', 5],
  ['ERR_DELIVERY_TIMEOUT', 3],
  ['ERR_INTERNAL', 70],
] as const)('%s ends with exit code %i', (code, expected) => {
  expect(exitCodeOf(new DidcommError(code, 'x'))).toBe(expected)
})

it('every error has an exit code of the table, and the table names each once', () => {
  const known: readonly number[] = Object.values(exitCodes).map(({ code }) => code)
  expect(new Set(known).size).toBe(known.length)
  for (const code of Object.keys(errorCodes) as ErrorCode[]) expect(known).toContain(exitCodeOf(new DidcommError(code, 'x')))
  expect(exitCodeOf(new Error('x'))).toBe(70)
  expect(exitCodeTable().split('\n')).toHaveLength(known.length)
})
