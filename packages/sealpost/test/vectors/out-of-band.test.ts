import { expect, it } from 'vitest'
import oob from '../../../../vectors/didcomm-v2.1/oob.json' with { type: 'json' }
import { invitationUrl, parseInvitationUrl, shortInvitationUrl } from '../../src/message/invitation-url.ts'
import { checkInvitation } from '../../src/message/out-of-band.ts'

it('OOB-07, OOB-08: the example of the text is written exactly', () => {
  expect(invitationUrl('https://example.com/path', checkInvitation(oob.invitation))).toBe(oob.url)
})

it('OOB-07, OOB-08: the example of the text is read', () => {
  expect(parseInvitationUrl(oob.url)).toEqual({ form: 'plain', invitation: oob.invitation })
  expect(JSON.stringify(oob.invitation)).toBe(oob.compact)
})

it('OOB-11: the short URL of the text is written and read', () => {
  const oobid = oob.short_url.slice(oob.short_url.indexOf('=') + 1)
  expect(shortInvitationUrl('https://example.com/path', oobid)).toBe(oob.short_url)
  expect(parseInvitationUrl(oob.short_url)).toEqual({ form: 'short', url: oob.short_url, oobid })
})
