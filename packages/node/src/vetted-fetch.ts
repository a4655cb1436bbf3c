/**
 * A `fetch` for URLs that came from outside, such as those of did:web and of short invitations: the address is vetted when the
 * connection is made. It follows no redirect, since each has to be vetted by whoever follows it.
 *
 * @module
 */
import { Readable } from 'node:stream'
import { type EgressPolicy, type Fetch, vetUrl } from 'sealpost/egress'
import { begin, type Lookup } from './http-connection.ts'

export type VettedFetchOptions = {
  /** What may be called. HTTPS to public addresses where nothing is said. */
  readonly policy?: EgressPolicy
  /** Certificates to trust beside those of the system, in PEM. */
  readonly ca?: string
  readonly lookup?: Lookup
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
      request.once('response', (response) => {
        const answered = new Headers()
        for (const [name, value] of Object.entries(response.headers)) answered.set(name, String(value))
        const status = response.statusCode ?? 0
        const stream = Readable.toWeb(response) as ReadableStream<Uint8Array>
        // These have no body, and `Response` allows none.
        const empty = [101, 204, 205, 304].includes(status)
        if (empty) response.resume()
        if (status < 200) reject(new Error(`expected a final status, found ${status}`))
        else resolve(new Response(empty ? null : stream, { status, headers: answered }))
      })
      request.on('error', reject)
      request.end(body)
    })
}
