/**
 * What a call is refused with, for tests: it fails where nothing is thrown, or anything but the one error class.
 *
 * @module
 */
import { DidcommError } from '../../../src/errors.ts'

/** The code and rule of the error that a call throws, such as `ERR_MALFORMED_MESSAGE HDR-04`. */
export function refused(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return told(error)
  }
  throw new Error('expected an error, found none')
}

/** The same for a promise. */
export async function rejected(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return told(error)
  }
  throw new Error('expected an error, found none')
}

function told(error: unknown): string {
  if (!(error instanceof DidcommError)) throw error
  return error.rule === undefined ? error.code : `${error.code} ${error.rule}`
}
