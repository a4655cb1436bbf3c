/**
 * A receiver on a port: HTTP or HTTPS, bounded in sockets and time. It knows nothing of messages.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { DidcommError } from 'sealpost/errors'
import type { Receiver } from './http-receiver.ts'
import { secureTls } from './tls.ts'

/** Takes over a connection that asks to become another one, such as a WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export type ListenOptions = {
  /** 0, or nothing: a free one. */
  readonly port?: number
  /** The address to listen on; 127.0.0.1, this machine alone, where nothing is said. */
  readonly host?: string
  /** A certificate and its key, in PEM, for HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** The time for the head of a request; 10 seconds where nothing is said. */
  readonly headTimeoutSeconds?: number
  /** The time for a whole request, head and body; 60 seconds where nothing is said. */
  readonly requestTimeoutSeconds?: number
  /** 1,024 where nothing is said. One more makes room by closing the one that has waited longest for its request. */
  readonly maxConnections?: number
  /** Gets connections that ask to become another one. They are no longer counted among those that wait; closing them is up to it. */
  readonly onUpgrade?: Upgrade
}

export type Listening = {
  /** Where it listens, such as `http://127.0.0.1:8080/`. */
  readonly url: string
  readonly port: number
  /** Takes no more, lets the requests that are under way end within `graceSeconds` (5 where nothing is said), and closes. */
  close(options?: { readonly graceSeconds?: number }): Promise<void>
}

// How long a refused body is read and dropped, so that its sender gets to read the answer.
const lingerMilliseconds = 1000

/**
 * Listens on a port and hands each request to the receiver.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where the port cannot be had.
 * @example
 * ```ts
 * import { createReceiver, listen } from '@sealpost/node'
 *
 * const server = await listen(createReceiver({ onMessage: (envelope) => console.log(envelope.length) }))
 * await server.close()
 * ```
 */
export async function listen(receiver: Receiver, options: ListenOptions = {}): Promise<Listening> {
  const { port = 0, host = '127.0.0.1', tls, headTimeoutSeconds = 10, requestTimeoutSeconds = 60, maxConnections = 1024 } = options
  const settings = {
    headersTimeout: headTimeoutSeconds * 1000,
    requestTimeout: requestTimeoutSeconds * 1000,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: 500,
    maxHeaderSize: 16 * 1024,
  }
  const serve = (request: IncomingMessage, response: ServerResponse): void =>
    void answer(receiver, request, response, () => server.listening)
  const server =
    tls === undefined
      ? createServer(settings, serve)
      : createTlsServer({ ...settings, ...secureTls, ...tls, handshakeTimeout: settings.headersTimeout }, serve)
  const settled = boundConnections(server, tls === undefined ? 'connection' : 'secureConnection', maxConnections)
  const { onUpgrade } = options
  if (onUpgrade !== undefined) {
    server.on('upgrade', (incoming, socket, head) => {
      settled(incoming.socket)
      onUpgrade(incoming, socket, head)
    })
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new DidcommError('ERR_USAGE_ARGUMENT', `cannot listen on ${host} port ${port}: ${cause.message}`, { cause }))
    })
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${shown}:${address.port}/`,
    port: address.port,
    async close({ graceSeconds = 5 } = {}) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000)
      await closed
      clearTimeout(timer)
    },
  }
}

async function answer(receiver: Receiver, incoming: IncomingMessage, response: ServerResponse, isListening: () => boolean): Promise<void> {
  let request: Request
  const body = bodyOf(incoming)
  try {
    request = toRequest(incoming, body.stream)
  } catch {
    // A request that `Request` cannot express, such as a target that is no URL.
    response.writeHead(400, { 'content-length': 0, connection: 'close' }).end()
    return
  }
  const { remoteAddress } = incoming.socket
  const answered = await receiver(request, remoteAddress === undefined ? {} : { remoteAddress })
    .then(async (given) => ({ status: given.status, headers: given.headers, content: new Uint8Array(await given.arrayBuffer()) }))
    .catch(() => ({ status: 500, headers: new Headers(), content: new Uint8Array(0) }))
  const { status, headers, content } = answered
  // Nobody waits on this connection for a next request once `close` was called.
  const last = isListening() ? {} : { connection: 'close' }
  response.writeHead(status, { ...Object.fromEntries(headers), ...last, 'content-length': content.length }).end(content)
  if (incoming.complete) return
  body.drop()
  setTimeout(() => incoming.complete || incoming.destroy(), lingerMilliseconds).unref()
}

function toRequest(incoming: IncomingMessage, body: ReadableStream<Uint8Array>): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  // The host is what the client says: no decision may rest on it, so that it is not even taken over.
  const url = new URL(incoming.url ?? '/', 'http://receiver.invalid')
  const method = incoming.method ?? 'GET'
  if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers })
  return new Request(url, { method, headers, body, duplex: 'half' } as RequestInit)
}

/** The body as a stream that can be dropped without closing the connection: the sender is to read why it was refused. */
function bodyOf(incoming: IncomingMessage): { stream: ReadableStream<Uint8Array>; drop: () => void } {
  let dropped = false
  const drop = (): void => {
    dropped = true
    incoming.resume()
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        incoming.on('data', (chunk: Uint8Array) => {
          if (dropped) return
          controller.enqueue(chunk)
          if ((controller.desiredSize ?? 0) <= 0) incoming.pause()
        })
        incoming.once('end', () => dropped || controller.close())
        incoming.once('error', (error) => dropped || controller.error(error))
      },
      pull: () => void incoming.resume(),
      cancel: drop,
    },
    { highWaterMark: 64 * 1024, size: (chunk) => chunk?.length ?? 0 },
  )
  return { stream, drop }
}

/**
 * T05: thousands of sockets that never finish a request must not keep the others out.
 *
 * @returns what to call with one that has made its request, and waits for no other
 */
function boundConnections(server: Server, event: 'connection' | 'secureConnection', maxConnections: number): (socket: Socket) => void {
  const waiting = new Set<Socket>()
  let open = 0
  // Those whose TLS handshake is not done are bounded too, by their number and by the time of a handshake.
  server.maxConnections = 2 * maxConnections
  server.on(event, (socket: Socket) => {
    if (++open > maxConnections) (waiting.values().next().value ?? socket).destroy()
    waiting.add(socket)
    socket.once('close', () => {
      open--
      waiting.delete(socket)
    })
  })
  server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
    const { socket } = incoming
    incoming.once('end', () => waiting.delete(socket))
    response.once('close', () => {
      if (!socket.destroyed) waiting.add(socket)
    })
  })
  return (socket) => void waiting.delete(socket)
}
