import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DidcommError } from '../../src/errors.ts'
import { attachmentContent } from '../../src/message/attachment.ts'
import { checkPlaintext } from '../../src/message/check.ts'
import { invitationUrl, parseInvitationUrl } from '../../src/message/invitation-url.ts'
import { localizedBody } from '../../src/message/language.ts'
import { parseMultihash } from '../../src/message/multihash.ts'
import { createInvitation } from '../../src/message/out-of-band.ts'
import { explain, parseProblemReport } from '../../src/message/problem.ts'
import { parseProblemCode } from '../../src/message/problem-codes.ts'
import { sequencingOf } from '../../src/message/sequencing.ts'
import { inertText, safeFilename } from '../../src/message/text.ts'
import { isMessageType, parseMessageType, parseProtocol } from '../../src/message/type-uri.ts'

const id = fc.stringMatching(/^[A-Za-z0-9._~-]{1,64}$/)
const headerNames = [
  'id',
  'type',
  'typ',
  'from',
  'to',
  'thid',
  'pthid',
  'created_time',
  'expires_time',
  'body',
  'attachments',
  'from_prior',
  'please_ack',
  'ack',
  'lang',
  'accept-lang',
  'trace',
  'l10n',
  'received_orders',
]
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        'https://e.com/',
        '/',
        '1.0',
        'a',
        '.',
        '_',
        '?',
        '&',
        '_oob=',
        '_oobid=',
        '%',
        '{1}',
        '{',
        'did:',
        ':',
        '#',
        '=',
        'e30',
      ),
      { maxLength: 200 },
    )
    .map((parts) => parts.join('')),
)

/** Runs a call that may refuse, and may not fail in any other way. */
function survives(call: () => unknown): void {
  try {
    call()
  } catch (error) {
    if (!(error instanceof DidcommError)) throw error
  }
}

describe('nothing but the one error class, whatever comes', () => {
  it('HDR-25, SEC-63: checkPlaintext', () => {
    const value = fc.oneof({ weight: 2, arbitrary: fc.jsonValue() }, hostile, fc.constant(undefined), fc.double())
    const message = fc.dictionary(fc.oneof(fc.constantFrom(...headerNames), fc.string()), value)
    const nearly = message.map((headers) => ({ id: 'a', type: 'https://e.com/a/1.0/b', ...headers }))
    fc.assert(
      fc.property(fc.oneof(message, nearly, fc.jsonValue()), (input) => {
        survives(() => {
          const checked = checkPlaintext(input)
          localizedBody(checked, ['fr'])
          survives(() => sequencingOf(checked))
          survives(() => parseProblemReport(checked))
          for (const attachment of checked.attachments ?? []) survives(() => attachmentContent(attachment))
        })
      }),
      { numRuns: 2000 },
    )
  })

  it('ATT-05, SEC-63: attachments', () => {
    const data = fc.dictionary(
      fc.constantFrom('json', 'base64', 'links', 'hash', 'jws', 'x'),
      fc.oneof(fc.jsonValue(), fc.array(fc.string())),
    )
    const attachments = fc.array(fc.record({ id: fc.oneof(id, fc.jsonValue()), data }, { requiredKeys: ['data'] }))
    fc.assert(
      fc.property(attachments, (list) => survives(() => checkPlaintext({ id: 'a', type: 'https://e.com/a/1.0/b', attachments: list }))),
    )
  })

  it('URI-06, SEC-63: parseMessageType and parseProtocol; isMessageType agrees with the parser', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        survives(() => parseProtocol(text))
        let parsed = true
        try {
          parseMessageType(text)
        } catch {
          parsed = false
        }
        expect(isMessageType(text)).toBe(parsed)
      }),
      { numRuns: 2000 },
    )
  })

  it('OOB-07, SEC-63: parseInvitationUrl', () => {
    fc.assert(
      fc.property(hostile, fc.constantFrom('', 'https://e.com/?_oob=', 'https://e.com/?_oobid='), (text, start) =>
        survives(() => parseInvitationUrl(start + text)),
      ),
      { numRuns: 2000 },
    )
  })

  it('PRB-10, CODE-05, SEC-63: problems, texts and hashes', () => {
    fc.assert(
      fc.property(hostile, fc.array(fc.anything()), (text, args) => {
        expect(explain({ comment: text, args }).length).toBeLessThan(20_000)
        parseProblemCode(text)
        inertText(text)
        const name = safeFilename(text)
        if (name !== undefined) expect(name).not.toMatch(/^\.|[/\\\0]/)
        survives(() => parseMultihash(text))
      }),
    )
  })

  it('URI-06, PRB-10, OOB-07: a megabyte of hostile text costs little', () => {
    const start = performance.now()
    for (const piece of ['a', '/', '{1}', '{', '?', '&_oob=', '%', '%25', '\u202e', ' ', '\n', '.', 'a/1.0/', '=']) {
      const text = piece.repeat(1_000_000 / piece.length)
      survives(() => parseMessageType(text))
      survives(() => parseInvitationUrl(`https://e.com/?${text}`))
      explain({ comment: text, args: [text] })
      safeFilename(text)
      inertText(text)
      survives(() => checkPlaintext({ id: text, type: text, from: text }))
      survives(() => checkPlaintext({ id: 'a', type: 'https://e.com/a/1.0/b', from: `did:e:${text}` }))
    }
    expect(performance.now() - start).toBeLessThan(3000)
  })
})

describe('what is written is read', () => {
  it('OOB-07, OOB-08, J16: invitations come back from their URLs', () => {
    fc.assert(
      fc.property(id, fc.string({ unit: 'grapheme' }), (ownId, goal) => {
        const invitation = createInvitation({ id: ownId, from: 'did:example:alice', goal })
        expect(parseInvitationUrl(invitationUrl('https://e.com/p?x=1', invitation))).toEqual({ form: 'plain', invitation })
      }),
    )
  })

  it('HDR-22, PLN-03, J16: a sound message comes back as it is', () => {
    const message = fc.record({
      id,
      type: fc.constant('https://e.com/a/1.0/b'),
      thid: id,
      body: fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()),
    })
    fc.assert(
      fc.property(message, (value) => {
        fc.pre(!Object.hasOwn(value.body, '__proto__'))
        expect(checkPlaintext(value)).toBe(value)
      }),
    )
  })
})
