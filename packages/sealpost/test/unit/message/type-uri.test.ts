import { describe, expect, it } from 'vitest'
import {
  commonVersion,
  isCompatible,
  isMessageType,
  matchesType,
  parseMessageType,
  parseProtocol,
  sameName,
} from '../../../src/message/type-uri.ts'
import { refused } from './refused.ts'

describe('parse', () => {
  it('URI-01, URI-03: the delimiters of the grammar stand before the name', () => {
    for (const delimiter of ['?', '/', '&', ':', ';', '=']) {
      const uri = `https://example.com/x${delimiter}lunch/2.3/offer`
      expect(parseMessageType(uri)).toEqual({
        protocol: `https://example.com/x${delimiter}lunch/2.3`,
        documentUri: `https://example.com/x${delimiter}`,
        name: 'lunch',
        version: { major: 2, minor: 3 },
        message: 'offer',
      })
      expect(isMessageType(uri)).toBe(true)
    }
    expect(isMessageType('https://example.com/x!lunch/2.3/offer')).toBe(false)
  })

  it('URI-01: a slash at the end of a protocol is taken, not at the end of a message type', () => {
    expect(parseProtocol('https://didcomm.org/lunch/1.0/').protocol).toBe('https://didcomm.org/lunch/1.0')
    expect(isMessageType('https://didcomm.org/lunch/1.0/offer/')).toBe(false)
  })

  it('URI-04: names begin with a letter and end with a letter or digit', () => {
    for (const name of ['a', 'a1', 'lets_do-lunch.v', 'LetsDoLunch'])
      expect(parseMessageType(`https://e.com/${name}/1.0/${name}`).message).toBe(name)
    for (const name of ['1a', '_a', 'a_', 'a-', '.a', 'a.', 'a b', 'ä', '']) {
      expect(isMessageType(`https://e.com/lunch/1.0/${name}`)).toBe(false)
      expect(isMessageType(`https://e.com/${name}/1.0/offer`)).toBe(false)
    }
  })

  it('URI-04, G-52: a name with capitals is captured whole', () => {
    expect(parseMessageType('https://didcomm.org/LetsDoLunch/1.0/x').name).toBe('LetsDoLunch')
  })

  it('SEM-04: a patch number is passed over, and other versions are none', () => {
    expect(parseMessageType('https://e.com/a/1.2.3/b').version).toEqual({ major: 1, minor: 2 })
    for (const version of ['1', 'v1.0', '1.', '.1', '1.0.', '1.x', '1.0.0.0', ''])
      expect(isMessageType(`https://e.com/a/${version}/b`)).toBe(false)
  })

  it('URI-01, URI-03: what has no document, or characters that URIs do not have, is refused', () => {
    for (const uri of [
      '',
      'a',
      '/',
      '//',
      'lunch/1.0/offer',
      '/lunch/1.0/offer',
      'x/lunch/1.0/offer',
      'https://e .com/a/1.0/b',
      'https://e.com/\u0000/a/1.0/b',
    ]) {
      expect(isMessageType(uri)).toBe(false)
      expect(refused(() => parseMessageType(uri))).toBe('ERR_MALFORMED_TYPE_URI URI-03')
      expect(refused(() => parseProtocol(uri))).toBe('ERR_MALFORMED_TYPE_URI URI-01')
    }
  })

  it('URI-06: time is linear on hostile input', () => {
    const start = performance.now()
    for (const piece of ['a/1.0/', 'a', '/', '1.0/', 'a.', '?', 'a_-.']) {
      for (const end of ['', '/', '/1.0/b!', '/1.0/b']) isMessageType(`https://e.com/${piece.repeat(1_000_000 / piece.length)}${end}`)
      const inside = `https://e.com/${piece.repeat(Math.floor(1900 / piece.length))}!/1.0/b`
      for (let i = 0; i < 100; i++) isMessageType(inside)
    }
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('compare', () => {
  it('URI-05: names are compared ignoring case and punctuation', () => {
    expect(sameName('lets_do_lunch', 'LetsDoLunch')).toBe(true)
    expect(sameName('lets-do-lunch', 'lets.do.lunch')).toBe(true)
    expect(sameName('lets_do_lunch', 'lets_do_brunch')).toBe(false)
    expect(matchesType('https://e.com/lets_do_lunch/1.0/pro-posal', 'https://e.com/LetsDoLunch/1.3/Proposal')).toBe(true)
    expect(matchesType('https://e.com/lunch/1.0/proposal', 'https://e.com/lunch/1.0/refusal')).toBe(false)
  })

  it('SEM-01, M12: the same major version is compatible, at the older minor', () => {
    expect(isCompatible('https://e.com/a/1.0', 'https://e.com/a/1.9/b')).toBe(true)
    expect(isCompatible('https://e.com/a/1.0', 'https://e.com/a/2.0')).toBe(false)
    expect(commonVersion('https://e.com/a/1.4', 'https://e.com/a/1.2')).toEqual({ major: 1, minor: 2 })
    expect(commonVersion('https://e.com/a/1.4', 'https://e.com/a/2.2')).toBeUndefined()
    expect(commonVersion('nothing', 'https://e.com/a/2.2')).toBeUndefined()
  })

  it('SEM-01: documents of others are other protocols', () => {
    expect(isCompatible('https://e.com/a/1.0', 'https://f.com/a/1.0')).toBe(false)
    expect(matchesType('proposal', 'proposal')).toBe(false)
    expect(matchesType(parseMessageType('https://e.com/a/1.0/b'), 'https://e.com/a/1.0/b')).toBe(true)
  })
})
