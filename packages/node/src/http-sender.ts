/**
 * Sends a message over HTTPS to one endpoint, by Node's own client, for whoever has no agent. The rules are the library's.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 * @module
 */
import type { EgressPolicy, Fetch } from 'sealpost/egress'
import { postEnvelope } from 'sealpost/transport/http'
import type { Lookup } from './http-connection.ts'
import { createVettedFetch } from './vetted-fetch.ts'

export type SendOptions = {
  /** The media type of the message, such as that of a packed one. */
  readonly mediaType: string
  /** Takes `http:` too; false where nothing is said. */
  readonly allowHttp?: boolean
  /** Takes this machine's own addresses; false where nothing is said. */
  readonly allowLoopback?: boolean
  /** Takes addresses of private networks; false where nothing is said. */
  readonly allowPrivate?: boolean
  /** The ports that may be called beside the default one; any where nothing is said, since TLS fails where something else listens. */
  readonly ports?: readonly number[] | 'any'
  /** The time for all of it, redirects included; 30 seconds where nothing is said. */
  readonly timeoutSeconds?: number
  readonly signal?: AbortSignal
  /** Certificates to trust beside those of the system, in PEM. */
  readonly ca?: string
  /** Turns names into addresses, in place of the system. What it answers is vetted. */
  readonly lookup?: Lookup
  /** Sends by this function in place of Node's own client. The address is then not vetted when it connects: only the URL is. */
  readonly fetch?: Fetch
}

/** What became of a message that was taken. */
export type Sent = { readonly status: number /** Where it was taken, after redirects. */; readonly url: string }

/**
 * Posts a message to an endpoint. Any 2xx is success (HTTP-03).
 *
 * A 307 is followed with method and body kept, at most three times, to URLs that are each vetted anew, and never from `https:` to
 * `http:`; no other redirect is followed (HTTP-05). Whether to try again is told by `retryable` of the error.
 *
 * @throws {DidcommError} `ERR_DELIVERY_BLOCKED`, `ERR_DELIVERY_UNREACHABLE`, `ERR_DELIVERY_TIMEOUT`, `ERR_DELIVERY_REFUSED`,
 * `ERR_DELIVERY_TOO_LARGE` or `ERR_DELIVERY_UNAVAILABLE`.
 * @example
 * ```ts
 * import { createReceiver, listen, send } from '@sealpost/node'
 *
 * const server = await listen(createReceiver({ onMessage: () => undefined }))
 * const mediaType = 'application/didcomm-encrypted+json'
 * const { status } = await send('{}', server.url, { mediaType, allowHttp: true, allowLoopback: true })
 * console.log(status)
 * await server.close()
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 */
export async function send(envelope: string | Uint8Array, uri: string, options: SendOptions): Promise<Sent> {
  const { mediaType, timeoutSeconds = 30, signal, allowHttp = false, allowLoopback = false, allowPrivate = false, ports = 'any' } = options
  const policy: EgressPolicy = { schemes: allowHttp ? ['https', 'http'] : ['https'], allowLoopback, allowPrivate, ports }
  const fetch = options.fetch ?? createVettedFetch({ policy, ca: options.ca, lookup: options.lookup })
  const { status, url } = await postEnvelope(envelope, uri, { mediaType, fetch, policy, timeoutSeconds, signal })
  return { status, url }
}
