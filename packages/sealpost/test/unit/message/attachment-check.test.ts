import { expect, it } from 'vitest'
import { checkAttachment, checkAttachments } from '../../../src/message/attachment-check.ts'
import { refused } from './refused.ts'

const data = { json: {} }
const refusal = (attachment: unknown) => refused(() => checkAttachments([attachment]))
const code = 'ERR_MALFORMED_ATTACHMENT'

it('ATT-01: an attachment is an object', () => {
  for (const value of ['a', null, [], 1]) expect(refusal(value)).toBe(`${code} ATT-01`)
})

it('ATT-02: `id` is unreserved characters', () => {
  expect(() => checkAttachment({ id: 'request-0', data })).not.toThrow()
  for (const id of ['a/b', '#a', '', ' ', 1, null, 'x'.repeat(256)]) expect(refusal({ id, data })).toBe(`${code} ATT-02`)
})

it('ATT-03: descriptive members keep their types', () => {
  expect(() =>
    checkAttachment({ description: 'a', filename: 'a', media_type: 'a', format: 'a', lastmod_time: 0, byte_count: 1, data, other: [] }),
  ).not.toThrow()
  for (const name of ['description', 'filename', 'media_type', 'format']) expect(refusal({ [name]: 1, data })).toBe(`${code} ATT-03`)
  for (const name of ['lastmod_time', 'byte_count']) {
    for (const value of ['1', 1.5, -1, -0, 2 ** 53, null]) expect(refusal({ [name]: value, data })).toBe(`${code} ATT-03`)
  }
})

it('ATT-05: `data` gives access to the content', () => {
  for (const value of [undefined, null, 'a', [], {}, { jws: {} }, { hash: 'Qm' }, { hash: 'Qm', jws: {} }, { other: 1 }]) {
    expect(refusal({ id: '1', data: value })).toBe(`${code} ATT-05`)
  }
  for (const value of [
    { json: null },
    { json: 'text' },
    { base64: '' },
    { links: ['https://e.com'], hash: 'Qm' },
    { json: 1, links: [] },
  ]) {
    expect(() => checkAttachment({ data: value })).not.toThrow()
  }
})

it('ATT-06, M23: `links` need a `hash`, whatever else is there', () => {
  for (const value of [{ links: ['https://e.com'] }, { links: ['https://e.com'], hash: '' }, { links: ['https://e.com'], json: 1 }]) {
    expect(refusal({ data: value })).toBe(`${code} ATT-06`)
  }
  expect(refusal({ data: { links: ['https://e.com'], hash: 1 } })).toBe(`${code} ATT-06`)
})

it('ATT-08: `links` is a list of locations, and an empty one leads nowhere', () => {
  for (const links of ['https://e.com', {}, [1]]) expect(refusal({ data: { links, hash: 'Qm' } })).toBe(`${code} ATT-08`)
  expect(refusal({ data: { links: [], hash: 'Qm' } })).toBe(`${code} ATT-05`)
  expect(refused(() => checkAttachment({ data: { links: Array(65).fill('https://e.com'), hash: 'Qm' } }))).toBe(
    'ERR_MALFORMED_LIMIT JOSE-05',
  )
})

it('ATT-05, ATT-08, ATT-09, ATT-11: what is null is not there, as implementations in use write it', () => {
  expect(() => checkAttachment({ data: { json: {}, hash: null, jws: null, links: null, base64: null } })).not.toThrow()
  expect(() => checkAttachment({ data: { base64: 'YQ', links: null, hash: null } })).not.toThrow()
  expect(() => checkAttachment({ data: { base64: null, links: ['https://e.com'], hash: 'Qm' } })).not.toThrow()
  expect(refusal({ data: { base64: null, links: null } })).toBe(`${code} ATT-05`)
  expect(refusal({ data: { links: ['https://e.com'], hash: null } })).toBe(`${code} ATT-06`)
})

it('ATT-09, ATT-11: `base64` is a string and `jws` an object', () => {
  expect(refusal({ data: { base64: 1 } })).toBe(`${code} ATT-09`)
  expect(refusal({ data: { base64: 'YQ', jws: 'a..b' } })).toBe(`${code} ATT-11`)
})

it('ATT-12: ids are unique', () => {
  const twice = [{ id: '1', data }, { data }, { id: '1', data }]
  expect(refused(() => checkAttachments(twice))).toBe(`${code} ATT-12`)
  expect(() => checkAttachments([{ id: '1', data }, { data }, { data }, { id: '2', data }])).not.toThrow()
})

it('M24: `json` and `base64` of one attachment agree', () => {
  const base64 = btoa('{"b":1, "a":[2]}')
  expect(() => checkAttachment({ data: { base64, json: { a: [2], b: 1 } } })).not.toThrow()
  expect(refusal({ data: { base64, json: { a: [3], b: 1 } } })).toBe(`${code} ATT-05`)
  expect(refusal({ data: { base64: 'not json', json: {} } })).toBe(`${code} ATT-05`)
})

it('JOSE-05: at most 256 attachments', () => {
  const many = (length: number) => Array.from({ length }, (_, i) => ({ id: String(i), data }))
  expect(() => checkAttachments(many(256))).not.toThrow()
  expect(refused(() => checkAttachments(many(257)))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
})
