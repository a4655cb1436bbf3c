/**
 * The DID method: fetches the log, has it verified, and answers in the words of DID Resolution. Everything about the connection is the
 * guard's.
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/ | did:webvh DID Method 1.0}
 * @module
 */
import { decodeUtf8, parseJsonBytes } from 'sealpost/bytes'
import { checkDocument, type Did, type DidMethod, type DidResolutionResult, parseDidUrl } from 'sealpost/did'
import { type EgressPolicy, type Fetch, guardedFetch } from 'sealpost/egress'
import { DidcommError, type ErrorCode, isDidcommError } from 'sealpost/errors'
import { type Heads, memoryHeads } from './heads.ts'
import { locate, webvhUrl, witnessUrl } from './location.ts'
import type { Version } from './log.ts'
import { select, selectorOf } from './selector.ts'
import { type CheckedLog, type LogLimits, verifyLog } from './verify.ts'

export type WebvhOptions = LogLimits & {
  /**
   * What fetches: the platform's `fetch` by default. On servers take one that judges the address when it connects, as `createVettedFetch` of
   * `@sealpost/node` does: names can lead inside of private networks.
   */
  readonly fetch?: Fetch
  /** What may be called beside public hosts on port 443. The scheme is always https. */
  readonly policy?: Omit<EgressPolicy, 'schemes'>
  /** The octets of a log, with all its versions. */
  readonly maxBytes?: number
  /** The octets of the proofs of its witnesses. */
  readonly maxWitnessBytes?: number
  /** For each of the two files. */
  readonly timeoutSeconds?: number
  /** What remembers the last version of each log that was seen; a memory of its own by default. */
  readonly heads?: Heads
  /** The clock, in milliseconds. */
  readonly now?: () => number
}

/**
 * The did:webvh method, version 1.0. Redirects are refused: the DID says where its log is.
 *
 * A log is taken where every entry proves itself, enough witnesses approved, and it goes on from the last version that was seen (K12). The
 * query of a DID URL asks for one version: `versionId`, `versionNumber` or `versionTime`; a resolver asks for the last. What the log of a
 * moved DID says is the document of its new place, and `canonicalId` names it.
 *
 * @example
 * ```ts
 * import { webvh } from '@sealpost/webvh'
 * import { createResolver, type Did, peer } from 'sealpost/did'
 *
 * const method = webvh()
 * const resolver = createResolver([peer(), method])
 * const firstVersion = (did: Did) => method.resolve(`${did}?versionNumber=1`)
 * ```
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#read-resolve | did:webvh 1.0, Read (Resolve)}
 */
export function webvh(options: WebvhOptions = {}): DidMethod {
  const { heads = memoryHeads() } = options
  return {
    method: 'webvh',
    async resolve(url, { signal } = {}) {
      try {
        const { did, query } = parseDidUrl(url)
        const selector = selectorOf(query)
        const checked = await load(did, options, signal)
        await holdToHead(locate(did).scid, checked, heads)
        return found(did, select(checked, selector), checked)
      } catch (error) {
        return failed(error)
      }
    },
  }
}

async function load(did: Did, options: WebvhOptions, signal: AbortSignal | undefined): Promise<CheckedLog> {
  const { maxBytes = 1_048_576, maxWitnessBytes = 262_144, maxEntries, now } = options
  const log = await get(webvhUrl(did), maxBytes, 'text/jsonl, application/jsonl, */*;q=0.1', options, signal)
  if (log === undefined) throw new DidcommError('ERR_DID_NOT_FOUND', 'expected the log of a did:webvh, found none at its server')
  const witnesses = async (): Promise<unknown> => {
    const file = await get(witnessUrl(did), maxWitnessBytes, 'application/json', options, signal)
    return file && parseProofs(file)
  }
  return verifyLog(did, decodeUtf8(log), {
    witnesses,
    ...(maxEntries !== undefined && { maxEntries }),
    ...(now && { now }),
    ...(signal && { signal }),
  })
}

