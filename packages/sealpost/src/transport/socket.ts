/**
 * One WebSocket, whoever opened it: a message in each frame, both ways. It knows no URLs, and keeps no state about who is at the other
 * end: trust comes from the envelopes alone (WS-02).
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#websockets | v2.1, WebSockets}
 * @module
 */
import type { Parcel, Receipt, Receive, Socket, Via } from '../agent/ports.ts'
import { DidcommError } from '../errors.ts'
import { defaultMaxBytes } from './handler.ts'
import { unreachable } from './settle.ts'

/** What is used of a WebSocket: browsers, Deno, Bun and workers have it, and the package `ws`. */
export type WebSocketLike = {
  readonly readyState: number
  /** Octets that were handed over and have not left yet. */
  readonly bufferedAmount: number
  binaryType: string
  send(data: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'message' | 'close' | 'error', listener: (event: SocketEvent) => void): void
  /** Stops reading, so that the other side has to wait. `ws` has it, browsers do not. */
  pause?(): void
  resume?(): void
  /** Ends the connection without a word. `ws` has it, browsers do not. */
  terminate?(): void
}

/** What is read of its events. */
export type SocketEvent = { readonly type: string; readonly data?: unknown; readonly code?: number; readonly error?: unknown }

/** What a socket may cost. */
export type SocketLimits = {
  /** The octets of one frame that comes; 10 MiB where nothing is said. A larger one closes the socket with 1009. */
  readonly maxFrameBytes?: number
  /**
   * The octets of frames that came and are not stored yet; 32 MiB where nothing is said. Above that nothing more is read, or, where the
   * socket cannot wait, it is closed with 1013.
   */
  readonly maxPendingBytes?: number
  /** The octets that wait to leave; 16 MiB where nothing is said. Above that nothing more is sent. */
  readonly maxBufferedBytes?: number
}

export type BindOptions = SocketLimits & {
  /** The name of the transport. */
  readonly transport: string
  /** Who is at the other end, for the text of errors. */
  readonly where: string
  /** Who takes what comes; it is asked anew for each frame, and undefined where nobody does. */
  readonly receive: () => Receive | undefined
  /** Called for each frame that comes or leaves. */
  readonly onTraffic?: () => void
}

/** A WebSocket that an agent uses. */
export type BoundSocket = Socket & {
  /** Begins to close; `code` is one of RFC 6455 (1000 where nothing is said). Where only others are allowed, 3000 is added. */
  close(code?: number): void
  /** Closes it without waiting for the other side, where the runtime can do so. */
  end(): void
  readonly isOpen: () => boolean
  /** Resolves when it is closed, with the code. */
  readonly closed: Promise<number>
}

const [connecting, open] = [0, 1]

/** A sending that waits for its frame to leave; `after` counts the octets that were handed over after it. */
type Leaving = { after: number; readonly resolve: () => void; readonly reject: (error: DidcommError) => void }

/**
 * Carries messages over a WebSocket that is open: one whole message in each frame (WS-01), text or binary where it comes, text where it
 * is sent.
 *
 * A WebSocket acknowledges nothing. `send` resolves when the frame has left for the network, and rejects where the connection closes
 * before that; whether it was stored, only an answer tells (T07). A frame that `receive` did not keep closes the socket with 1013 (try
 * again later), since there is no other way to say so.
 *
 * Exported from `sealpost/transport/websocket`.
 *
 * @example
 * ```ts
 * import { bindSocket, type WebSocketLike } from 'sealpost/transport/websocket'
 *
 * // In a server of Deno, of Bun or of a worker, once the connection is open:
 * export const serve = (webSocket: WebSocketLike) =>
 *   bindSocket(webSocket, { transport: 'websocket', where: 'a client', receive: () => async () => ({ taken: true }) })
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#websockets | v2.1, WebSockets}
 */
