/**
 * What was awaited when somebody pressed Ctrl-C.
 *
 * @module
 */
import { isDidcommError } from 'sealpost/errors'

/** What comes of waiting; undefined where the signal put an end to it, which is no error. */
export const unlessStopped = <T>(signal: AbortSignal, waiting: Promise<T>): Promise<T | undefined> =>
  waiting.catch((error: unknown) => {
    if (signal.aborted && isDidcommError(error, 'ERR_USAGE_ABORTED', 'ERR_USAGE_CLOSED')) return undefined
    throw error
  })
