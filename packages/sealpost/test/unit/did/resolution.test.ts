/**
 * From a DID to its document, by resolvers that behave and others.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { type Did, type DidResolutionResult, documentOf, type Resolver, resolutionBudget } from '../../../src/did/index.ts'
import { DidcommError } from '../../../src/errors.ts'

const did: Did = 'did:example:a'
const saying = (result: unknown): Resolver => ({ resolve: async () => result as DidResolutionResult })
const error = (name: unknown) =>
  saying({ didResolutionMetadata: { error: name, message: 'why' }, didDocument: null, didDocumentMetadata: {} })
const found = (document: unknown, metadata = {}) =>
  saying({ didResolutionMetadata: {}, didDocument: document, didDocumentMetadata: metadata })

describe('documentOf', () => {
  it.each([
    ['notFound', 'ERR_DID_NOT_FOUND', false],
    ['invalidDid', 'ERR_MALFORMED_DID', false],
    ['unsupportedDidMethod', 'ERR_UNSUPPORTED_METHOD', false],
    ['methodNotSupported', 'ERR_UNSUPPORTED_METHOD', false],
    ['deactivated', 'ERR_DID_DEACTIVATED', false],
    ['blocked', 'ERR_DELIVERY_BLOCKED', false],
    ['internalError', 'ERR_DID_UNAVAILABLE', true],
    ['anything else', 'ERR_DID_UNAVAILABLE', true],
    [{ type: 'https://www.w3.org/ns/did#NOT_FOUND', title: 'x' }, 'ERR_DID_NOT_FOUND', false],
    [{ type: 'https://www.w3.org/ns/did#INVALID_DID_DOCUMENT' }, 'ERR_MALFORMED_DID_DOCUMENT', false],
    [{}, 'ERR_DID_UNAVAILABLE', true],
  ])('SEC-27: %o is %s', async (name, code, retryable) => {
    await expect(documentOf(error(name), did)).rejects.toMatchObject({ code, retryable })
  })

  it('SEC-27: a deactivated DID has no document any more', async () => {
    await expect(documentOf(found({ id: did }, { deactivated: true }), did)).rejects.toMatchObject({ code: 'ERR_DID_DEACTIVATED' })
    await expect(documentOf(found(null), did)).rejects.toMatchObject({ code: 'ERR_DID_NOT_FOUND' })
  })

  it('SEC-27: a DID that is deactivated, or fails, has no document, though it comes as the same object that was good', async () => {
    const document = Object.freeze({ id: did })
    expect(await documentOf(found(document), did)).toBe(document)
    await expect(documentOf(found(document, { deactivated: true }), did)).rejects.toMatchObject({ code: 'ERR_DID_DEACTIVATED' })
    const failing = saying({ didResolutionMetadata: { error: 'notFound' }, didDocument: document, didDocumentMetadata: {} })
    await expect(documentOf(failing, did)).rejects.toMatchObject({ code: 'ERR_DID_NOT_FOUND' })
    expect(await documentOf(saying({ didDocument: document, didResolutionMetadata: null, didDocumentMetadata: null }), did)).toBe(document)
  })

  it('K01: a document of another DID is refused, from whatever resolver', async () => {
    await expect(documentOf(found({ id: 'did:example:b' }), did)).rejects.toMatchObject({ code: 'ERR_MALFORMED_DID_DOCUMENT' })
    const frozen = Object.freeze({ id: did })
    expect(await documentOf(found(frozen), did)).toBe(frozen)
    await expect(documentOf(found(frozen), 'did:example:b')).rejects.toMatchObject({ code: 'ERR_MALFORMED_DID_DOCUMENT' })
  })

  it('SEC-27: a resolver that throws, or says nothing, is unavailable; an error of ours stays', async () => {
    const throwing = (cause: unknown): Resolver => ({
      resolve: () => {
        throw cause
      },
    })
    await expect(documentOf(throwing(new Error('boom')), did)).rejects.toMatchObject({
      code: 'ERR_DID_UNAVAILABLE',
      cause: { message: 'boom' },
    })
    await expect(documentOf(throwing(new DidcommError('ERR_DID_NOT_FOUND', 'x')), did)).rejects.toMatchObject({ code: 'ERR_DID_NOT_FOUND' })
    for (const result of [undefined, null, 'text', 7])
      await expect(documentOf(saying(result), did)).rejects.toMatchObject({ code: 'ERR_DID_UNAVAILABLE' })
    await expect(documentOf(saying({}), did)).rejects.toMatchObject({ code: 'ERR_DID_NOT_FOUND' })
    expect(await documentOf(saying({ didDocument: { id: did } }), did)).toEqual({ id: did })
  })

  it('SEC-27: a budget bounds the DIDs of one message', async () => {
    const budget = resolutionBudget(2)
    const resolver: Resolver = {
      resolve: async (asked) => ({ didResolutionMetadata: {}, didDocument: { id: asked }, didDocumentMetadata: {} }),
    }
    await documentOf(resolver, 'did:example:1', budget)
    await documentOf(resolver, 'did:example:2', budget)
    await documentOf(resolver, 'did:example:1', budget)
    await expect(documentOf(resolver, 'did:example:3', budget)).rejects.toMatchObject({ code: 'ERR_MALFORMED_LIMIT', rule: 'SEC-27' })
    expect(resolutionBudget().left).toBe(8)
  })

  it('K16: within a budget all see one document, until one asks for a fresh one', async () => {
    let version = 0
    const asked: unknown[] = []
    const resolver: Resolver = {
      resolve: async (_, options) => {
        asked.push(options)
        return { didResolutionMetadata: {}, didDocument: { id: did, version: version++ }, didDocumentMetadata: {} }
      },
    }
    const budget = resolutionBudget()
    const first = await documentOf(resolver, did, budget)
    expect(await documentOf(resolver, did, budget)).toBe(first)
    const fresh = await documentOf(resolver, did, budget, { fresh: true })
    expect(fresh['version']).toBe(1)
    expect(await documentOf(resolver, did, budget)).toBe(fresh)
    expect(asked).toEqual([undefined, { fresh: true, cache: false }])
  })
})
