/**
 * The content behind the links of an attachment. Nothing is fetched unless somebody calls this and brings the `fetch`; every
 * connection passes the guard, and nothing comes back that does not match its hash.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#attachments | v2.1, Attachments}
 * @module
 */
import { type EgressPolicy, type Fetch, guardedFetch } from '../egress.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { type HashName, parseMultihash } from './multihash.ts'
import type { Attachment } from './plaintext.ts'

/** Hash functions by name; sha2-256 must be there. */
export type Digests = { readonly [name in HashName]?: (data: Uint8Array) => Uint8Array | Promise<Uint8Array> }

/** What fetching needs from outside, and its bounds. */
export type FetchAttachmentOptions = {
  readonly fetch: Fetch
  readonly digests: Digests
  /** Which addresses may be called. HTTPS to public ones by default. */
  readonly policy?: EgressPolicy
  /** The most octets that are read. 25 MiB by default; `byte_count` is a hint and bounds nothing. */
  readonly maxBytes?: number
  /** For each link. 30 by default. */
  readonly timeoutSeconds?: number
  readonly signal?: AbortSignal
}

const defaultMaxBytes = 25 * 1024 * 1024
const defaultTimeoutSeconds = 30

/**
 * Fetches the content of an attachment by its links, one after the other until one answers with what the hash names (ATT-07, ATT-08).
 *
 * @throws {DidcommError} `ERR_TRUST_HASH` where content came that is not what the hash names; `ERR_UNSUPPORTED_HASH`,
 * `ERR_MALFORMED_ATTACHMENT` before anything is fetched; `ERR_DELIVERY_BLOCKED` and the other `ERR_DELIVERY_…` of the last link.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#attachments | v2.1, Attachments}
 */
export async function fetchAttachment({ data }: Attachment, options: FetchAttachmentOptions): Promise<Uint8Array> {
  if (!data.links?.length || typeof data.hash !== 'string') {
    throw new DidcommError('ERR_MALFORMED_ATTACHMENT', 'expected `links` with a `hash` to fetch by, found none', { rule: 'ATT-06' })
  }
  // The hash comes first: content that cannot be checked is not worth a connection.
  const { name, digest } = parseMultihash(data.hash)
  const hash = options.digests[name]
  if (hash === undefined) throw new DidcommError('ERR_UNSUPPORTED_HASH', `expected a function for ${name}, found none`, { rule: 'ATT-07' })

  let failure: DidcommError | undefined
  for (const link of data.links) {
    try {
      const bytes = await read(link, options)
      if (equals(await hash(bytes), digest)) return bytes
      throw new DidcommError('ERR_TRUST_HASH', 'expected content that matches its hash, found other content', { rule: 'ATT-07' })
    } catch (error) {
      if (options.signal?.aborted === true || !isDidcommError(error)) throw error
      // That somebody swapped the content is worth more than that a later link was dead.
      if (failure?.code !== 'ERR_TRUST_HASH') failure = error
    }
  }
  throw failure ?? new DidcommError('ERR_INTERNAL', 'expected a link to succeed or fail, found neither')
}

async function read(link: string, options: FetchAttachmentOptions): Promise<Uint8Array> {
  // ATT-13: HTTPS alone, bounded in octets and seconds; the guard refuses private addresses, after redirects too.
  const { status, bytes } = await guardedFetch(link, {
    fetch: options.fetch,
    maxBytes: options.maxBytes ?? defaultMaxBytes,
    timeoutSeconds: options.timeoutSeconds ?? defaultTimeoutSeconds,
    redirect: 'follow',
    ...(options.policy === undefined ? {} : { policy: options.policy }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  if (status >= 200 && status < 300) return bytes
  throw new DidcommError('ERR_DELIVERY_REFUSED', `expected the content of an attachment, found HTTP status ${status}`, { rule: 'ATT-08' })
}

function equals(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  return a.every((octet, i) => octet === b[i])
}
