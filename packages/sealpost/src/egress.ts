/**
 * The guard in front of every connection that remote data causes: endpoints, links, short invitations, did:web (SEC-40). It judges what a
 * URL shows, bounds size and time, and vets each redirect again. The address that a name resolves to is judged where the connection is
 * made, by {@link isAllowedAddress}. It knows neither messages nor DIDs.
 *
 * @module
 */
import { DidcommError } from './errors.ts'

/** What remote data may make us call. Nothing here widens `special` addresses: link-local, multicast, translation prefixes. */
export type EgressPolicy = {
  /** URL schemes without colon; `https` alone by default. */
  readonly schemes?: readonly string[]
  /** This machine: `localhost`, 127.0.0.0/8, ::1. */
  readonly allowLoopback?: boolean
  /** Private networks (RFC 1918, CGNAT, fc00::/7) and names that only a private network has. */
  readonly allowPrivate?: boolean
  /** Ports beside the default port of the scheme. */
  readonly ports?: readonly number[] | 'any'
}

/** What an address is: reachable by anybody, this machine, a private network, or none that a peer can be at. */
export type AddressKind = 'public' | 'loopback' | 'private' | 'special'

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

const maxUrlLength = 8192
const maxRedirects = 3

const blocked = (reason: string): DidcommError =>
  new DidcommError('ERR_DELIVERY_BLOCKED', `expected a URL that remote data may make us call, found ${reason}`, { rule: 'SEC-40' })

/**
 * Vets a URL that came from outside.
 *
 * Exported from `sealpost/did`.
 *
 * @returns the parsed URL
 * @throws {DidcommError} `ERR_DELIVERY_BLOCKED` for another scheme or port, userinfo, addresses and names inside of private networks, and
 * addresses in disguise: decimal, octal, hexadecimal, mapped (T11, K11).
 *
 * @example
 * ```ts
 * import { vetUrl } from 'sealpost/did'
 *
 * console.log(vetUrl('https://example.com/didcomm').hostname) // example.com
 * ```
 */
export function vetUrl(url: string, policy: EgressPolicy = {}): URL {
  if (url.length > maxUrlLength) throw blocked(`one of ${url.length} characters`)
  // Parsers drop tabs and line breaks, and turn backslashes and letters of full width into others: what is vetted must be what is called.
  if (!/^[!-[\]-~]+$/.test(url)) throw blocked('characters that a URL does not have')
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]+)/.exec(url)?.[1]
  const parsed = authority === undefined ? undefined : parseUrl(url)
  if (authority === undefined || parsed === undefined) throw blocked('none that is absolute')
  const { schemes = ['https'] } = policy
  const scheme = parsed.protocol.slice(0, -1)
  if (!schemes.includes(scheme)) throw blocked(`the scheme ${scheme}`)
  if (authority.includes('@') || parsed.username !== '' || parsed.password !== '') throw blocked('userinfo')
  if (authority.includes('%')) throw blocked('percent-encoding in the host')
  vetPort(parsed, policy)
  vetHost(parsed.hostname, authority.toLowerCase(), policy)
  return parsed
}

function parseUrl(url: string): URL | undefined {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}

const defaultPorts: ReadonlyMap<string, string> = new Map([
  ['https:', '443'],
  ['wss:', '443'],
  ['http:', '80'],
  ['ws:', '80'],
])

function vetPort({ protocol, port }: URL, { ports = [] }: EgressPolicy): void {
  if (ports === 'any' || port === '' || port === defaultPorts.get(protocol) || ports.includes(Number(port))) return
  throw blocked(`port ${port}`)
}

function vetHost(hostname: string, authority: string, policy: EgressPolicy): void {
  const bracketed = hostname.startsWith('[')
  if (bracketed || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)) {
    // Only the one spelling of an IPv4 address is taken; parsers read `2130706433` and `0x7f.1` as addresses too.
    if (!bracketed && authority.replace(/:\d*$/, '') !== hostname) throw blocked('an address in disguise')
    const address = bracketed ? hostname.slice(1, -1) : hostname
    if (mappedOctets(address) !== undefined) throw blocked('an IPv4 address mapped to IPv6')
    if (!isAllowedAddress(address, policy)) throw blocked(`an address that is ${addressKind(address)}`)
    return
  }
  const name = hostname.replace(/\.$/, '')
  if (name === 'localhost' || name.endsWith('.localhost')) {
    if (!policy.allowLoopback) throw blocked('a name of this machine')
  } else if (!policy.allowPrivate && privateName(name)) throw blocked('a name of a private network')
}

/** Names without a dot, and those under the tops that no public network has. */
function privateName(name: string): boolean {
  const labels = name.split('.')
  if (labels.length < 2 || labels.includes('')) return true
  return (
    name.endsWith('.home.arpa') ||
    ['local', 'internal', 'localdomain', 'lan', 'intranet', 'corp', 'home', 'private'].includes(labels.at(-1) ?? '')
  )
}

