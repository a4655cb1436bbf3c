/**
 * DIDs and DID URLs.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { absolute, type Did, type DidUrl, didOf, isDid, isDidUrl, parseDidUrl } from '../../../src/did/index.ts'

describe('DIDs', () => {
  it.each(['did:example:123', 'did:a1:b:c', 'did:example:a::b', 'did:example:%41', 'did:web:example.com%3A3000', 'did:x:-._'])(
    'ADR-07: %s is a DID',
    (did) => {
      expect(isDid(did)).toBe(true)
      expect(parseDidUrl(did)).toEqual({ did, path: '', query: undefined, fragment: undefined })
    },
  )

  it.each([
    '',
    'did',
    'did:',
    'did:example',
    'did:example:',
    'DID:example:1',
    'did:Example:1',
    'did:example:a:',
    'did:example:%4',
    'did:example:a b',
    'did:example:ä',
    'did:example:a#b',
    `did:x:${'a'.repeat(8200)}`,
    7,
    null,
  ])('KID-07: %s is no DID', (did) => {
    expect(isDid(did)).toBe(false)
  })

  it('KID-03, G-41: a DID URL has its parts, and a reference becomes absolute', () => {
    const url = 'did:example:a/p/q?x=1&y=#key-1' as DidUrl
    expect(parseDidUrl(url)).toEqual({ did: 'did:example:a', path: '/p/q', query: 'x=1&y=', fragment: 'key-1' })
    expect(didOf(url)).toBe('did:example:a')
    expect(absolute('#key-1', 'did:example:a')).toBe('did:example:a#key-1')
    expect(absolute('did:example:b#key-1', 'did:example:a')).toBe('did:example:b#key-1')
  })

  it.each(['did:example:a#', 'did:example:a#b#c', 'did:example:a?b?c#d ', 'did:example:a/ä', '#key', 'did:example:a%zz#b'])(
    'KID-07: %s',
    (url) => {
      expect(isDidUrl(url)).toBe(url === 'did:example:a?b?c#d')
      expect(() => parseDidUrl(url)).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_DID' }))
    },
  )

  it('JOSE-05: hostile text takes no time', () => {
    const start = performance.now()
    for (const text of [`did:example:${':'.repeat(8000)}`, `did:example:${'%41:'.repeat(2000)}!`, `did:example:a#${'%'.repeat(8000)}`])
      expect(isDidUrl(text as Did)).toBe(false)
    expect(performance.now() - start).toBeLessThan(500)
  })
})
