/**
 * Which DIDs are one subject.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import numalgo3 from '../../../../../vectors/did-peer/numalgo-3.json' with { type: 'json' }
import numalgo4 from '../../../../../vectors/did-peer/numalgo-4.json' with { type: 'json' }
import { canonicalDid, type Did, sameSubject } from '../../../src/did/index.ts'
import { formerFragments, multihashOf } from '../../../src/did/subject.ts'

describe('sameSubject', () => {
  it('ADR-07: other methods are compared octet by octet', () => {
    expect(sameSubject('did:example:a', 'did:example:a')).toBe(true)
    for (const [a, b] of [
      ['did:example:a', 'did:example:A'],
      ['did:web:example.com', 'did:web:EXAMPLE.com'],
      ['did:example:a%20', 'did:example:a%20b'],
      ['did:example:4zQm:z1', 'did:example:4zQm'],
    ] as const) {
      expect(sameSubject(a, b), a).toBe(false)
    }
  })

  it('ADR-07, D-09, G-40: the forms of a did:peer:4, and of a did:peer:2, are one', () => {
    const [{ long, short }, other] = numalgo4.vectors as [(typeof numalgo4.vectors)[0], (typeof numalgo4.vectors)[0]]
    expect(canonicalDid(long as Did)).toBe(short)
    expect(canonicalDid(short as Did)).toBe(short)
    expect(sameSubject(short as Did, long as Did)).toBe(true)
    expect(sameSubject(short as Did, other.long as Did)).toBe(false)
    const [one, two] = numalgo3.vectors as [(typeof numalgo3.vectors)[0], (typeof numalgo3.vectors)[0]]
    expect(canonicalDid(one.numalgo_2 as Did)).toBe(one.numalgo_3)
    expect(sameSubject(one.numalgo_3 as Did, one.numalgo_2 as Did)).toBe(true)
    expect(sameSubject(one.numalgo_2 as Did, two.numalgo_2 as Did)).toBe(false)
    expect(sameSubject(one.numalgo_3 as Did, two.numalgo_2 as Did)).toBe(false)
  })

  it('K09: the long form is believed by its hash alone, which the method checks: another document is another text', () => {
    expect(sameSubject('did:peer:4zQmA:zB', 'did:peer:4zQmA:zC')).toBe(true)
    expect(sameSubject('did:peer:4zQmA:zB', 'did:peer:4zQmAA:zB')).toBe(false)
  })

  it('G-39: only did:peer:0 and did:peer:2 have former fragments', () => {
    expect(formerFragments('did:peer:2.Vz6Mk', 'z6Mk')).toEqual(['z6Mk', '6Mk'])
    expect(formerFragments('did:peer:4zQm', 'z6Mk')).toEqual([])
    expect(multihashOf('')).toBe('zQmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n')
  })
})
