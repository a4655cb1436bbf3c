/**
 * The receiving transport of an agent on Node: one port for HTTP and WebSockets. It knows nothing of what is in a message.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { DidcommError } from 'sealpost/errors'
import { createHandler, defaultMaxBytes, type PostRules, type Receive, type Transport } from 'sealpost/transport/handler'
import { type BoundSocket, bindSocket, type SocketLimits, type WebSocketLike } from 'sealpost/transport/websocket'
import { type WebSocket, WebSocketServer } from 'ws'
import { defaultHeartbeatSeconds, keepAlive } from './heartbeat.ts'
import { type Listening, type ListenOptions, listen } from './http-server.ts'

export type ListenTransportOptions = Omit<ListenOptions, 'onUpgrade'> &
  PostRules &
  SocketLimits & {
    /** The path that messages are taken at, such as `/didcomm`; any where nothing is said. */
    readonly path?: string
    /** The WebSockets that are open at a time; 1,024 where nothing is said, and one more is refused with 503. 0 for HTTP alone. */
    readonly maxSockets?: number
    /** After how long a silence the other end of a WebSocket is asked whether it is there; 25 seconds where nothing is said. */
    readonly heartbeatSeconds?: number
    /** How long `stop` waits for what is under way; 5 seconds where nothing is said. */
    readonly graceSeconds?: number
  }

/** A transport that receives. */
export type ListenTransport = Transport & {
  /**
   * Where it listens, such as `http://127.0.0.1:8080/didcomm`; peers may know it by another name.
   *
   * @throws {DidcommError} `ERR_USAGE_CLOSED` while it is not started
   */
  readonly url: string
  /** The same for WebSockets, such as `ws://127.0.0.1:8080/didcomm`. */
  readonly webSocketUrl: string
}

/**
 * Makes a transport that receives on one port, by HTTP and over WebSockets, once an agent starts it. It sends nothing but what goes back
 * over the connections of others.
 *
 * Messages are bounded by `maxBytes` over HTTP and `maxFrameBytes` over WebSockets, which are not compressed (T06); connections by number and
 * time (T05).
 *
 * @throws {DidcommError} `start` throws `ERR_USAGE_ARGUMENT` where the port cannot be had
 * @example
 * ```ts
 * import { listenTransport } from '@sealpost/node'
 *
 * const transport = listenTransport({ port: 0, path: '/didcomm' })
 * await transport.start?.(async () => ({ taken: true })) // an agent does this
 * console.log(transport.url, transport.webSocketUrl)
 * await transport.stop?.()
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#transports | v2.1, Transports}
 */
export function listenTransport(options: ListenTransportOptions = {}): ListenTransport {
  const { path, maxSockets = 1024, graceSeconds = 5 } = options
  const { maxConnections = maxSockets + 1024 } = options
  const { transport, handle } = createHandler(options)
  const sockets = socketServer(options, maxSockets)
  let listening: Listening | undefined
  const at = (url: string): string => new URL(path ?? '/', url).href
  const url = (): string => {
    if (listening === undefined) throw new DidcommError('ERR_USAGE_CLOSED', 'expected a transport that was started, which listens at a URL')
    return at(listening.url)
  }
  return {
    ...transport,
    async start(receive) {
      await transport.start?.(receive)
      const answer = async (request: Request): Promise<Response> =>
        path === undefined || new URL(request.url).pathname === path ? handle(request) : new Response(null, { status: 404 })
      const onUpgrade = (incoming: IncomingMessage, socket: Duplex, head: Buffer): void => {
        const isHere = path === undefined || incoming.url?.split('?', 1)[0] === path
        const refusal = !isHere ? '404 Not Found' : listening === undefined || sockets.isFull() ? busy : undefined
        if (refusal === undefined) sockets.take(incoming, socket, head, receive)
        else socket.on('error', () => undefined).end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      }
      listening = await listen(answer, { ...options, maxConnections, onUpgrade })
    },
    async stop() {
      const was = listening
      listening = undefined
      await Promise.all([was?.close({ graceSeconds }), sockets.stop(graceSeconds)])
      await transport.stop?.()
    },
    get url() {
      return url()
    },
    get webSocketUrl() {
      return url().replace(/^http/, 'ws')
    },
  }
}

const busy = '503 Service Unavailable\r\nRetry-After: 30'

type SocketServer = {
  readonly isFull: () => boolean
  take(incoming: IncomingMessage, socket: Duplex, head: Buffer, receive: Receive): void
  stop(graceSeconds: number): Promise<void>
}

function socketServer(options: ListenTransportOptions, maxSockets: number): SocketServer {
  const { heartbeatSeconds = defaultHeartbeatSeconds, maxFrameBytes = defaultMaxBytes } = options
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: maxFrameBytes })
  const open = new Set<BoundSocket>()
  const bind = (webSocket: WebSocket, where: string, receive: Receive): void => {
    // What breaks the protocol closes the connection, and that is all there is to do about it.
    webSocket.on('error', () => undefined)
    keepAlive(webSocket, heartbeatSeconds)
    const bound = bindSocket(webSocket as unknown as WebSocketLike, {
      ...options,
      maxFrameBytes,
      transport: 'websocket',
      where,
      receive: () => receive,
    })
    open.add(bound)
    bound.onClose(() => open.delete(bound))
  }
  return {
    isFull: () => open.size >= maxSockets,
    take(incoming, socket, head, receive) {
      const where = `the client at ${incoming.socket.remoteAddress ?? 'an unknown address'}`
      server.handleUpgrade(incoming, socket, head, (webSocket) => bind(webSocket, where, receive))
    },
    async stop(graceSeconds) {
      for (const socket of open) socket.close(1001)
      const timer = setTimeout(() => {
        for (const socket of open) socket.end()
      }, graceSeconds * 1000)
      await Promise.all([...open].map(({ closed }) => closed))
      clearTimeout(timer)
    },
  }
}