export function bindSocket(webSocket: WebSocketLike, options: BindOptions): BoundSocket {
  const { transport, where, maxBufferedBytes = 16 * 1024 * 1024, onTraffic } = options
  const leaving = new Set<Leaving>()
  let watching = false
  let tellClosed: (code: number) => void = () => undefined
  const closed = new Promise<number>((resolve) => {
    tellClosed = resolve
  })
  const close = (code = 1000): void => {
    try {
      webSocket.close(code)
    } catch {
      // A page may use 1000 and those from 3000 on.
      webSocket.close(code + 3000)
    }
  }
  const socket: BoundSocket = {
    close,
    end: () => (webSocket.terminate === undefined ? close() : webSocket.terminate()),
    isOpen: () => webSocket.readyState === open,
    closed,
    onClose: (run) => void closed.then(run),
    send: ({ envelope }: Parcel) =>
      new Promise((resolve, reject) => {
        if (webSocket.readyState !== open) return reject(unreachable(where, 'the connection is closed'))
        const waits = webSocket.bufferedAmount
        // One frame may always wait, however large.
        if (waits > 0 && waits + envelope.length > maxBufferedBytes) return reject(slow(where, waits))
        webSocket.send(envelope)
        onTraffic?.()
        for (const one of leaving) one.after += envelope.length
        if (webSocket.bufferedAmount === 0) return resolve()
        leaving.add({ after: 0, resolve, reject })
        if (!watching) watch(1)
      }),
  }
  // Nothing tells when octets leave, so that one looks, at once and then ever less often.
  const watch = (milliseconds: number): void => {
    watching = leaving.size > 0
    if (!watching) return
    setTimeout(() => {
      const waits = webSocket.readyState === open ? webSocket.bufferedAmount : Number.POSITIVE_INFINITY
      for (const one of leaving) {
        if (waits > one.after) continue
        leaving.delete(one)
        one.resolve()
      }
      watch(Math.min(milliseconds * 2, 50))
    }, milliseconds)
  }
  webSocket.addEventListener('close', ({ code = 1006 }) => {
    for (const one of leaving) one.reject(errorOfClose(code, where))
    leaving.clear()
    tellClosed(code)
  })
  takeFrames(webSocket, { transport, connection: 'lasting', socket }, close, options)
  return socket
}

const slow = (where: string, waits: number): DidcommError =>
  new DidcommError('ERR_DELIVERY_UNAVAILABLE', `${where} takes messages slower than they are sent: ${waits} octets wait`)

/** Why a frame did not leave, by the code that the connection was closed with. */
function errorOfClose(code: number, where: string): DidcommError {
  if (code === 1009) return new DidcommError('ERR_DELIVERY_TOO_LARGE', `${where} closed with 1009: a message is larger than it takes`)
  if (code === 1013) return new DidcommError('ERR_DELIVERY_UNAVAILABLE', `${where} closed with 1013: it cannot take messages now`)
  return unreachable(where, `the connection was closed with ${code} before the message left`)
}

function takeFrames(webSocket: WebSocketLike, via: Via, closeWith: (code: number) => void, options: BindOptions): void {
  const { receive, maxFrameBytes = defaultMaxBytes, maxPendingBytes = 32 * 1024 * 1024, onTraffic } = options
  let pending = 0
  let paused = false
  let refusing = false
  const close = (code: number): void => {
    refusing = true
    closeWith(code)
  }
  const stored = (octets: number, { taken }: Receipt): void => {
    pending -= octets
    if (!taken) close(1013)
    if (!paused || pending > maxPendingBytes / 2) return
    paused = false
    webSocket.resume?.()
  }
  // A page would get a Blob otherwise, which is read later and out of order.
  webSocket.binaryType = 'arraybuffer'
  webSocket.addEventListener('message', ({ data }) => {
    // What is still on its way after a refusal is not taken either, or one could send on for ever.
    if (refusing) return
    onTraffic?.()
    const envelope = data instanceof ArrayBuffer ? new Uint8Array(data) : data
    if (typeof envelope !== 'string' && !(envelope instanceof Uint8Array)) return close(1003)
    const octets = envelope.length
    if (octets > maxFrameBytes) return close(1009)
    // Some send empty frames so that a connection does not fall asleep.
    if (octets === 0) return
    pending += octets
    const take = receive()
    const taking = take === undefined ? Promise.resolve<Receipt>({ taken: false }) : take(envelope, via)
    taking.then(
      (receipt) => stored(octets, receipt),
      () => stored(octets, { taken: false }),
    )
    if (pending <= maxPendingBytes || paused) return
    if (webSocket.pause === undefined) return close(1013)
    paused = true
    webSocket.pause()
  })
}

/** Resolves when a WebSocket is open; rejects, and closes it, where that fails or the signal says so. */
export function untilOpen(webSocket: WebSocketLike, where: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason)
      webSocket.close()
    }
    const settle = (run: () => void): void => {
      signal.removeEventListener('abort', stop)
      run()
    }
    const fail = ({ error, code }: SocketEvent): void =>
      settle(() => reject(error ?? unreachable(where, code === undefined ? 'the connection failed' : `it was closed with ${code}`)))
    webSocket.addEventListener('error', fail)
    webSocket.addEventListener('close', fail)
    webSocket.addEventListener('open', () => settle(resolve))
    if (webSocket.readyState !== connecting) settle(resolve)
    else if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
}
