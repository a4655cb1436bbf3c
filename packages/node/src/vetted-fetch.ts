/**
 * A `fetch` for URLs that came from outside, such as those of did:web and of short invitations: the address is vetted when the
 * connection is made. It follows no redirect, since each has to be vetted by whoever follows it.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { type EgressPolicy, type Fetch, vetUrl } from 'sealpost/egress'
import { begin, type Lookup } from './http-connection.ts'

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
export function createVettedFetch({ policy = {}, ca, lookup }: VettedFetchOptions = {}): Fetch {
  return (text, { method = 'GET', headers = {}, body, signal }) =>
    new Promise((resolve, reject) => {
      const url = vetUrl(text, policy)
      const never = new AbortController().signal
      const request = begin(url, method, Object.fromEntries(new Headers(headers)), { signal: signal ?? never, policy, ca, lookup })
      request.once('response', (incoming) => {
        let response: Response
        try {
          response = toResponse(incoming)
        } catch (cause) {
          incoming.destroy()
          return reject(cause)
        }
        // A server may answer before it has read all; what was accepted must still be sent whole.
        if (response.ok && !request.writableFinished) request.once('finish', () => resolve(response))
        else resolve(response)
      })
      // It stays: an answer may come before the connection breaks, and then it counts.
      request.on('error', reject)
      request.end(body)
    })
}

/** Throws where `Response` cannot express what a server answered, such as a status of 999. */
function toResponse(incoming: IncomingMessage): Response {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  const status = incoming.statusCode ?? 0
  // These have no body, and `Response` allows none.
  if (![101, 204, 205, 304].includes(status))
    return new Response(Readable.toWeb(incoming) as ReadableStream<Uint8Array>, { status, headers })
  incoming.resume()
  return new Response(null, { status, headers })
}
