import { expect, it } from 'vitest'
import { jsonAttachment } from '../../../src/message/attachment.ts'
import {
  answersInvitation,
  checkInvitation,
  chooseInvitedMessage,
  createInvitation,
  invitationType,
} from '../../../src/message/out-of-band.ts'
import { refused } from './refused.ts'

const base = { id: 'a', type: invitationType, from: 'did:example:alice' }
const refusal = (headers: object) => refused(() => checkInvitation({ ...base, ...headers }))

it('OOB-04, MED-04: an invitation is made', () => {
  const content = { id: 'a', from: 'did:example:alice', goalCode: 'issue-vc', goal: 'To issue', accept: ['didcomm/v2'], expiresTime: 9 }
  expect(createInvitation({ ...content, attachments: [jsonAttachment({ type: 'x' }, { id: 'request-0' })] })).toEqual({
    ...base,
    typ: 'application/didcomm-plain+json',
    expires_time: 9,
    body: { goal_code: 'issue-vc', goal: 'To issue', accept: ['didcomm/v2'] },
    attachments: [{ id: 'request-0', data: { json: { type: 'x' } } }],
  })
  expect(createInvitation({ id: 'a', from: 'did:example:alice' }).body).toEqual({})
  expect(refused(() => createInvitation({ id: 'a', from: 'alice' }))).toBe('ERR_MALFORMED_INVITATION HDR-10')
})

it('OOB-04, OOB-16: `type`, `id` and `from` are needed', () => {
  expect(refusal({ type: 'https://didcomm.org/empty/1.0/empty' })).toBe('ERR_MALFORMED_INVITATION OOB-04')
  expect(refused(() => checkInvitation({ type: invitationType, id: 'a' }))).toBe('ERR_MALFORMED_INVITATION OOB-04')
  expect(refused(() => checkInvitation({ type: invitationType, from: 'did:example:alice' }))).toBe('ERR_MALFORMED_INVITATION HDR-01')
  expect(refused(() => checkInvitation('x'))).toBe('ERR_MALFORMED_INVITATION PLN-01')
  expect(refusal({ attachments: [{ id: '1' }] })).toBe('ERR_MALFORMED_INVITATION ATT-05')
})

it('OOB-05, OOB-16, GOAL-03: the body says why; a code that nobody knows is no error', () => {
  const body = { goal_code: 'nobody-knows', goal: 'x', accept: ['didcomm/v9'], other: 1 }
  expect(checkInvitation({ ...base, body }).body).toBe(body)
  expect(checkInvitation(base)).toBe(base)
  for (const wrong of [{ goal_code: 1 }, { goal: 'x'.repeat(70_000) }, { accept: 'didcomm/v2' }, { accept: [1] }]) {
    expect(refusal({ body: wrong })).toBe('ERR_MALFORMED_INVITATION OOB-05')
  }
})

it('OOB-05: what is null in the body is not there', () => {
  const { body } = checkInvitation({ ...base, body: { goal_code: null, goal: null, accept: null, other: null } })
  expect(body).toStrictEqual({ other: null })
  expect(checkInvitation({ ...base, body: { goal_code: 'x', goal: null } }).body).toStrictEqual({ goal_code: 'x' })
})

it('OOB-06, OOB-17, OOB-19, O06: the first message that is understood is proposed; it may lack `from` and `to`', () => {
  const message = (type: string) => ({ id: 'm', type, body: {} })
  const attachments = [
    jsonAttachment('<json of protocol message>', { id: '0' }),
    { id: '1', data: { base64: '!' } },
    { id: '2', mime_type: 'application/json', data: { base64: btoa(JSON.stringify(message('https://e.com/a/1.0/one'))) } },
    jsonAttachment(message('https://e.com/a/1.0/two'), { id: '3' }),
    jsonAttachment(message('https://e.com/a/1.0/one'), { id: '4' }),
  ]
  const invitation = checkInvitation({ ...base, attachments })
  expect(chooseInvitedMessage(invitation, (type) => type.endsWith('one'))?.attachment.id).toBe('2')
  expect(chooseInvitedMessage(invitation, (type) => type.endsWith('two'))?.message).toEqual(message('https://e.com/a/1.0/two'))
  expect(chooseInvitedMessage(invitation, () => false)).toBeUndefined()
  expect(chooseInvitedMessage(checkInvitation(base), () => true)).toBeUndefined()
})

it('OOB-03, OOB-18, THR-04, O07: each answer names the invitation by `pthid`', () => {
  expect(answersInvitation({ pthid: 'A' }, base)).toBe(true)
  expect(answersInvitation({ pthid: 'b' }, base)).toBe(false)
  expect(answersInvitation({}, base)).toBe(false)
})
