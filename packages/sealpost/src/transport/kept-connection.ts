/**
 * A connection that is opened again whenever it is lost, until it is let go. It knows no sockets but those that a pool gives it.
 *
 * @module
 */
import { type DidcommError, isDidcommError } from '../errors.ts'
import type { BoundSocket } from './socket.ts'
import type { Pool } from './socket-pool.ts'

/** How a connection is kept. */
export type ConnectOptions = {
  /** Called each time the connection is open, anew where it was lost: a mediator has then to be told again that live delivery is wanted. */
  readonly onOpen?: (socket: BoundSocket) => void
  /** Called where it could not be opened, with the seconds until the next attempt. */
  readonly onFailure?: (error: DidcommError, retryInSeconds: number) => void
}

/** A connection that is opened again whenever it is lost. */
export type KeptConnection = {
  /** Tries at once, instead of when it would: as when the machine has a network again. */
  retryNow(): void
  /** Lets it go: it is closed. */
  close(): void
  /** Resolves when it was let go, by `close` or because the transport was stopped. */
  readonly closed: Promise<void>
}

const maxBackoffSeconds = 300
// A connection that lasted so long was a good one: the next attempt after it comes soon.
const goodSeconds = 60

/** Keeps the connection to a URL. `random` is uniform in [0, 1). */
export function keepOpen(pool: Pool, url: URL, { onOpen, onFailure }: ConnectOptions, random: () => number): KeptConnection {
  const release = pool.want(url)
  let wanted = true
  let failures = 0
  let wake: () => void = () => undefined

  /** The time until the next attempt: any up to a bound that doubles, and no sooner than the other side asked for. */
  const backoffSeconds = (atLeast = 0): number => Math.max(atLeast, random() * Math.min(maxBackoffSeconds, 2 ** failures++))
  const sleep = (seconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  /** Opens it and waits until it is lost; the seconds to wait then. */
  const once = async (): Promise<number> => {
    let socket: BoundSocket
    try {
      socket = await pool.get(url)
    } catch (error) {
      if (!isDidcommError(error)) throw error
      const seconds = backoffSeconds(error.retryAfterSeconds)
      if (wanted) onFailure?.(error, seconds)
      return seconds
    }
    const since = performance.now()
    if (wanted) onOpen?.(socket)
    await socket.closed
    if (performance.now() - since >= goodSeconds * 1000) failures = 0
    return backoffSeconds()
  }
  const run = async (): Promise<void> => {
    while (wanted) {
      const seconds = await once()
      if (wanted) await sleep(seconds)
    }
  }
  return {
    closed: run(),
    retryNow() {
      failures = 0
      wake()
    },
    close() {
      if (!wanted) return
      wanted = false
      release()
      wake()
    },
  }
}
