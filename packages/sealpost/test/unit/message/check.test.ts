import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../src/bytes/json.ts'
import { checkPlaintext } from '../../../src/message/check.ts'
import { refused } from './refused.ts'

const base = {
  id: 'b2b1d7b0-2f0b-4f0e-a8d6-3c5a2a0d5a11',
  type: 'https://example.com/protocols/lets_do_lunch/1.0/proposal',
}
const check = (headers: object) => checkPlaintext({ ...base, ...headers })
const refusal = (headers: object) => refused(() => check(headers))

describe('checkPlaintext', () => {
  it('PLN-01: a plaintext message is one JSON object', () => {
    for (const value of [['a'], 'a', 1, null, true, undefined])
      expect(refused(() => checkPlaintext(value))).toBe('ERR_MALFORMED_MESSAGE PLN-01')
  })

  it('HDR-26, HDR-19, M09: headers alone are a message; the same object comes back', () => {
    const message = { ...base }
    expect(checkPlaintext(message)).toBe(message)
    const withBody = { ...base, body: {} }
    expect(checkPlaintext(withBody)).toBe(withBody)
  })

  it('HDR-01, THR-01: `id` is required', () => {
    expect(refused(() => checkPlaintext({ type: base.type }))).toBe('ERR_MALFORMED_MESSAGE HDR-01')
  })

  it('THR-02, J15: `id` is unreserved characters', () => {
    for (const id of ['a', '.', '..', 'CON', 'a-b_c~d.e', 'X'.repeat(64)]) expect(check({ id }).id).toBe(id)
    for (const id of ['', 'a/b', 'a b', 'a?', 'ä', 'a\u0000', 'a\n', 1234, null, {}, 'x'.repeat(65)]) {
      expect(refusal({ id })).toBe('ERR_MALFORMED_MESSAGE THR-02')
    }
  })

  it('THR-02, D-03: 32 octets in strict reading, where a UUID is too long', () => {
    const id = 'x'.repeat(32)
    expect(checkPlaintext({ ...base, id }, { strict: true }).id).toBe(id)
    expect(refused(() => checkPlaintext(base, { strict: true }))).toBe('ERR_MALFORMED_MESSAGE THR-02')
    expect(refused(() => checkPlaintext({ ...base, id, thid: base.id }, { strict: true }))).toBe('ERR_MALFORMED_MESSAGE THR-06')
  })

  it('HDR-03, URI-03: `type` is required and a message type URI', () => {
    expect(refused(() => checkPlaintext({ id: 'a' }))).toBe('ERR_MALFORMED_MESSAGE HDR-03')
    for (const type of ['proposal', 'lets_do_lunch/1.0/proposal', 'https://example.com/x/1.0', 3, null, 'https://e.com/a/1.0/<b>']) {
      expect(refusal({ type })).toBe('ERR_MALFORMED_MESSAGE HDR-03')
    }
  })

  it('MED-07, MED-08, MED-09: `typ` may be absent or lack its prefix, and never names another format', () => {
    for (const typ of ['application/didcomm-plain+json', 'didcomm-plain+json', 'Application/DIDComm-Plain+JSON'])
      expect(check({ typ }).typ).toBe(typ)
    for (const typ of ['application/didcomm-encrypted+json', 'didcomm-signed+json', 'JWM', '', 'text/plain', 1, null]) {
      expect(refusal({ typ })).toBe('ERR_MALFORMED_MESSAGE MED-08')
    }
  })

  it('HDR-04: `to` is an array', () => {
    for (const to of ['did:example:bob', {}, null, 1]) expect(refusal({ to })).toBe('ERR_MALFORMED_MESSAGE HDR-04')
  })

  it('HDR-05, J15: `to` holds DIDs or DID URLs without fragment', () => {
    const to = ['did:example:bob', 'did:example:bob/path?query=1', 'did:web:example.com%3A3000:user', 'did:key:z6Mk']
    expect(check({ to }).to).toBe(to)
    for (const item of [
      'did:example:bob#key-1',
      'bob',
      '',
      'did:example:',
      'did:Example:a',
      'did:example:a b',
      'did:example:a\u0000',
      'did:example:%zz',
      1,
      null,
    ]) {
      expect(refusal({ to: [item] })).toBe('ERR_MALFORMED_MESSAGE HDR-05')
    }
    expect(refusal({ to: [`did:example:${'a'.repeat(9000)}`] })).toBe('ERR_MALFORMED_MESSAGE HDR-05')
  })

  it('HDR-10: `from` is one DID or DID URL without fragment', () => {
    expect(check({ from: 'did:example:alice' }).from).toBe('did:example:alice')
    for (const from of ['did:example:alice#key-1', ['did:example:alice'], 'alice', null, 1, '']) {
      expect(refusal({ from })).toBe('ERR_MALFORMED_MESSAGE HDR-10')
    }
  })

  it('THR-06, HDR-15, THR-10: `thid` and `pthid` are ids', () => {
    expect(check({ thid: 'a', pthid: '98fd8d72-80f6-4419-abc2-c65ea39d0f38.1' }).thid).toBe('a')
    for (const id of [1, '', 'a/b', null, [], 'x'.repeat(65)]) {
      expect(refusal({ thid: id })).toBe('ERR_MALFORMED_MESSAGE THR-06')
      expect(refusal({ pthid: id })).toBe('ERR_MALFORMED_MESSAGE HDR-15')
    }
  })

  it('HDR-16, HDR-17, J12: times are whole epoch seconds', () => {
    expect(check({ created_time: 0, expires_time: 1516385931 }).created_time).toBe(0)
    for (const time of [
      '1516269022',
      1516269022.5,
      -1,
      -0,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      2 ** 53,
      null,
      [],
      '2018-01-18T09:50:22Z',
    ]) {
      expect(refusal({ created_time: time })).toBe('ERR_MALFORMED_MESSAGE HDR-16')
      expect(refusal({ expires_time: time })).toBe('ERR_MALFORMED_MESSAGE HDR-17')
    }
    expect(refused(() => checkPlaintext(parseJson('{"id":"a","type":"https://e.com/a/1.0/b","created_time":-0}')))).toBe(
      'ERR_MALFORMED_MESSAGE HDR-16',
    )
  })

  it('HDR-17, M07: a message does not expire before it is made', () => {
    expect(check({ created_time: 5, expires_time: 5 }).expires_time).toBe(5)
    expect(refusal({ created_time: 5, expires_time: 4 })).toBe('ERR_MALFORMED_MESSAGE HDR-17')
  })

  it('HDR-19: `body` is an object', () => {
    for (const body of [null, [], 'a', 1, true]) expect(refusal({ body })).toBe('ERR_MALFORMED_MESSAGE HDR-19')
  })

  it('HDR-21: `attachments` is a list', () => {
    for (const attachments of [{}, 'a', null]) expect(refusal({ attachments })).toBe('ERR_MALFORMED_MESSAGE HDR-21')
    expect(check({ attachments: [] }).attachments).toEqual([])
  })

  it('HDR-22, HDR-23, M10: unknown headers are kept and looked at by nobody', () => {
    const headers = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`${i % 2 ? 'X-' : ''}x${i}`, { any: [i] }]))
    expect(check(headers)).toEqual({ ...base, ...headers })
  })

  it('HDR-25, ROT-02, TRC-01: reserved headers of a wrong type are refused', () => {
    for (const value of [1, null, {}, []]) {
      expect(refusal({ from_prior: value })).toBe('ERR_MALFORMED_MESSAGE HDR-25')
      expect(refusal({ trace: value })).toBe('ERR_MALFORMED_MESSAGE HDR-25')
      expect(refusal({ lang: value })).toBe('ERR_MALFORMED_MESSAGE I18-05')
    }
  })

  it('ACK-01, ACK-02, ACK-05: `please_ack` and `ack` are arrays of ids, and the empty string asks for this message alone', () => {
    expect(check({ please_ack: ['', 'abc'], ack: ['abc', 'def'] }).please_ack).toEqual(['', 'abc'])
    for (const value of ['abc', {}, null, [1], ['a/b'], [null]]) {
      expect(refusal({ please_ack: value })).toBe('ERR_MALFORMED_MESSAGE ACK-01')
      expect(refusal({ ack: value })).toBe('ERR_MALFORMED_MESSAGE ACK-05')
    }
    expect(refusal({ ack: [''] })).toBe('ERR_MALFORMED_MESSAGE ACK-05')
  })

  it('I18-02: `accept-lang` is an array of languages', () => {
    expect(check({ lang: 'fr', 'accept-lang': ['fr', 'en'] })['accept-lang']).toEqual(['fr', 'en'])
    for (const value of ['fr', {}, null, [1]]) expect(refusal({ 'accept-lang': value })).toBe('ERR_MALFORMED_MESSAGE I18-02')
  })

  it('RR-01: a return route of whatever value is no error', () => {
    for (const value of ['sometimes', null, 3]) expect(check({ return_route: value }).return_route).toBe(value)
  })

  it('J04, J05: a member named __proto__ is refused, names of the language are data', () => {
    const proto = JSON.parse('{"__proto__":{"isAdmin":true}}') as object
    for (const value of [{ body: proto }, { attachments: [proto] }, { attachments: [{ data: proto }] }])
      expect(refusal(value)).toMatch(/PLN-02$/)
    expect(refused(() => checkPlaintext(JSON.parse('{"__proto__":{"isAdmin":true},"id":"a","type":"https://e.com/a/1.0/b"}')))).toBe(
      'ERR_MALFORMED_MESSAGE PLN-02',
    )
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined()
    const body = { constructor: 1, prototype: 2, toString: 3, hasOwnProperty: 4 }
    expect(check({ body, hasOwnProperty: 1, toString: 2 }).body).toBe(body)
  })

  it('JOSE-05: lists have an end', () => {
    expect(refusal({ to: Array.from({ length: 10_001 }, () => 'did:example:bob') })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(refusal({ ack: Array.from({ length: 1_001 }, () => 'a') })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(refusal({ please_ack: Array.from({ length: 1_001 }, () => '') })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(refusal({ 'accept-lang': Array.from({ length: 257 }, () => 'fr') })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  })
})
