/**
 * What the conformance suites expect with: no test runner is needed, and none is in the way.
 *
 * @module
 */
import { DidcommError, type ErrorCode, isDidcommError } from '../errors.ts'

/** A rule, and a function that rejects where it does not hold. */
export type Rule = readonly [name: string, run: () => Promise<void>]

/** The error for a rule that does not hold. */
export const broken = (what: string): DidcommError => new DidcommError('ERR_USAGE_ARGUMENT', `expected ${what}`)

export function expectTrue(what: string, holds: boolean): void {
  if (!holds) throw broken(`${what}, which is not so`)
}

export function expectEqual(what: string, found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)]
  if (one !== other) throw broken(`${what} to be ${other}, found ${one}`)
}

/** What rejects, with one of the codes where there are some. */
export async function expectError(what: string, codes: readonly ErrorCode[] | undefined, run: () => Promise<unknown>): Promise<void> {
  const error = await run().then(
    () => undefined,
    (cause: unknown) => ({ cause }),
  )
  if (error === undefined) throw broken(`${what} to be refused, which was taken`)
  if (codes !== undefined && !isDidcommError(error.cause, ...codes)) {
    const found = isDidcommError(error.cause) ? error.cause.code : String(error.cause)
    throw broken(`${what} to be refused with ${codes.join(' or ')}, found ${found}`)
  }
}
