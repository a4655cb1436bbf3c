/**
 * Errors as results.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { answer, failed, permanentErrors } from '../../../src/did/result.ts'
import { DidcommError, type ErrorCode } from '../../../src/errors.ts'

describe('answer', () => {
  it('SEC-27: gives the document, or the name of the error', async () => {
    expect(await answer(() => ({ id: 'did:example:a' }))).toEqual({
      didResolutionMetadata: { contentType: 'application/did' },
      didDocument: { id: 'did:example:a' },
      didDocumentMetadata: {},
    })
    const thrown = await answer(() => {
      throw new DidcommError('ERR_DID_NOT_FOUND', 'not there')
    })
    expect(thrown).toMatchObject({ didDocument: null, didResolutionMetadata: { error: 'notFound', message: 'not there' } })
  })

  it.each<[ErrorCode, string, boolean]>([
    ['ERR_MALFORMED_DID', 'invalidDid', true],
    ['ERR_MALFORMED_KEY', 'invalidDid', true],
    ['ERR_MALFORMED_DID_DOCUMENT', 'invalidDidDocument', true],
    ['ERR_DELIVERY_TOO_LARGE', 'limitExceeded', true],
    ['ERR_DELIVERY_BLOCKED', 'blocked', true],
    ['ERR_DELIVERY_TIMEOUT', 'unavailable', false],
    ['ERR_DELIVERY_UNREACHABLE', 'unavailable', false],
    ['ERR_DID_UNAVAILABLE', 'unavailable', false],
  ])('SEC-27: %s is %s', (code, error, permanent) => {
    expect(failed(new DidcommError(code, 'x')).didResolutionMetadata.error).toBe(error)
    expect(permanentErrors.has(error)).toBe(permanent)
  })

  it('SEC-27: what another threw may pass, and its words stay inside', () => {
    const { message, error } = failed(new Error('secret')).didResolutionMetadata
    expect([message, error]).toEqual(['the resolver failed', 'unavailable'])
  })
})
