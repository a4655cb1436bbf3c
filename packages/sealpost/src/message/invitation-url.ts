/**
 * Invitations as URLs, for QR codes and links: written, read, and fetched where the URL is the short form.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#standard-message-encoding | v2.1, Standard Message Encoding}
 * @module
 */
import { decodeBase64Tolerant, encodeBase64url } from '../bytes/base64url.ts'
import { isObject, parseJsonBytes } from '../bytes/json.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type EgressPolicy, type Fetch, guardedFetch } from '../egress.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { formatOf } from './media-types.ts'
import { checkInvitation, type Invitation } from './out-of-band.ts'
import { quote } from './wording.ts'

/**
 * What a URL holds: an invitation; a signed one, whose signature and signer somebody above must check against its `from` (OOB-16); or
 * the id under which it is to be fetched (OOB-11).
 */
export type InvitationReference =
  | { readonly form: 'plain'; readonly invitation: Invitation }
  | { readonly form: 'signed'; readonly jws: Readonly<Record<string, unknown>> }
  | { readonly form: 'short'; readonly url: string; readonly oobid: string }

/** What fetching an invitation needs from outside, and its bounds. */
export type FetchInvitationOptions = {
  readonly fetch: Fetch
  /** Which addresses may be called. HTTPS to public ones by default. */
  readonly policy?: EgressPolicy
  /** The most octets that are read. 1 MiB by default. */
  readonly maxBytes?: number
  /** For each of the few requests. 15 by default. */
  readonly timeoutSeconds?: number
  readonly signal?: AbortSignal
}

/** The longest URL of an invitation that is read, in characters. */
export const maxInvitationUrlLength: number = 1024 * 1024

const defaultMaxBytes = 1024 * 1024
const defaultTimeoutSeconds = 15
const maxRedirects = 3
const oobidSyntax = /^[A-Za-z0-9._~-]{1,128}$/

/**
 * Writes the URL of an invitation: its JSON without white space, as base64url without padding, in the parameter `_oob` (OOB-07, OOB-08).
 * A QR code holds this URL (OOB-10). The page behind it should tell people what to do (OOB-09).
 *
 * @param base - an http(s) URL or an app link, with a path and parameters of its own if need be
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where the base is no such URL; `ERR_MALFORMED_INVITATION`.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#standard-message-encoding | v2.1, Standard Message Encoding}
 */
export const invitationUrl = (base: string, invitation: Invitation): string =>
  withParameter(base, '_oob', encodeBase64url(encodeUtf8(JSON.stringify(checkInvitation(invitation)))))

/**
 * Writes the short URL of an invitation, which the server at `base` gives out under this id (OOB-11). Shorteners of others would learn
 * who talks to whom (OOB-12).
 *
 * @param oobid - hard to guess, such as a UUID
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT`
 */
export function shortInvitationUrl(base: string, oobid: string): string {
  if (!oobidSyntax.test(oobid))
    throw new DidcommError('ERR_USAGE_ARGUMENT', `expected an id for the short URL, found ${quote(oobid)}`, { rule: 'OOB-11' })
  return withParameter(base, '_oobid', oobid)
}

/**
 * Reads the URL of an invitation. Nothing is fetched.
 *
 * @throws {DidcommError} `ERR_MALFORMED_INVITATION` where it is no URL, has no or several of the parameters `_oob` and `_oobid` (O05), or holds
 * something else; `ERR_MALFORMED_LIMIT` where it is too long or too deep (O03).
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#standard-message-encoding | v2.1, Standard Message Encoding}
 */
export function parseInvitationUrl(url: string): InvitationReference {
  if (url.length > maxInvitationUrlLength) {
    throw new DidcommError('ERR_MALFORMED_LIMIT', `expected a URL of at most ${maxInvitationUrlLength} characters, found ${url.length}`, {
      rule: 'JOSE-05',
    })
  }
  const text = url.trim()
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) throw malformed('OOB-07', 'expected the URL of an invitation, found no URL')
  const { oob, oobid } = parametersOf(text)
  // O05: which one would count? Two readers could take two.
  if (oob.length + oobid.length !== 1) {
    throw malformed('OOB-07', `expected one parameter \`_oob\` or \`_oobid\`, found ${oob.length} and ${oobid.length}`)
  }
  const [id] = oobid
  if (id === undefined) return readInvitation(decode(oob[0] ?? ''))
  if (!oobidSyntax.test(id)) throw malformed('OOB-11', `expected \`_oobid\` to be an id, found ${quote(id)}`)
  return { form: 'short', url: text, oobid: id }
}

/**
 * Fetches the invitation behind a short URL: from a redirect to the full URL, which is not called, or from a JSON body (OOB-11, D-12).
 *
 * @throws {DidcommError} `ERR_MALFORMED_INVITATION`, `ERR_UNSUPPORTED_MEDIA_TYPE`, `ERR_DELIVERY_BLOCKED` for addresses that remote data must not make us
 * call (O04), and the other `ERR_DELIVERY_…`.
 */
