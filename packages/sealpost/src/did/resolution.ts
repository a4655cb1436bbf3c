/**
 * From a DID to its document, by any resolver: within a budget, with the failures told apart, and the document held to the DID. It
 * knows no method and no cache.
 *
 * @see {@link https://www.w3.org/TR/did-resolution/ | DID Resolution}
 * @module
 */
import { isObject } from '../bytes/index.ts'
import { DidcommError, type ErrorCode, isDidcommError } from '../errors.ts'
import type { Did } from './did.ts'
import { checkDocument } from './document.ts'
import type { DidDocument, DidResolutionResult, ResolveOptions, Resolver } from './resolver.ts'

/** What one inbound message may cause (SEC-27), and what it saw: each DID is resolved once, so that all checks see one document (K16). */
export type ResolutionBudget = { left: number; readonly seen: Map<Did, Promise<DidDocument>> }

/**
 * A budget of resolutions for one message: 8 where nothing else is said.
 *
 * Exported from `sealpost/did`.
 */
export const resolutionBudget = (resolutions = 8): ResolutionBudget => ({ left: resolutions, seen: new Map() })

/**
 * The document of a DID, held to the DID and to limits.
 *
 * Exported from `sealpost/did`.
 *
 * @param budget - counts the DIDs that are resolved for one message, and gives the same document again for the same DID
 * @throws {DidcommError} `ERR_DID_NOT_FOUND`; `ERR_DID_UNAVAILABLE`, the one that may pass; `ERR_DID_DEACTIVATED`; `ERR_UNSUPPORTED_METHOD`;
 * `ERR_MALFORMED_DID`; `ERR_MALFORMED_DID_DOCUMENT`; `ERR_MALFORMED_LIMIT`, where the budget is spent too; `ERR_DELIVERY_BLOCKED` for an
 * address that must not be called.
 *
 * @example
 * ```ts
 * import { createResolver, documentOf, key, keysOf } from 'sealpost/did'
 *
 * const resolver = createResolver([key()])
 * const document = await documentOf(resolver, 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')
 * console.log(keysOf(document, 'keyAgreement').length) // 1
 * ```
 *
 * @see {@link https://www.w3.org/TR/did-resolution/ | DID Resolution}
 */
export function documentOf(resolver: Resolver, did: Did, budget?: ResolutionBudget, options?: ResolveOptions): Promise<DidDocument> {
  if (budget === undefined) return resolveDocument(resolver, did, options)
  const seen = options?.fresh ? undefined : budget.seen.get(did)
  if (seen !== undefined) return seen
  if (budget.left <= 0) {
    return Promise.reject(
      new DidcommError('ERR_MALFORMED_LIMIT', 'expected fewer DIDs in one message, found more than may be resolved for it', {
        rule: 'SEC-27',
      }),
    )
  }
  budget.left--
  const document = resolveDocument(resolver, did, options)
  budget.seen.set(did, document)
  return document
}

// A document that was found good for a DID is so for as long as it is the same object: a cache hands out the same again.
const checked = new WeakMap<DidDocument, Did>()

async function resolveDocument(resolver: Resolver, did: Did, options: ResolveOptions | undefined): Promise<DidDocument> {
  let result: unknown
  try {
    result = await (options?.fresh ? resolver.resolve(did, { ...options, cache: false }) : resolver.resolve(did))
  } catch (cause) {
    // A resolver of others may throw; ours never does.
    throw isDidcommError(cause) ? cause : unavailable(did, cause)
  }
  if (!isObject(result)) throw unavailable(did, undefined)
  const document = isObject(result['didDocument']) ? (result['didDocument'] as DidDocument) : null
  if (document !== null && checked.get(document) === did && isPlainSuccess(result)) return document
  const error = failureOf({ didResolutionMetadata: {}, didDocumentMetadata: {}, ...result, didDocument: document }, did)
  if (error !== undefined) throw error
  const sound = checkDocument(document, did)
  // Only what cannot change keeps its mark.
  if (Object.isFrozen(sound)) checked.set(sound, did)
  return sound
}

/** A document that was good yesterday may come with the news that its DID is deactivated, as the same object. */
const isPlainSuccess = ({ didResolutionMetadata, didDocumentMetadata }: Partial<DidResolutionResult>): boolean =>
  didResolutionMetadata?.error === undefined && didDocumentMetadata?.deactivated !== true

const unavailable = (did: Did, cause: unknown): DidcommError =>
  new DidcommError('ERR_DID_UNAVAILABLE', `expected a resolution of ${show(did)}, found a fault of the resolver`, { rule: 'SEC-27', cause })

const show = (did: string): string => (did.length > 80 ? `${did.slice(0, 77)}...` : did)

/** The names of errors, as DID Core, DID Resolution (`…#NOT_FOUND`) and resolvers spell them, without case and separators. */
const codes: ReadonlyMap<string, ErrorCode> = new Map([
  ['invaliddid', 'ERR_MALFORMED_DID'],
  ['invaliddidurl', 'ERR_MALFORMED_DID'],
  ['invaliddiddocument', 'ERR_MALFORMED_DID_DOCUMENT'],
  ['invalidpublickey', 'ERR_MALFORMED_DID'],
  ['invalidpublickeylength', 'ERR_MALFORMED_DID'],
  ['invalidpublickeytype', 'ERR_MALFORMED_DID'],
  ['limitexceeded', 'ERR_MALFORMED_LIMIT'],
  ['notfound', 'ERR_DID_NOT_FOUND'],
  ['deactivated', 'ERR_DID_DEACTIVATED'],
  ['methodnotsupported', 'ERR_UNSUPPORTED_METHOD'],
  ['unsupporteddidmethod', 'ERR_UNSUPPORTED_METHOD'],
  ['representationnotsupported', 'ERR_UNSUPPORTED_METHOD'],
  ['blocked', 'ERR_DELIVERY_BLOCKED'],
])

/** The failure that a result tells of, if it does: permanent ones have their code, all others may pass (SEC-27). */
export function failureOf(
  { didResolutionMetadata, didDocument, didDocumentMetadata }: DidResolutionResult,
  did: Did,
): DidcommError | undefined {
  const { error, message, cause } = (didResolutionMetadata ?? {}) as Record<string, unknown>
  if (error === undefined || error === null || error === '') {
    if (didDocumentMetadata?.deactivated === true)
      return new DidcommError('ERR_DID_DEACTIVATED', `expected an active DID, found that ${show(did)} was deactivated`)
    return didDocument === null ? new DidcommError('ERR_DID_NOT_FOUND', `expected the document of ${show(did)}, found none`) : undefined
  }
  const name = isObject(error) ? error['type'] : error
  const code =
    codes.get(
      String(name)
        .slice(-64)
        .replace(/^.*#/s, '')
        .replace(/[_\s-]/g, '')
        .toLowerCase(),
    ) ?? 'ERR_DID_UNAVAILABLE'
  const reason = typeof message === 'string' ? `: ${message.slice(0, 300)}` : ''
  return new DidcommError(
    code,
    `expected the document of ${show(did)}, found the error ${JSON.stringify(String(name).slice(0, 64))}${reason}`,
    {
      rule: isDidcommError(cause) ? cause.rule : 'SEC-27',
      cause,
    },
  )
}
