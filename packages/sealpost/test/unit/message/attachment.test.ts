import { expect, it } from 'vitest'
import {
  attachedMessage,
  attachmentContent,
  attachmentMediaType,
  base64Attachment,
  findAttachment,
  jsonAttachment,
  linkAttachment,
  messageAttachment,
  signedContent,
} from '../../../src/message/attachment.ts'
import { checkAttachment } from '../../../src/message/attachment-check.ts'
import type { Attachment } from '../../../src/message/plaintext.ts'
import { refused } from './refused.ts'

const octets = new TextEncoder().encode('{"a":1}')

it('ATT-09, G-28, J22: base64url is written; padded and standard base64 are read', () => {
  expect(base64Attachment(Uint8Array.of(0xfb, 0xff), { id: '1' })).toEqual({ id: '1', data: { base64: '-_8' } })
  for (const base64 of ['-_8', '-_8=', '+/8=', '+/8']) {
    const content = attachmentContent({ data: { base64 } })
    expect(content.kind === 'bytes' && [...content.bytes]).toEqual([0xfb, 0xff])
  }
  for (const base64 of ['-_9', '!', 'YQ=', 'Y Q'])
    expect(refused(() => attachmentContent({ data: { base64 } }))).toMatch(/^ERR_MALFORMED_ENCODING/)
})

it('ATT-10, G-35: `json` is any JSON value, a string too', () => {
  for (const json of [null, 'text', 0, false, [], {}]) expect(attachmentContent(jsonAttachment(json))).toEqual({ kind: 'json', json })
  expect(refused(() => jsonAttachment(undefined))).toBe('ERR_USAGE_ARGUMENT ATT-10')
})

it('ATT-05, ATT-08, ATT-09, ATT-11: what is null is passed over', () => {
  const of = (data: object) => ({ data }) as Attachment
  const links = ['https://e.com/a']
  expect(attachmentContent(of({ base64: 'YQ', links: null, hash: null })).kind).toBe('bytes')
  expect(attachmentContent(of({ base64: null, links, hash: 'Qm' }))).toEqual({ kind: 'links', links, hash: 'Qm' })
  for (const data of [
    { base64: null, links: null, hash: null },
    { links, hash: null },
  ])
    expect(refused(() => attachmentContent(of(data)))).toBe('ERR_MALFORMED_ATTACHMENT ATT-05')
  expect(signedContent(of({ base64: null, links, hash: 'Qm' }), octets)).toBe(octets)
  expect(refused(() => signedContent(of({ base64: null, links: null })))).toBe('ERR_MALFORMED_ATTACHMENT ATT-11')
})

it('ATT-06, ATT-08: a linked attachment has links and a hash', () => {
  const attachment = linkAttachment(['https://e.com/a', 'https://f.com/a'], 'QmHash', { byte_count: 7 })
  expect(() => checkAttachment(attachment)).not.toThrow()
  expect(attachmentContent(attachment)).toEqual({ kind: 'links', links: ['https://e.com/a', 'https://f.com/a'], hash: 'QmHash' })
  expect(refused(() => linkAttachment([], 'Qm'))).toBe('ERR_USAGE_ARGUMENT ATT-06')
  expect(refused(() => linkAttachment(['https://e.com'], ''))).toBe('ERR_USAGE_ARGUMENT ATT-06')
  expect(refused(() => attachmentContent({ data: {} }))).toBe('ERR_MALFORMED_ATTACHMENT ATT-05')
})

it('ATT-11: a detached signature covers octets, which `json` has none of', () => {
  expect([...signedContent(base64Attachment(octets))]).toEqual([...octets])
  expect(signedContent(linkAttachment(['https://e.com'], 'Qm'), octets)).toBe(octets)
  expect(refused(() => signedContent({ data: { json: {}, jws: {} } }))).toBe('ERR_MALFORMED_ATTACHMENT ATT-11')
  expect(refused(() => signedContent({ data: { json: {}, jws: {} } }, octets))).toBe('ERR_MALFORMED_ATTACHMENT ATT-11')
})

it('ATT-14: a DIDComm message is attached as json, and read from json or base64', () => {
  const jwe = { ciphertext: 'x' }
  const attachment = messageAttachment(jwe, { id: 'x' })
  expect(attachment).toEqual({ id: 'x', media_type: 'application/didcomm-encrypted+json', data: { json: jwe } })
  expect(attachedMessage(attachment)).toBe(jwe)
  expect(attachedMessage(base64Attachment(octets))).toEqual({ a: 1 })
  for (const other of [jsonAttachment('text'), jsonAttachment([]), linkAttachment(['https://e.com'], 'Qm')]) {
    expect(refused(() => attachedMessage(other))).toBe('ERR_MALFORMED_ATTACHMENT ATT-14')
  }
  expect(refused(() => attachedMessage(base64Attachment(Uint8Array.of(1))))).toMatch(/^ERR_MALFORMED_JSON/)
})

it('ATT-04, OOB-17: the media type is as stated, in the older spelling too, or by the extension', () => {
  expect(attachmentMediaType({ media_type: 'image/png', mime_type: 'b', filename: 'a.dcem', data: {} })).toBe('image/png')
  expect(attachmentMediaType({ mime_type: 'application/json', data: {} })).toBe('application/json')
  expect(attachmentMediaType({ filename: 'a.dcem', data: {} })).toBe('application/didcomm-encrypted+json')
  expect(attachmentMediaType({ filename: 'a', mime_type: 1, data: {} })).toBeUndefined()
})

it('ATT-12: `#id` names an attachment', () => {
  const one = jsonAttachment(1, { id: 'one' })
  const message = { id: 'a', type: 'https://e.com/a/1.0/b', attachments: [jsonAttachment(0), one] }
  expect(findAttachment(message, '#one')).toBe(one)
  expect(findAttachment(message, 'one')).toBe(one)
  expect(findAttachment(message, '#two')).toBeUndefined()
})
