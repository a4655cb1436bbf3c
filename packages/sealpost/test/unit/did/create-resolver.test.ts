/**
 * The resolver: caching, one flight, bounds.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import numalgo4 from '../../../../../vectors/did-peer/numalgo-4.json' with { type: 'json' }
import {
  createResolver,
  type Did,
  type DidMethod,
  type DidResolutionResult,
  documentOf,
  jwk,
  key,
  peer,
  web,
} from '../../../src/did/index.ts'

type Counting = DidMethod & { calls: number; answer: (did: Did) => unknown }

/** A method whose answer the test sets, and which counts. */
function counting(answer: (did: Did) => unknown = (did) => ({ didDocument: { id: did } }), more: Partial<DidMethod> = {}): Counting {
  const method: Counting = {
    method: 'example',
    calls: 0,
    answer,
    resolve: async (did) => {
      method.calls++
      return {
        didResolutionMetadata: {},
        didDocument: null,
        didDocumentMetadata: {},
        ...((await method.answer(did)) as Partial<DidResolutionResult>),
      }
    },
    ...more,
  }
  return method
}

const failing = (error: string) => () => ({ didResolutionMetadata: { error } })
const did: Did = 'did:example:a'

describe('createResolver', () => {
  it('SEC-27: asks the method of the DID, and no other', async () => {
    const resolver = createResolver([key(), counting()])
    expect((await resolver.resolve(did)).didDocument).toEqual({ id: did })
    const { error, message } = (await resolver.resolve('did:other:a')).didResolutionMetadata
    expect([error, message]).toEqual([
      'methodNotSupported',
      'expected a DID of a method that the resolver has (did:key, did:example), found did:other:a',
    ])
    const empty = (await createResolver([]).resolve('did:other:a')).didResolutionMetadata
    expect(empty['message']).toBe('expected a DID of a method that the resolver has (none), found did:other:a')
    expect((await resolver.resolve(`${did}#key`)).didDocument?.id).toBe(did)
  })

  it.each(['', 'did:', 'did:example:', 'DID:example:a', 'did:example:a b', `did:example:${'a'.repeat(9000)}`, undefined, 7, null])(
    'SEC-27: %s is refused, not thrown',
    async (text) => {
      const { didDocument, didResolutionMetadata } = await createResolver([counting()]).resolve(text as string)
      expect([didDocument, ['invalidDid', 'limitExceeded'].includes(didResolutionMetadata.error ?? '')]).toEqual([null, true])
    },
  )

  it('a method that needs no options is given by its name alone', async () => {
    const resolver = createResolver([key, jwk, peer, web], { cache: { maxEntries: 10 } })
    const { didDocument } = await resolver.resolve('did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')
    expect(didDocument?.id).toBe('did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')
    expect((await resolver.resolve('did:web:localhost')).didDocument).toBeNull()
  })

  it('SEC-27: a document is cached for its time, and is the same frozen object', async () => {
    let time = 0
    const method = counting()
    const resolver = createResolver([method], { cache: { ttlSeconds: 60 }, now: () => time })
    const { didDocument } = await resolver.resolve(did)
    time = 59_999
    expect((await resolver.resolve(did)).didDocument).toBe(didDocument)
    expect(Object.isFrozen(didDocument)).toBe(true)
    expect(method.calls).toBe(1)
    time = 60_000
    await resolver.resolve(did)
    expect(method.calls).toBe(2)
  })

  it('SEC-27: what is not there is cached for a shorter time, what may pass for a second', async () => {
    let time = 0
    const method = counting(failing('notFound'))
    const resolver = createResolver([method], { cache: { negativeTtlSeconds: 30 }, now: () => time })
    await resolver.resolve(did)
    time = 29_999
    expect((await resolver.resolve(did)).didResolutionMetadata.error).toBe('notFound')
    expect(method.calls).toBe(1)
    time = 30_000
    method.answer = failing('unavailable')
    await resolver.resolve(did)
    time = 30_999
    await resolver.resolve(did)
    expect(method.calls).toBe(2)
    time = 31_000
    method.answer = () => ({ didDocument: { id: did } })
    expect((await resolver.resolve(did)).didDocument).toEqual({ id: did })
  })

  it('SEC-27: documents of immutable methods do not expire', async () => {
    let time = 0
    const method = counting(undefined, { immutable: true })
    const resolver = createResolver([method], { now: () => time })
    await resolver.resolve(did)
    time = Number.MAX_SAFE_INTEGER
    await resolver.resolve(did, { fresh: true })
    expect(method.calls).toBe(1)
  })

  it('K08, G-40: a short form that was not found resolves as soon as its long form was seen', async () => {
    const [{ long, short }] = numalgo4.vectors as [(typeof numalgo4.vectors)[0]]
    const resolver = createResolver([peer()])
    await expect(documentOf(resolver, short as Did)).rejects.toMatchObject({ code: 'ERR_DID_NOT_FOUND' })
    await documentOf(resolver, long as Did)
    expect((await documentOf(resolver, short as Did)).id).toBe(short)
  })

  it('SEC-27: many who ask at a time cause one resolution', async () => {
    const method = counting()
    const resolver = createResolver([method], { cache: false })
    const results = await Promise.all(Array.from({ length: 100 }, () => resolver.resolve(did)))
    expect(method.calls).toBe(1)
    expect(new Set(results).size).toBe(1)
    await resolver.resolve(did)
    expect(method.calls).toBe(2)
  })

  it('K13, K14: fresh asks past the cache, and what it finds replaces what was cached', async () => {
    let time = 0
    const method = counting((asked) => ({ didDocument: { id: asked, version: method.calls } }))
    const resolver = createResolver([method], { now: () => time })
    await resolver.resolve(did)
    expect((await resolver.resolve(did, { fresh: true })).didDocument?.['version']).toBe(2)
    expect((await resolver.resolve(did)).didDocument?.['version']).toBe(2)
    // An attacker who names unknown kids cannot make us ask all the time.
    await Promise.all(Array.from({ length: 50 }, () => resolver.resolve(did, { fresh: true })))
    expect(method.calls).toBe(2)
    time = 5000
    expect((await resolver.resolve(did, { cache: false })).didDocument?.['version']).toBe(3)
  })

  it('SEC-27: a fault that may pass does not cost a document that is still good; a deactivation does', async () => {
    const method = counting()
    const resolver = createResolver([method])
    await resolver.resolve(did)
    method.answer = failing('unavailable')
    expect((await resolver.resolve(did, { fresh: true })).didResolutionMetadata.error).toBe('unavailable')
    expect((await resolver.resolve(did)).didDocument).toEqual({ id: did })
    const gone = counting()
    const other = createResolver([gone])
    await other.resolve(did)
    gone.answer = () => ({ didDocumentMetadata: { deactivated: true } })
    await expect(documentOf(other, did, undefined, { fresh: true })).rejects.toMatchObject({ code: 'ERR_DID_DEACTIVATED' })
    await expect(documentOf(other, did)).rejects.toMatchObject({ code: 'ERR_DID_DEACTIVATED' })
  })

  it('SEC-27: the cache is bounded in entries and in octets', async () => {
    const method = counting()
    const small = createResolver([method], { cache: { maxEntries: 2 } })
    for (const name of ['a', 'b', 'c', 'a'] as const) await small.resolve(`did:example:${name}`)
    expect(method.calls).toBe(4)
    const large = counting((asked) => ({ didDocument: { id: asked, text: 'x'.repeat(1000) } }))
    const light = createResolver([large], { cache: { maxBytes: 1500 } })
    for (const name of ['a', 'b', 'a', 'a'] as const) await light.resolve(`did:example:${name}`)
    expect(large.calls).toBe(3)
  })

  it('K01, K10: a document of another DID, or too large, or too deep, is a permanent failure', async () => {
    const method = counting(() => ({ didDocument: { id: 'did:example:b' } }))
    const resolver = createResolver([method], { cache: false, maxDocumentBytes: 1000 })
    expect((await resolver.resolve(did)).didResolutionMetadata.error).toBe('invalidDidDocument')
    method.answer = () => ({ didDocument: { id: did, text: 'x'.repeat(1000) } })
    expect((await resolver.resolve(did)).didResolutionMetadata.error).toBe('limitExceeded')
    method.answer = () => ({ didDocument: { id: did, service: new Array(33).fill({}) } })
    await expect(documentOf(resolver, did)).rejects.toMatchObject({ code: 'ERR_MALFORMED_LIMIT' })
  })

  it('SEC-27: a method that throws, hangs, or answers nonsense fails in time, and is told to stop', async () => {
    const stopped: unknown[] = []
    const throwing: DidMethod = {
      method: 'throwing',
      resolve: () => {
        throw new Error('boom')
      },
    }
    const hanging: DidMethod = {
      method: 'hanging',
      resolve: (_, { signal } = {}) => {
        signal?.addEventListener('abort', () => stopped.push(signal.reason))
        return new Promise(() => undefined)
      },
    }
    const odd: DidMethod = { method: 'odd', resolve: async () => 'text' as unknown as DidResolutionResult }
    const resolver = createResolver([throwing, { ...throwing, method: 'immutable', immutable: true }, hanging, odd], {
      timeoutSeconds: 0.02,
    })
    for (const name of ['throwing', 'immutable', 'hanging'] as const) {
      await expect(documentOf(resolver, `did:${name}:a`)).rejects.toMatchObject({ code: 'ERR_DID_UNAVAILABLE', retryable: true })
    }
    await expect(documentOf(resolver, 'did:odd:a')).rejects.toMatchObject({ code: 'ERR_DID_NOT_FOUND' })
    expect(stopped).toMatchObject([{ code: 'ERR_DID_UNAVAILABLE' }])
  })

  it('K15: a thousand unknown DIDs at once run a few at a time, and the queue is bounded', async () => {
    let running = 0
    let most = 0
    const release: (() => void)[] = []
    const method = counting(async (asked) => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => release.push(resolve))
      running--
      return { didDocument: { id: asked } }
    })
    const resolver = createResolver([method], { maxConcurrent: 4, maxQueued: 10 })
    const all = Promise.all(Array.from({ length: 1000 }, (_, i) => resolver.resolve(`did:example:${i}`)))
    let done = false
    void all.then(() => {
      done = true
    })
    while (!done) {
      release.shift()?.()
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    const results = await all
    expect(most).toBe(4)
    expect(results.filter(({ didDocument }) => didDocument !== null)).toHaveLength(14)
    expect(results.filter(({ didResolutionMetadata }) => didResolutionMetadata.error === 'unavailable')).toHaveLength(986)
    const later = resolver.resolve('did:example:later')
    while (release.length === 0) await Promise.resolve()
    release.shift()?.()
    expect((await later).didDocument?.id).toBe('did:example:later')
  })

  it('SEC-27, K15: resolutions that never end give their turn back when their time is over', async () => {
    const method = counting((asked) => (asked.includes('hangs') ? new Promise(() => undefined) : { didDocument: { id: asked } }))
    const resolver = createResolver([method], { timeoutSeconds: 0.05, maxConcurrent: 2 })
    const error = async (name: string) => (await resolver.resolve(`did:example:${name}`)).didResolutionMetadata.error
    expect(await Promise.all(['hangs-1', 'hangs-2'].map(error))).toEqual(['unavailable', 'unavailable'])
    expect(await error('good')).toBeUndefined()
    // Each gives back one: afterwards no more than two run at a time.
    const later = ['hangs-3', 'hangs-4', 'hangs-5'].map(error)
    expect(method.calls).toBe(5)
    expect(await Promise.all(later)).toEqual(['unavailable', 'unavailable', 'unavailable'])
  })
})
