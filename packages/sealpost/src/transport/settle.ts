/**
 * How sendings fail and end, the same for every transport. It knows no transport.
 *
 * @module
 */
import { DidcommError } from '../errors.ts'

/** The error for an endpoint that there is no connection to. */
export const unreachable = (where: string, why: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_DELIVERY_UNREACHABLE', `no answer from ${where}: ${why}`, { cause })

/** A URL for an error message: its query may hold secrets. */
export const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`

/**
 * Settles as a promise does, or rejects with the reason of a signal where that comes first: what is waited for may not heed it.
 */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    const done = (): void => signal.removeEventListener('abort', stop)
    work.finally(done).then(resolve, reject)
  })
}

/**
 * Runs work with a signal that ends it after a time, or with the caller's signal. An error that is none of ours becomes one.
 *
 * @throws {DidcommError} what the work throws; `ERR_DELIVERY_TIMEOUT`; `ERR_DELIVERY_UNREACHABLE` for any other error, and where the
 * caller gave up
 */
export async function bounded<T>(
  { where, timeoutSeconds, signal }: { where: string; timeoutSeconds: number; signal: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const givenUp = (): void => controller.abort(unreachable(where, 'the sending was given up', signal?.reason))
  const late = (): void =>
    controller.abort(new DidcommError('ERR_DELIVERY_TIMEOUT', `no answer from ${where} within ${timeoutSeconds} seconds`))
  if (signal?.aborted === true) givenUp()
  signal?.addEventListener('abort', givenUp, { once: true })
  const timer = setTimeout(late, timeoutSeconds * 1000)
  try {
    controller.signal.throwIfAborted()
    return await unlessAborted(controller.signal, work(controller.signal))
  } catch (cause) {
    if (controller.signal.aborted) throw controller.signal.reason
    throw cause instanceof DidcommError ? cause : unreachable(where, reasonOf(cause), cause)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', givenUp)
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : 'the connection failed'
}
