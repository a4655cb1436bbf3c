/**
 * The sending transports of an agent on Node: HTTP and WebSockets, to addresses that are vetted when the connection is made (T10). What
 * they do is the library's; here is only how Node connects.
 *
 * @module
 */
import type { EgressPolicy } from 'sealpost/egress'
import { defaultMaxBytes, type Transport } from 'sealpost/transport/handler'
import { errorOfStatus, type HttpTransportOptions, httpTransport } from 'sealpost/transport/http'
import {
  type WebSocketLike,
  type WebSocketTransport,
  type WebSocketTransportOptions,
  webSocketTransport,
} from 'sealpost/transport/websocket'
import { WebSocket } from 'ws'
import { defaultHeartbeatSeconds, keepAlive } from './heartbeat.ts'
import { guardedLookup, keepConnections, type Lookup, trusting } from './http-connection.ts'
import { vettedFetch } from './vetted-fetch.ts'

/** How Node connects. */
type NodeConnection = {
  /** Certificates to trust beside those of the system, in PEM. */
  readonly ca?: string
  /** Turns names into addresses, in place of the system. What it answers is vetted. */
  readonly lookup?: Lookup
}

export type NodeHttpOptions = Omit<HttpTransportOptions, 'fetch'> &
  NodeConnection & {
    /** How long a connection is kept for the next message to the same host; 4 seconds where nothing is said, less than servers wait. */
    readonly keepSeconds?: number
  }
export type NodeWebSocketOptions = Omit<WebSocketTransportOptions, 'open'> &
  NodeConnection & {
    /** After how long a silence the other side is asked whether it is there; 25 seconds where nothing is said. */
    readonly heartbeatSeconds?: number
  }

/**
 * Sends over HTTPS by Node's own client. It receives what comes back over its own connections alone; {@link listenTransport} receives the
 * rest.
 *
 * @example
 * ```ts
 * import { nodeHttpTransport } from '@sealpost/node'
 *
 * console.log(nodeHttpTransport({ timeoutSeconds: 10 }).schemes) // [ 'https' ]
 * ```
 */
export function nodeHttpTransport({ ca, lookup, keepSeconds = 4, ...options }: NodeHttpOptions = {}): Transport {
  const kept = keepConnections(keepSeconds)
  const fetch = vettedFetch({ policy: policyOf(options, ['https']), ca, lookup }, kept)
  return {
    ...httpTransport({ ...options, fetch }),
    async stop() {
      kept.http.destroy()
      kept.https.destroy()
    },
  }
}

/**
 * Sends over WebSockets, and receives what comes back over them. A connection whose other end is gone without a word is noticed by pings.
 *
 * @example
 * ```ts
 * import { nodeWebSocketTransport } from '@sealpost/node'
 *
 * const transport = nodeWebSocketTransport({ heartbeatSeconds: 15 })
 * console.log(transport.schemes) // [ 'wss' ]
 * ```
 */
export function nodeWebSocketTransport(options: NodeWebSocketOptions = {}): WebSocketTransport {
  const { ca, lookup, heartbeatSeconds = defaultHeartbeatSeconds, maxFrameBytes = defaultMaxBytes } = options
  const policy = policyOf(options, ['wss'])
  const open = (url: string): WebSocketLike => {
    const webSocket = new WebSocket(url, {
      // T06: a small frame could be made to unpack to a large one.
      perMessageDeflate: false,
      maxPayload: maxFrameBytes,
      followRedirects: false,
      lookup: guardedLookup({ policy, lookup }),
      // WS-04: TLS as over HTTP.
      ...trusting(ca),
    })
    webSocket.once('open', () => keepAlive(webSocket, heartbeatSeconds))
    webSocket.once('unexpected-response', (_, { statusCode = 0, headers }) => {
      const answered = new Headers()
      for (const name of ['retry-after', 'date'] as const) if (headers[name] !== undefined) answered.set(name, headers[name])
      webSocket.emit('error', errorOfStatus(statusCode, new URL(url), answered))
      webSocket.terminate()
    })
    // Errors after the opening are told by the end of the connection.
    webSocket.on('error', () => undefined)
    return webSocket as unknown as WebSocketLike
  }
  return webSocketTransport({ ...options, maxFrameBytes, open })
}

const policyOf = ({ schemes, allowLoopback, allowPrivate, ports = 'any' }: EgressPolicy, usual: readonly string[]): EgressPolicy => ({
  schemes: schemes ?? usual,
  ports,
  ...(allowLoopback !== undefined && { allowLoopback }),
  ...(allowPrivate !== undefined && { allowPrivate }),
})
