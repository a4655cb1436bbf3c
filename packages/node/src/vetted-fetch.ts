/**
 * A `fetch` for URLs that came from outside, such as those of did:web and of short invitations: the address is vetted when the
 * connection is made. It follows no redirect, since each has to be vetted by whoever follows it.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { type EgressPolicy, type Fetch, vetUrl } from 'sealpost/egress'
import { begin, type KeptConnections, type Lookup } from './http-connection.ts'

export type VettedFetchOptions = {
  /** What may be called. HTTPS to public addresses where nothing is said. */
  readonly policy?: EgressPolicy
  /** Certificates to trust beside those of the system, in PEM. */
  readonly ca?: string | undefined
  readonly lookup?: Lookup | undefined
}

/**
 * Makes the function. Its caller bounds time, by a signal, and octets, by how much of the body is read.
 *
 * @example
 * ```ts
 * import { createVettedFetch } from '@sealpost/node'
 * import { createResolver, web } from 'sealpost/did'
 *
 * const resolver = createResolver([web({ fetch: createVettedFetch() })])
 * ```
 */
export const createVettedFetch = (options: VettedFetchOptions = {}): Fetch => vettedFetch(options)

/** The same, with connections that are kept for the next request. */
export function vettedFetch({ policy = {}, ca, lookup }: VettedFetchOptions, kept?: KeptConnections): Fetch {
  const exchange = (text: string, init: RequestInit, reuse: boolean): Promise<Response> =>
    new Promise((resolve, reject) => {
      const { method = 'GET', headers = {}, body, signal } = init
      const url = vetUrl(text, policy)
      const options = { signal: signal ?? new AbortController().signal, policy, ca, lookup, kept: reuse ? kept : undefined }
      const request = begin(url, method, Object.fromEntries(new Headers(headers)), options)
      let answered = false
      request.once('response', (incoming) => {
        answered = true
        let response: Response
        try {
          response = toResponse(incoming)
        } catch (cause) {
          incoming.destroy()
          return reject(cause)
        }
        // A server may answer before it has read all; what was accepted must still be sent whole.
        const give = (): void => {
          if (response.ok && !request.writableFinished) request.once('finish', () => resolve(response))
          else resolve(response)
        }
        // What has no body is over at once, and its connection free for the next request.
        if (response.body === null) incoming.once('end', give).resume()
        else give()
      })
      // It stays: an answer may come before the connection breaks, and then it counts.
      request.on('error', (error) => {
        // A server may close a connection that was kept in the moment in which it is used again.
        if (request.reusedSocket && !answered && signal?.aborted !== true) resolve(exchange(text, init, false))
        else reject(error)
      })
      request.end(body)
    })
  return (text, init) => exchange(text, init, kept !== undefined)
}

/** Throws where `Response` cannot express what a server answered, such as a status of 999. */
function toResponse(incoming: IncomingMessage): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  const status = incoming.statusCode ?? 0
  // These have no body, and `Response` allows none.
  const isEmpty = [101, 204, 205, 304].includes(status) || incoming.headers['content-length'] === '0'
  return new Response(isEmpty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>), { status, headers })
}
