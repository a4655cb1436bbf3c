/**
 * Sends a message over HTTPS to one endpoint: an https URL, to which the message is posted with its media type as content type, and nothing
 * beside it (TRN-02). It knows nothing of what is in the message, and does not try again.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 * @module
 */
import { encodeUtf8 } from 'sealpost/bytes'
import { type EgressPolicy, vetUrl } from 'sealpost/egress'
import { DidcommError, isDidcommError } from 'sealpost/errors'
import { type Answer, type ConnectionOptions, type Lookup, post } from './http-connection.ts'

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
  readonly fetch?: typeof globalThis.fetch
}

/** What became of a message that was taken. */
export type Sent = { readonly status: number /** Where it was taken, after redirects. */; readonly url: string }

const maxRedirects = 3

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
  const body = typeof envelope === 'string' ? encodeUtf8(envelope) : envelope
  const late = AbortSignal.timeout(Math.ceil(timeoutSeconds * 1000))
  const stop = signal === undefined ? late : AbortSignal.any([late, signal])
  const connection = { signal: stop, policy, ca: options.ca, lookup: options.lookup }

  let url = vetUrl(uri, policy)
  for (let redirects = 0; ; redirects++) {
    let answer: Answer
    try {
      answer = await exchange(url, body, { 'content-type': mediaType }, connection, options.fetch)
    } catch (cause) {
      if (isDidcommError(cause)) throw cause
      if (late.aborted)
        throw new DidcommError('ERR_DELIVERY_TIMEOUT', `no answer from ${show(url)} within ${timeoutSeconds} seconds`, { cause })
      const why = signal?.aborted === true ? 'the sending was given up' : reasonOf(cause)
      throw new DidcommError('ERR_DELIVERY_UNREACHABLE', `no answer from ${show(url)}: ${why}`, { cause })
    }
    // HTTP-03: every 2xx is success.
    if (answer.status >= 200 && answer.status < 300) return { status: answer.status, url: url.href }
    if (answer.status !== 307) throw refusal(answer.status, url)
    if (redirects === maxRedirects) throw refused(url, `it redirected more than ${maxRedirects} times`, 'HTTP-05')
    url = nextHop(url, answer.location, policy)
  }
}

async function exchange(
  url: URL,
  body: Uint8Array,
  headers: Record<string, string>,
  connection: ConnectionOptions,
  fetch: SendOptions['fetch'],
): Promise<Answer> {
  if (fetch === undefined) return post(url, body, headers, connection)
  const response = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body), redirect: 'manual', signal: connection.signal })
  await response.body?.cancel()
  return { status: response.status, location: response.headers.get('location') ?? undefined }
}

function nextHop(from: URL, location: string | undefined, policy: EgressPolicy): URL {
  if (location === undefined || !URL.canParse(location, from)) throw refused(from, 'it redirected without saying where to', 'HTTP-05')
  const to = new URL(location, from)
  if (from.protocol === 'https:' && to.protocol !== 'https:') {
    throw new DidcommError('ERR_DELIVERY_BLOCKED', `${show(from)} redirected from https to ${to.protocol}: it was not followed`, {
      rule: 'HTTP-05',
    })
  }
  // Vetted as it was written where it is absolute, so that an address in disguise is seen.
  return vetUrl(URL.canParse(location) ? location : to.href, policy)
}

function refusal(status: number, url: URL): DidcommError {
  if (status === 413)
    return new DidcommError('ERR_DELIVERY_TOO_LARGE', `${show(url)} answered 413: the message is larger than it takes`, { rule: 'TRN-03' })
  if (status >= 300 && status < 400) return refused(url, `it answered ${status}: only the redirect 307 is followed`, 'HTTP-05')
  if (status === 415) return refused(url, 'it answered 415: it does not take this media type', 'HTTP-02')
  // Too early, too much, not now: these pass.
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    return new DidcommError('ERR_DELIVERY_UNAVAILABLE', `${show(url)} answered ${status}: it cannot take the message now`, {
      rule: 'FLO-01',
    })
  }
  return refused(url, `it answered ${status}`, 'HTTP-03')
}

const refused = (url: URL, why: string, rule: string): DidcommError =>
  new DidcommError('ERR_DELIVERY_REFUSED', `${show(url)} did not take the message: ${why}`, { rule })

/** A URL for an error message: its query may hold secrets. */
const show = (url: URL): string => url.origin + url.pathname

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : 'the connection failed'
}
