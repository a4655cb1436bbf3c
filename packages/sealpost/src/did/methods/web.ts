/**
 * did:web: the document lies at a web server. Everything about the connection is the guard's.
 *
 * @see {@link https://w3c-ccg.github.io/did-method-web/ | did:web Method Specification}
 * @module
 */
import { parseJsonBytes } from '../../bytes/index.ts'
import { type EgressPolicy, type Fetch, guardedFetch } from '../../egress.ts'
import { DidcommError } from '../../errors.ts'
import { type Did, isDid } from '../did.ts'
import { checkDocument } from '../document.ts'
import type { DidDocument, DidMethod } from '../resolver.ts'
import { answer } from '../result.ts'

export type WebOptions = {
  /**
   * What fetches: the platform's `fetch` by default. On servers take one that judges the address when it connects, as `createVettedFetch` of
   * `@sealpost/node` does: names can lead inside of private networks.
   */
  readonly fetch?: Fetch
  /** What may be called beside public hosts on port 443. The scheme is always https. */
  readonly policy?: Omit<EgressPolicy, 'schemes'>
  readonly maxBytes?: number
  readonly timeoutSeconds?: number
}

const maxDocumentBytes = 262_144

/**
 * The did:web method. Redirects are refused: the DID says where its document is.
 *
 * Exported from `sealpost/did`.
 *
 * @example
 * ```ts
 * import { createResolver, web } from 'sealpost/did'
 *
 * const resolver = createResolver([web()])
 * ```
 */
export const web = (options: WebOptions = {}): DidMethod => ({
  method: 'web',
  resolve: (did, { signal } = {}) => answer(() => load(did, options, signal)),
})

async function load(
  did: Did,
  { fetch = globalThis.fetch, policy, maxBytes = maxDocumentBytes, timeoutSeconds = 10 }: WebOptions,
  signal: AbortSignal | undefined,
): Promise<DidDocument> {
  const { status, bytes } = await guardedFetch(didWebUrl(did), {
    fetch,
    policy: { ...policy, schemes: ['https'] },
    maxBytes,
    timeoutSeconds,
    accept: 'application/did+ld+json, application/did+json, application/json',
    ...(signal && { signal }),
  })
  if (status < 200 || status > 299) {
    // SEC-27: the server's own faults and limits may pass.
    const transient = status >= 500 || [408, 421, 425, 429].includes(status)
    throw new DidcommError(
      transient ? 'ERR_DID_UNAVAILABLE' : 'ERR_DID_NOT_FOUND',
      `expected the document of a did:web, found the HTTP status ${status}`,
    )
  }
  return checkDocument(parseDocument(bytes), did)
}

function parseDocument(bytes: Uint8Array): unknown {
  try {
    return parseJsonBytes(bytes)
  } catch (cause) {
    throw new DidcommError('ERR_MALFORMED_DID_DOCUMENT', 'expected a DID document in JSON, found another text', { cause })
  }
}

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const hostSyntax = new RegExp(`^${label}(?:\\.${label})*$`, 'i')

/**
 * The URL at which the document of a did:web lies.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID` for IP addresses, userinfo, dot segments, empty segments, and encoded separators (K11).
 *
 * @example
 * ```ts
 * import { didWebUrl } from 'sealpost/did'
 *
 * console.log(didWebUrl('did:web:example.com%3A3000:user:alice')) // https://example.com:3000/user/alice/did.json
 * ```
 *
 * @see {@link https://w3c-ccg.github.io/did-method-web/#read-resolve | did:web, Read (Resolve)}
 */
export function didWebUrl(did: Did): string {
  if (!isDid(did) || !did.startsWith('did:web:')) throw malformed('another text')
  const [authority = '', ...path] = did.slice('did:web:'.length).split(':')
  const [host = '', port, ...more] = authority.split(/%3a/i)
  if (host.length > 253 || !hostSyntax.test(host)) throw malformed('a host that is no domain name')
  // Parsers of URLs read a last label of digits as an address in decimal, octal or hexadecimal.
  if (/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i.test(host)) throw malformed('an IP address')
  if (more.length > 0 || (port !== undefined && !isPort(port))) throw malformed('a port that is none')
  if (!path.every(isSegment)) throw malformed('a path segment that is empty, made of dots, or has encoded separators')
  const origin = `https://${host}${port === undefined ? '' : `:${port}`}`
  return path.length === 0 ? `${origin}/.well-known/did.json` : `${origin}/${path.join('/')}/did.json`
}

const isPort = (port: string): boolean => /^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536

function isSegment(segment: string): boolean {
  let decoded: string
  try {
    decoded = decodeURIComponent(segment)
  } catch {
    return false
  }
  // What a second decoding could turn into a separator or dots is refused too.
  return decoded !== '' && decoded !== '.' && decoded !== '..' && !/[/\\?#%:@\p{Cc}]/u.test(decoded)
}

const malformed = (found: string): DidcommError =>
  new DidcommError('ERR_MALFORMED_DID', `expected a did:web with a domain name and path segments, found ${found}`)
