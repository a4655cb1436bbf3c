/**
 * Posts an envelope to one https URL, with its media type as content type and nothing beside it (TRN-02), and reads what the answer says.
 * It knows nothing of what is in the envelope, and does not try again.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 * @module
 */
import { type EgressPolicy, type Fetch, vetUrl } from '../egress.ts'
import { DidcommError } from '../errors.ts'
import { mediaTypeOf } from '../message/index.ts'
import { readBody } from './body.ts'
import { bounded, shown } from './settle.ts'

/** How an envelope is posted. */
export type PostOptions = {
  /** The media type of the message, such as that of a packed one. */
  readonly mediaType: string
  readonly fetch: Fetch
  /** What may be called: each URL is vetted, those of redirects too. */
  readonly policy: EgressPolicy
  /** The time for all of it, redirects and a reply included. */
  readonly timeoutSeconds: number
  readonly signal?: AbortSignal | undefined
  /** The octets of a message that may come back (RR-03); undefined where none was asked for, and then no body is read (HTTP-04). */
  readonly maxReplyBytes?: number | undefined
}

/** What became of a message that was taken. */
export type Posted = {
  readonly status: number
  /** Where it was taken, after redirects. */
  readonly url: string
  /** The message that came back. */
  readonly reply?: Uint8Array
}

const maxRedirects = 3

/**
 * Posts an envelope. Any 2xx is success (HTTP-03).
 *
 * A 307 is followed with method and body kept, at most three times, to URLs that are each vetted anew, and never from `https:` to
 * `http:`; no other redirect is followed (HTTP-05). Browsers do not show where a redirect leads: there, 307 is refused too.
 *
 * What a reply brings does not undo the delivery: one that breaks off, is too large or of another media type, is no reply.
 *
 * Exported from `sealpost/transport/http`.
 *
 * @throws {DidcommError} `ERR_DELIVERY_BLOCKED`, `ERR_DELIVERY_UNREACHABLE`, `ERR_DELIVERY_TIMEOUT`, and those of {@link errorOfStatus}
 * @example
 * ```ts
 * import { postEnvelope } from 'sealpost/transport/http'
 *
 * const fetch = async () => new Response(null, { status: 202 })
 * const options = { mediaType: 'application/didcomm-encrypted+json', fetch, policy: {}, timeoutSeconds: 30 }
 * console.log((await postEnvelope('{}', 'https://example.com/didcomm', options)).status) // 202
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 */
export async function postEnvelope(envelope: string | Uint8Array, uri: string, options: PostOptions): Promise<Posted> {
  const { policy, timeoutSeconds, signal } = options
  const url = vetUrl(uri, policy)
  const outcome: { taken?: Posted } = {}
  try {
    return await bounded({ where: shown(url), timeoutSeconds, signal }, (stop) => hop(envelope, url, options, { stop, outcome }, 0))
  } catch (error) {
    if (outcome.taken !== undefined) return outcome.taken
    throw error
  }
}

/** What all hops of one sending share: what ends them, and that it was taken, as soon as that is known. */
type Course = { readonly stop: AbortSignal; readonly outcome: { taken?: Posted } }

async function hop(envelope: string | Uint8Array, url: URL, options: PostOptions, course: Course, redirects: number): Promise<Posted> {
  const { mediaType, fetch, policy, maxReplyBytes } = options
  const response = await fetch(url.href, {
    method: 'POST',
    headers: { 'content-type': mediaType },
    body: envelope as string | Uint8Array<ArrayBuffer>,
    redirect: 'manual',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
    signal: course.stop,
  })
  const { status } = response
  if (status >= 200 && status < 300) {
    const taken = { status, url: url.href }
    course.outcome.taken = taken
    const reply = await replyIn(response, maxReplyBytes, course.stop)
    return reply === undefined ? taken : { ...taken, reply }
  }
  drop(response)
  if (response.type === 'opaqueredirect') throw refused(url, 'it redirected, and browsers do not show where to', 'HTTP-05')
  if (status !== 307) throw errorOfStatus(status, url, response.headers)
  if (redirects === maxRedirects) throw refused(url, `it redirected more than ${maxRedirects} times`, 'HTTP-05')
  return hop(envelope, nextHop(url, response.headers.get('location'), policy), options, course, redirects + 1)
}

