/**
 * WebSockets for an agent, over the WebSocket of any runtime: one for each endpoint, opened when there is something to send, and kept for
 * a while or for as long as the agent wants. It holds no sockets of others: servers bind theirs by {@link bindSocket}.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#websockets | v2.1, WebSockets}
 * @module
 */
import type { Receive, Transport } from '../agent/ports.ts'
import { type EgressPolicy, vetUrl } from '../egress.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { type ConnectOptions, type KeptConnection, keepOpen } from './kept-connection.ts'
import { bounded, shown } from './settle.ts'
import type { SocketLimits, WebSocketLike } from './socket.ts'
import { socketPool } from './socket-pool.ts'

export type { ConnectOptions, KeptConnection } from './kept-connection.ts'
export { type BindOptions, type BoundSocket, bindSocket, type SocketEvent, type SocketLimits, type WebSocketLike } from './socket.ts'

/** How sockets are opened and kept. `schemes` is `wss` alone, and `ports` any, where nothing is said. */
export type WebSocketTransportOptions = EgressPolicy &
  SocketLimits & {
    /** Begins a connection to a URL that was vetted; the runtime's own `WebSocket` where nothing is said, which vets no addresses (T10). */
    readonly open?: (url: string) => WebSocketLike
    /** The time for one sending, the opening of a connection included; 30 seconds where nothing is said. */
    readonly timeoutSeconds?: number
    /** How long a connection is kept over which nothing goes; 60 seconds where nothing is said. */
    readonly idleSeconds?: number
    /** The connections that are open at a time; 64 where nothing is said. For one more, the one that was silent for longest is closed. */
    readonly maxSockets?: number
    /** Uniform in [0, 1), for the time between attempts. */
    readonly random?: () => number
  }

export type WebSocketTransport = Transport & {
  /**
   * Opens a connection and keeps it, for what the other side has to say. Attempts that fail are 0 to 1 seconds apart, then 0 to 2, 0 to 4
   * and so on to 5 minutes, by chance, so that clients do not come back all at once (T08).
   *
   * @throws {DidcommError} `ERR_DELIVERY_BLOCKED` for a URL that is not allowed
   */
  connect(uri: string, options?: ConnectOptions): KeptConnection
}

const name = 'websocket'

/**
 * Makes the transport. What comes over its connections goes to the agent, with the way to answer over the same one.
 *
 * `send` resolves when the message has left for the network: see {@link bindSocket} for what that says and what not.
 *
 * Exported from `sealpost/transport/websocket`.
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_RUNTIME` where there is no `WebSocket` and no `open`, as on Node before 22
 * @example
 * ```ts
 * import { webSocketTransport } from 'sealpost/transport/websocket'
 *
 * const transport = webSocketTransport({ idleSeconds: 120 })
 * console.log(transport.name, transport.schemes) // websocket [ 'wss' ]
 * await transport.stop?.()
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#websockets | v2.1, WebSockets}
 */
export function webSocketTransport(options: WebSocketTransportOptions = {}): WebSocketTransport {
  const { schemes = ['wss'], timeoutSeconds = 30, random = Math.random } = options
  const policy: EgressPolicy = { ports: 'any', ...options, schemes }
  const kept = new Set<KeptConnection>()
  let receive: Receive | undefined
  const pool = socketPool({
    ...options,
    transport: name,
    open: options.open ?? runtimeOpen(),
    timeoutSeconds,
    receive: () => receive,
  })
  return {
    name,
    schemes,
    confirms: false,
    async send(parcel, { uri }, { signal }) {
      const url = vetUrl(uri, policy)
      const where = shown(url)
      await bounded({ where, timeoutSeconds, signal }, async (stop) => {
        const socket = await pool.get(url)
        if (stop.aborted) return
        // Where the frame does not leave in time, the other side may be gone without a word: the next one gets a new connection.
        const stuck = (): void => void (isDidcommError(stop.reason, 'ERR_DELIVERY_TIMEOUT') && pool.drop(url, socket))
        stop.addEventListener('abort', stuck, { once: true })
        await socket.send(parcel).finally(() => stop.removeEventListener('abort', stuck))
      })
      return {}
    },
    async start(agent) {
      receive = agent
    },
    async stop() {
      for (const connection of kept) connection.close()
      await pool.stop()
      receive = undefined
    },
    connect(uri, wishes = {}) {
      const connection = keepOpen(pool, vetUrl(uri, policy), wishes, random)
      kept.add(connection)
      connection.closed.then(() => kept.delete(connection))
      return connection
    },
  }
}

function runtimeOpen(): (url: string) => WebSocketLike {
  if (typeof WebSocket !== 'undefined') return (url) => new WebSocket(url)
  throw new DidcommError('ERR_UNSUPPORTED_RUNTIME', 'expected a runtime with WebSocket, or `open` to begin a connection, found neither')
}