/**
 * Tells whether an address is any but a public one. Text that is no IP address counts as private: a guard fails closed.
 *
 * Exported from `sealpost/did`.
 */
export const isPrivateAddress = (ip: string): boolean => addressKind(ip) !== 'public'

/**
 * Tells whether a connection to an address is allowed: to be asked with the very address that is connected to, or a name could change in
 * between (T10).
 *
 * Exported from `sealpost/did`.
 */
export function isAllowedAddress(ip: string, { allowLoopback = false, allowPrivate = false }: EgressPolicy = {}): boolean {
  const kind = addressKind(ip)
  return kind === 'public' || (kind === 'loopback' && allowLoopback) || (kind === 'private' && allowPrivate)
}

/**
 * Tells what an IP address is; `special` where the text is none. A zone (`%eth0`) is not looked at.
 *
 * Exported from `sealpost/did`.
 */
export function addressKind(ip: string): AddressKind {
  if (ip.length > 64) return 'special'
  const address = ip.split('%', 1)[0] ?? ''
  const octets = parseIpv4(address) ?? mappedOctets(address)
  if (octets !== undefined) return kindOfIpv4(octets)
  const groups = parseIpv6(address)
  return groups === undefined ? 'special' : kindOfIpv6(groups)
}

/** Networks of IPv4 that are not public, first octets first, and the bits that count. */
const ipv4Networks: readonly (readonly [network: string, bits: number, kind: AddressKind])[] = [
  ['127.0.0.0', 8, 'loopback'],
  ['10.0.0.0', 8, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['0.0.0.0', 8, 'special'],
  ['169.254.0.0', 16, 'special'],
  ['192.0.0.0', 24, 'special'],
  ['192.0.2.0', 24, 'special'],
  ['192.88.99.0', 24, 'special'],
  ['198.18.0.0', 15, 'special'],
  ['198.51.100.0', 24, 'special'],
  ['203.0.113.0', 24, 'special'],
  ['224.0.0.0', 3, 'special'],
]

function kindOfIpv4(octets: readonly number[]): AddressKind {
  const value = toNumber(octets)
  for (const [network, bits, kind] of ipv4Networks) {
    const size = 2 ** (32 - bits)
    if (Math.floor(value / size) === Math.floor(toNumber(network.split('.').map(Number)) / size)) return kind
  }
  return 'public'
}

const toNumber = (octets: readonly number[]): number => octets.reduce((sum, octet) => sum * 256 + octet, 0)

/** Public is 2000::/3, without what is set apart in it: 2001::/23 (Teredo and the like), 2001:db8::/32, 2002::/16 (6to4), 3fff::/20. */
function kindOfIpv6(groups: readonly number[]): AddressKind {
  const [first = 0, second = 0] = groups
  if (groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1) return 'loopback'
  if ((first & 0xfe00) === 0xfc00) return 'private'
  if ((first & 0xe000) !== 0x2000 || first === 0x2002) return 'special'
  if (first === 0x2001 && (second < 0x0200 || second === 0x0db8)) return 'special'
  return first === 0x3fff && second < 0x1000 ? 'special' : 'public'
}

/** The octets of dotted decimal without leading zeros. */
function parseIpv4(text: string): readonly number[] | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(text)) return undefined
  const octets = text.split('.').map(Number)
  return octets.every((octet) => octet < 256) ? octets : undefined
}

/** The eight groups of an IPv6 address, which may end in dotted decimal. */
function parseIpv6(text: string): readonly number[] | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const [a = 0, b = 0, c = 0, d = 0] = dotted === null ? [] : (parseIpv4(dotted[2] ?? '') ?? [-1])
  if (a < 0) return undefined
  const halves = (dotted === null ? text : `${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`).split('::')
  if (halves.length > 2) return undefined
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const zeros = 8 - left.length - right.length
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined
  const groups = [...left, ...new Array<string>(zeros).fill('0'), ...right]
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map((group) => Number.parseInt(group, 16)) : undefined
}

/** The IPv4 address in ::ffff:0:0/96. */
function mappedOctets(text: string): readonly number[] | undefined {
  const groups = parseIpv6(text)
  if (groups === undefined || !groups.slice(0, 5).every((group) => group === 0) || groups[5] !== 0xffff) return undefined
  return groups.slice(6).flatMap((group) => [group >> 8, group & 255])
}

