/**
 * Results of a resolution: how a method says that it found a document, or why not. An error of ours becomes a value with a name.
 *
 * @see {@link https://www.w3.org/TR/did-resolution/#errors | DID Resolution, Errors}
 * @module
 */
import { DidcommError, type ErrorCode } from '../errors.ts'
import type { Later } from '../jose/primitives/primitives.ts'
import type { DidDocument, DidResolutionResult } from './resolver.ts'

/** The name of each error that is permanent. What is not here may pass. */
const names: Partial<Record<ErrorCode, string>> = {
  ERR_MALFORMED_DID_DOCUMENT: 'invalidDidDocument',
  ERR_MALFORMED_LIMIT: 'limitExceeded',
  ERR_DELIVERY_TOO_LARGE: 'limitExceeded',
  ERR_DELIVERY_BLOCKED: 'blocked',
  ERR_DID_NOT_FOUND: 'notFound',
  ERR_DID_DEACTIVATED: 'deactivated',
  ERR_UNSUPPORTED_METHOD: 'methodNotSupported',
  ERR_UNSUPPORTED_CURVE: 'invalidDid',
}

/** Resolves by a function that gives the document, or throws a {@link DidcommError}. */
export async function answer(find: () => Later<DidDocument>): Promise<DidResolutionResult> {
  try {
    return { didResolutionMetadata: { contentType: 'application/did' }, didDocument: await find(), didDocumentMetadata: {} }
  } catch (error) {
    return failed(error)
  }
}

/** The result for an error: by its code, or one that may pass. */
export function failed(error: unknown): DidResolutionResult {
  const ours = error instanceof DidcommError ? error : undefined
  const name = ours && (names[ours.code] ?? (ours.family === 'malformed' ? 'invalidDid' : undefined))
  const message = ours?.message ?? 'the resolver failed'
  return { didResolutionMetadata: { error: name ?? 'unavailable', message, cause: error }, didDocument: null, didDocumentMetadata: {} }
}

/** The names of errors that a cache keeps for as long as it keeps what is not there. */
export const permanentErrors: ReadonlySet<string> = new Set([
  ...Object.values(names),
  'invalidDid',
  'invalidDidUrl',
  'unsupportedDidMethod',
])