/** What is no JSON has no proofs in it. */
function parseProofs(file: Uint8Array): unknown {
  try {
    return parseJsonBytes(file)
  } catch {
    return undefined
  }
}

/** Gets a file; undefined where there is none. */
async function get(
  url: string,
  maxBytes: number,
  accept: string,
  { fetch = globalThis.fetch, policy, timeoutSeconds = 10 }: WebvhOptions,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const egress = { ...policy, schemes: ['https'] }
  const { status, bytes } = await guardedFetch(url, { fetch, policy: egress, maxBytes, timeoutSeconds, accept, ...(signal && { signal }) })
  if (status >= 200 && status < 300) return bytes
  // SEC-27: the server's own faults and limits may pass.
  if (status >= 500 || [408, 421, 425, 429].includes(status))
    throw new DidcommError('ERR_DID_UNAVAILABLE', `expected the log of a did:webvh, found the HTTP status ${status}`)
  return undefined
}

/** A log that lost a version, or has another in its place, is not the one that was seen: the server, or who has the keys, tells two stories. */
async function holdToHead(scid: string, { versions, failure }: CheckedLog, heads: Heads): Promise<void> {
  const head = await heads.get(scid)
  if (head !== undefined && versions[Number.parseInt(head, 10) - 1]?.versionId !== head)
    throw (
      failure ?? new DidcommError('ERR_TRUST_HASH', 'expected the log of a did:webvh to go on from the version seen before, found another')
    )
  const last = versions.at(-1)
  if (failure === undefined && last !== undefined) await heads.set(scid, last.versionId)
}

function found(did: Did, version: Version, { versions }: CheckedLog): DidResolutionResult {
  const { versionId, versionTime, document } = version
  const last = versions.at(-1) ?? version
  const didDocumentMetadata = {
    versionId,
    versionTime,
    created: versions[0]?.versionTime,
    updated: last.versionTime,
    scid: locate(did).scid,
    portable: last.portable,
    deactivated: last.deactivated,
    // DID Resolution has no numbers in metadata.
    ttl: String(last.ttlSeconds),
    watchers: last.watchers,
    ...(last.witness && { witness: witnessText(last.witness) }),
    ...(document.id !== did && { canonicalId: document.id }),
  }
  const gone = last.deactivated && version === last
  return {
    didResolutionMetadata: { contentType: 'application/did' },
    didDocument: gone ? null : checkDocument(document, document.id as Did),
    didDocumentMetadata,
  }
}

const witnessText = ({ threshold, multikeys }: NonNullable<Version['witness']>): object => ({
  threshold: String(threshold),
  witnesses: multikeys.map((multikey) => ({ id: `did:key:${multikey}` })),
})

/** The errors that have a name of their own. Of the others, those about the connection may pass, and the rest make the DID invalid. */
const names: Partial<Record<ErrorCode, string>> = {
  ERR_DID_NOT_FOUND: 'notFound',
  ERR_MALFORMED_LIMIT: 'limitExceeded',
  ERR_DELIVERY_TOO_LARGE: 'limitExceeded',
  ERR_DELIVERY_BLOCKED: 'blocked',
}

function failed(error: unknown): DidResolutionResult {
  const ours = isDidcommError(error) ? error : undefined
  const passing = ours === undefined || ours.family === 'delivery' || ours.family === 'did'
  const name = (ours && names[ours.code]) ?? (passing ? 'unavailable' : 'invalidDid')
  const message = ours?.message ?? 'the resolver failed'
  return {
    didResolutionMetadata: {
      error: name,
      message,
      cause: error,
      ...(name === 'invalidDid' && { problemDetails: { type: invalidDidType, title: 'The DID is invalid.', detail: message } }),
    },
    didDocument: null,
    didDocumentMetadata: {},
  }
}

const invalidDidType = 'https://www.w3.org/ns/did#INVALID_DID'