export type GuardedFetchOptions = {
  readonly fetch: Fetch
  readonly policy?: EgressPolicy
  /** The octets of the body that are read, after any content encoding. */
  readonly maxBytes: number
  /** For all hops and the body together: what waits for strangers has an end (CSC-02). */
  readonly timeoutSeconds: number
  readonly signal?: AbortSignal
  /** `follow` vets each hop again, three at most, and after a POST takes 307 alone (T04); `return` hands a redirect out; `refuse`, the default, is an error. */
  readonly redirect?: 'refuse' | 'follow' | 'return'
  /** The value of the header `accept`. */
  readonly accept?: string
  /** What to POST; without it, the request is a GET. */
  readonly post?: { readonly body: string | Uint8Array<ArrayBuffer>; readonly mediaType: string }
}

export type GuardedResponse = { readonly status: number; readonly headers: Headers; readonly bytes: Uint8Array; readonly url: string }

/**
 * Fetches a URL that came from outside: vetted, without credentials, with bounds on redirects, octets and time (SEC-40).
 *
 * A status that is no success is an answer, not an error.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_DELIVERY_BLOCKED` for a URL or redirect that is not allowed; `ERR_DELIVERY_TOO_LARGE`; `ERR_DELIVERY_TIMEOUT`;
 * `ERR_DELIVERY_UNREACHABLE` where there is no answer, or the caller's signal stopped it.
 */
export async function guardedFetch(url: string, options: GuardedFetchOptions): Promise<GuardedResponse> {
  const controller = new AbortController()
  const stop = (error: DidcommError): void => controller.abort(error)
  const { timeoutSeconds, signal } = options
  const timer = setTimeout(
    () => stop(new DidcommError('ERR_DELIVERY_TIMEOUT', `expected an answer within ${timeoutSeconds} s, found none`)),
    timeoutSeconds * 1000,
  )
  const onAbort = (): void => stop(unreachable(signal?.reason))
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort)
  // Raced against the signal, since a `fetch` that was handed in may not heed it.
  const aborted = new Promise<never>((_, reject) => {
    const fail = (): void => reject(controller.signal.reason)
    if (controller.signal.aborted) fail()
    else controller.signal.addEventListener('abort', fail)
  })
  try {
    // Nothing is called for a caller who has given up.
    return await (controller.signal.aborted ? aborted : Promise.race([aborted, hop(url, options, controller.signal)]))
  } catch (cause) {
    throw cause instanceof DidcommError ? cause : controller.signal.aborted ? controller.signal.reason : unreachable(cause)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    // Whatever still runs, such as the body of an answer that was not wanted, ends here.
    controller.abort(unreachable(undefined))
  }
}

const unreachable = (cause: unknown): DidcommError =>
  new DidcommError('ERR_DELIVERY_UNREACHABLE', 'expected an answer, found no connection', { cause })

async function hop(url: string, options: GuardedFetchOptions, signal: AbortSignal, redirects = 0): Promise<GuardedResponse> {
  const { fetch, policy, accept, post, redirect = 'refuse', maxBytes } = options
  const target = vetUrl(url, policy)
  const response = await fetch(target.href, {
    method: post === undefined ? 'GET' : 'POST',
    headers: { ...(accept !== undefined && { accept }), ...(post !== undefined && { 'content-type': post.mediaType }) },
    ...(post !== undefined && { body: post.body }),
    redirect: 'manual',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
    signal,
  })
  const { status, headers } = response
  const location = headers.get('location')
  // A browser does not show where a redirect leads.
  const redirected = response.type === 'opaqueredirect' || (location !== null && [301, 302, 303, 307, 308].includes(status))
  if (redirected && redirect !== 'return') {
    if (redirect === 'refuse' || location === null || redirects === maxRedirects)
      throw blocked(`a redirect, after ${redirects} that were followed`)
    if (post !== undefined && status !== 307) throw blocked(`a redirect with status ${status} to a POST`)
    void response.body?.cancel().catch(() => undefined)
    return hop(resolveLocation(location, target), options, signal, redirects + 1)
  }
  return { status, headers, bytes: await readBody(response, maxBytes), url: target.href }
}

function resolveLocation(location: string, base: URL): string {
  // Vetted as it was written where it is absolute, so that a disguise is seen.
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(location)) return location
  try {
    return new URL(location, base).href
  } catch (cause) {
    throw new DidcommError('ERR_DELIVERY_BLOCKED', 'expected a redirect to a URL, found another text', { rule: 'SEC-40', cause })
  }
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = (): DidcommError =>
    new DidcommError('ERR_DELIVERY_TOO_LARGE', `expected at most ${maxBytes} octets, found more`, { rule: 'SEC-40' })
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  for (let next = await reader?.read(); next !== undefined && !next.done; next = await reader?.read()) {
    length += next.value.length
    if (length > maxBytes) {
      void reader?.cancel().catch(() => undefined)
      throw tooLarge()
    }
    chunks.push(next.value)
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.length
  }
  return bytes
}