const drop = ({ body }: Response): void => void body?.cancel().catch(() => undefined)

/** The message in an answer, where one was asked for and it is whole. */
async function replyIn(response: Response, maxBytes: number | undefined, signal: AbortSignal): Promise<Uint8Array | undefined> {
  if (maxBytes === undefined || mediaTypeOf(response.headers.get('content-type')) === undefined) {
    drop(response)
    return undefined
  }
  const reply = await readBody(response.body, maxBytes, signal).catch(() => undefined)
  return reply?.length === 0 ? undefined : reply
}

function nextHop(from: URL, location: string | null, policy: EgressPolicy): URL {
  if (location === null || !URL.canParse(location, from)) throw refused(from, 'it redirected without saying where to', 'HTTP-05')
  const to = new URL(location, from)
  if (from.protocol === 'https:' && to.protocol !== 'https:') {
    throw new DidcommError('ERR_DELIVERY_BLOCKED', `${shown(from)} redirected from https to ${to.protocol}: it was not followed`, {
      rule: 'HTTP-05',
    })
  }
  // Vetted as it was written where it is absolute, so that an address in disguise is seen.
  return vetUrl(URL.canParse(location) ? location : to.href, policy)
}

/**
 * The error for an answer that is no success: `ERR_DELIVERY_TOO_LARGE` for 413; `ERR_DELIVERY_UNAVAILABLE`, with `retryAfterSeconds` where
 * the answer says so, for 408, 425, 429 and 5xx, which pass; `ERR_DELIVERY_REFUSED` for the others.
 *
 * Exported from `sealpost/transport/http`.
 */
export function errorOfStatus(status: number, url: URL, headers: Headers): DidcommError {
  if (status === 413)
    return new DidcommError('ERR_DELIVERY_TOO_LARGE', `${shown(url)} answered 413: the message is larger than it takes`, { rule: 'TRN-03' })
  if (status >= 300 && status < 400) return refused(url, `it answered ${status}: only the redirect 307 is followed`, 'HTTP-05')
  if (status === 415) return refused(url, 'it answered 415: it does not take this media type', 'HTTP-02')
  // Too early, too much, not now: these pass.
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    return new DidcommError('ERR_DELIVERY_UNAVAILABLE', `${shown(url)} answered ${status}: it cannot take the message now`, {
      rule: 'FLO-01',
      retryAfterSeconds: retryAfterOf(headers),
    })
  }
  return refused(url, `it answered ${status}`, 'HTTP-03')
}

const refused = (url: URL, why: string, rule: string): DidcommError =>
  new DidcommError('ERR_DELIVERY_REFUSED', `${shown(url)} did not take the message: ${why}`, { rule })

const maxRetryAfterSeconds = 24 * 3600

/**
 * When the other side wants to be asked again, in seconds from now, a day at most; undefined where it does not say. A date is compared
 * with the other side's own clock where the answer has it, since the two clocks may differ.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 | RFC 9110, 10.2.3}
 */
export function retryAfterOf(headers: Headers): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,15}$/.test(value)) return Math.min(Number(value), maxRetryAfterSeconds)
  // Dates have the name of a day first; other texts, which some parsers take for dates, do not.
  const at = /^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)/.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(at)) return undefined
  const theirs = Date.parse(headers.get('date') ?? '')
  const seconds = Math.ceil((at - (Number.isNaN(theirs) ? Date.now() : theirs)) / 1000)
  return Math.min(Math.max(seconds, 0), maxRetryAfterSeconds)
}