export async function fetchInvitation(
  url: string,
  options: FetchInvitationOptions,
): Promise<Exclude<InvitationReference, { readonly form: 'short' }>> {
  const reference = parseInvitationUrl(url)
  if (reference.form !== 'short') return reference
  let target = reference.url
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const { status, headers, bytes } = await guardedFetch(target, {
      fetch: options.fetch,
      maxBytes: options.maxBytes ?? defaultMaxBytes,
      timeoutSeconds: options.timeoutSeconds ?? defaultTimeoutSeconds,
      redirect: 'return',
      accept: 'application/didcomm-plain+json, application/didcomm-signed+json, application/json',
      ...(options.policy === undefined ? {} : { policy: options.policy }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    const location = headers.get('location')
    if (status < 300 || status >= 400 || location === null) return readBody(status, headers.get('content-type'), bytes)
    target = absoluteUrl(location, target)
    // The full URL holds the invitation itself; calling it would tell its owner who reads, and fetch a page for people.
    if (parametersOf(target).oob.length > 0) {
      const full = parseInvitationUrl(target)
      if (full.form !== 'short') return full
    }
  }
  throw new DidcommError('ERR_DELIVERY_BLOCKED', `expected an invitation after at most ${maxRedirects} redirects, found another`, {
    rule: 'OOB-11',
  })
}

const malformed = (rule: string, message: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_INVITATION', message, { rule, cause })

function withParameter(base: string, name: string, value: string): string {
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(base)?.[0].toLowerCase()
  // OOB-13: `didcomm:` is in use for something else.
  if (scheme === undefined || scheme === 'didcomm:' || scheme === 'javascript:' || scheme === 'data:' || !URL.canParse(base)) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', `expected an https URL or an app link to build on, found ${quote(base)}`, {
      rule: 'OOB-07',
    })
  }
  const { oob, oobid } = parametersOf(base)
  if (oob.length + oobid.length > 0) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected a URL without `_oob` and `_oobid` to build on, found one that has them', {
      rule: 'OOB-07',
    })
  }
  const hash = base.indexOf('#')
  const start = hash < 0 ? base : base.slice(0, hash)
  const mark = start.includes('?') ? (/[?&]$/.test(start) ? '' : '&') : '?'
  return `${start}${mark}${name}=${value}${hash < 0 ? '' : base.slice(hash)}`
}

/** The parameters that count, as they were written: `URLSearchParams` would turn the plus of base64 into a space. */
function parametersOf(url: string): { readonly oob: readonly string[]; readonly oobid: readonly string[] } {
  const hash = url.indexOf('#')
  const start = hash < 0 ? url : url.slice(0, hash)
  const mark = start.indexOf('?')
  const oob: string[] = []
  const oobid: string[] = []
  if (mark < 0) return { oob, oobid }
  for (const part of start.slice(mark + 1).split('&')) {
    const end = part.indexOf('=')
    const name = unescaped(end < 0 ? part : part.slice(0, end))
    const value = end < 0 ? '' : part.slice(end + 1)
    if (name === '_oob') oob.push(unescaped(value))
    if (name === '_oobid') oobid.push(unescaped(value))
  }
  return { oob, oobid }
}

function unescaped(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function decode(text: string): unknown {
  return reading('expected `_oob` to hold JSON in base64url', () => {
    // A link that was wrapped by an e-mail program has line breaks in it (OOB-08).
    return parseJsonBytes(decodeBase64Tolerant(text.replace(/[\t\n\r ]+/g, '')))
  })
}

function readBody(status: number, contentType: string | null, bytes: Uint8Array): Exclude<InvitationReference, { readonly form: 'short' }> {
  if (status < 200 || status >= 300) {
    throw new DidcommError('ERR_DELIVERY_REFUSED', `expected an invitation, found HTTP status ${status}`, { rule: 'OOB-11' })
  }
  const format = formatOf(contentType ?? '')
  const isJson = /^application\/json(?:;|$)/i.test(contentType ?? '')
  if (format !== 'plaintext' && format !== 'signed' && !isJson) {
    throw new DidcommError(
      'ERR_UNSUPPORTED_MEDIA_TYPE',
      `expected an invitation as application/didcomm-plain+json, found ${quote(contentType)}`,
      {
        rule: 'OOB-11',
      },
    )
  }
  return readInvitation(reading('expected an invitation in JSON', () => parseJsonBytes(bytes)))
}

function readInvitation(value: unknown): Exclude<InvitationReference, { readonly form: 'short' }> {
  // MED-09, MED-10: the format shows in the members.
  if (isObject(value) && value.payload !== undefined && value.ciphertext === undefined) return { form: 'signed', jws: value }
  return { form: 'plain', invitation: checkInvitation(value) }
}

function absoluteUrl(location: string, base: string): string {
  // As it was written, where it is absolute, so that the guard sees a disguise.
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(location)) return location
  if (!URL.canParse(location, base)) throw malformed('OOB-11', 'expected a redirect to a URL, found another text')
  return new URL(location, base).href
}

function reading<Out>(expected: string, read: () => Out): Out {
  try {
    return read()
  } catch (error) {
    if (!isDidcommError(error, 'ERR_MALFORMED_JSON', 'ERR_MALFORMED_ENCODING')) throw error
    throw malformed('OOB-08', `${expected}, found something else: ${error.message}`, error)
  }
}
