import { describe, expect, it } from 'vitest'
import { checkPlaintext } from '../../../src/message/check.ts'
import {
  escalateWarning,
  explain,
  isProblemReport,
  mayReport,
  parseProblemReport,
  problemReport,
  problemReportType,
} from '../../../src/message/problem.ts'
import { refused } from './refused.ts'

const comment = 'Unable to use the {1} endpoint for {2}.'

describe('problemReport', () => {
  it('PRB-03, PRB-04, PRB-05, PRB-08, PRB-09: the example of the text is made', () => {
    const report = problemReport({
      id: '7c9de639-c51c-4d60-ab95-103fa613c805',
      thread: '1e513ad4-48c9-444e-9e7e-5b8b45c5e325',
      code: 'e.p.xfer.cant-use-endpoint',
      comment,
      args: ['https://agents.r.us/inbox', 'did:sov:C805sNYhMrjHiqZDTUASHg'],
      escalateTo: 'mailto:admin@foo.org',
      ack: ['1e513ad4-48c9-444e-9e7e-5b8b45c5e325'],
    })
    expect(checkPlaintext(report)).toEqual({
      type: 'https://didcomm.org/report-problem/2.0/problem-report',
      id: '7c9de639-c51c-4d60-ab95-103fa613c805',
      pthid: '1e513ad4-48c9-444e-9e7e-5b8b45c5e325',
      ack: ['1e513ad4-48c9-444e-9e7e-5b8b45c5e325'],
      body: {
        code: 'e.p.xfer.cant-use-endpoint',
        comment,
        args: ['https://agents.r.us/inbox', 'did:sov:C805sNYhMrjHiqZDTUASHg'],
        escalate_to: 'mailto:admin@foo.org',
      },
    })
  })

  it('PRB-06: the comment is that of the code, unless the protocol has its own', () => {
    expect(problemReport({ id: 'r', thread: 't', code: 'e.m.did.unknown' }).body?.comment).toBe('DID is unusable.')
    expect(problemReport({ id: 'r', thread: 't', code: 'e.m.invalid-move' }).body).toEqual({ code: 'e.m.invalid-move' })
  })

  it('PRB-03, D-10, CODE-01: without a thread or a code there is no report', () => {
    expect(refused(() => problemReport({ id: 'r', thread: '', code: 'e.m.msg' }))).toBe('ERR_USAGE_ARGUMENT PRB-03')
    expect(refused(() => problemReport({ id: 'r', thread: 't', code: 'broken' }))).toBe('ERR_USAGE_ARGUMENT CODE-01')
  })

  it('PRB-03, OOB-14: other headers go along and do not displace its own', () => {
    const report = problemReport({
      id: 'r',
      thread: 't',
      code: 'e.m.msg',
      headers: { id: 'x', web_redirect: { status: 'FAIL', redirectUrl: 'https://e.com' } },
    })
    expect(report).toMatchObject({ id: 'r', web_redirect: { status: 'FAIL' } })
  })
})

describe('parseProblemReport', () => {
  const report = (body: object, headers: object = {}) => ({ id: 'r', type: problemReportType, pthid: 't', ...headers, body: { ...body } })

  it('PRB-05, CODE-05: a code is needed, of whatever form', () => {
    expect(parseProblemReport(report({ code: 'me.res.storage.message_too_big' }))).toMatchObject({
      sorter: undefined,
      thread: 't',
      args: [],
    })
    for (const body of [{}, { code: 1 }, { code: null }, { code: '' }, { code: 'x'.repeat(1000) }]) {
      expect(refused(() => parseProblemReport(report(body)))).toBe('ERR_MALFORMED_PROBLEM PRB-05')
    }
    expect(refused(() => parseProblemReport({ id: 'r', type: problemReportType }))).toBe('ERR_MALFORMED_PROBLEM PRB-05')
  })

  it('CODE-05: forms seen in the wild are understood', () => {
    const wild = {
      id: 'r',
      type: 'https://didcomm.org/issue-credential/2.0/problem-report',
      thid: 't',
      body: { description: { code: 'issuance-abandoned', en: 'gone' } },
    }
    expect(isProblemReport(wild)).toBe(true)
    expect(parseProblemReport(wild)).toMatchObject({ code: 'issuance-abandoned', comment: 'gone', thread: 't' })
    expect(parseProblemReport(report({ code: 'a', explain: 'why' })).comment).toBe('why')
    expect(isProblemReport({ type: 'https://didcomm.org/notification/1.0/problem_report' })).toBe(true)
    expect(isProblemReport({ type: 'https://example.com/x/1.0/no-problem-reports' })).toBe(false)
  })

  it('PRB-08, M18: help is a place for people, never a script', () => {
    const help = (value: unknown) => parseProblemReport(report({ code: 'a', escalate_to: value })).escalateTo
    expect(help('mailto:admin@foo.org')).toBe('mailto:admin@foo.org')
    for (const value of ['javascript:alert(1)', 'data:text/html,x', ' javascript:x', 1, null, `https://${'x'.repeat(9000)}`])
      expect(help(value)).toBeUndefined()
  })
})

describe('explain', () => {
  it('PRB-07: arguments take their places', () => {
    expect(explain({ comment, args: ['A', 'B'] })).toBe('Unable to use the A endpoint for B.')
    expect(explain({ comment: '{2} {1} {2}', args: ['a', 'b'] })).toBe('b a b')
    expect(explain({ comment: '{1}', args: [5] })).toBe('5')
  })

  it('PRB-07: missing and null ones become a question mark', () => {
    expect(explain({ comment, args: [] })).toBe('Unable to use the ? endpoint for ?.')
    expect(explain({ comment, args: [null, 'B'] })).toBe('Unable to use the ? endpoint for B.')
    expect(explain({ comment })).toBe('Unable to use the ? endpoint for ?.')
  })

  it('PRB-07: extra ones follow, separated by commas', () => {
    expect(explain({ comment, args: ['A', 'B', 'C', null] })).toBe('Unable to use the A endpoint for B. C, ?')
    expect(explain({ args: ['A', 'B'] })).toBe('A, B')
    expect(explain({})).toBe('')
  })

  it('PRB-10, M18: an argument is not interpolated again, and nothing acts', () => {
    expect(explain({ comment: '{1}', args: ['{2}', 'secret'] })).toBe('{2} secret')
    expect(explain({ comment: '{1} $& $1', args: ['$&'] })).toBe('$& $& $1')
    expect(explain({ comment: '{0} {01} {} {x} {1', args: [] })).toBe('{0} {01} {} {x} {1')
    expect(explain({ comment: 'a\u202E{1}', args: ['\u0000b'] })).toBe('ab')
    expect(explain({ comment: '{1}', args: [{ a: 1 }] })).toBe('{"a":1}')
    expect(explain({ comment: '{1}'.repeat(5000), args: ['x'.repeat(100_000)] }).length).toBeLessThan(20_000)
  })
})

describe('replies', () => {
  const warning = { id: 'w', type: problemReportType, pthid: 't', body: { code: 'w.p.xfer.cant-use-endpoint', comment, args: ['A', null] } }

  it('WRN-01, WRN-03: a warning becomes an error, in its thread, with a new id', () => {
    expect(escalateWarning(warning, { id: 'n' })).toEqual({
      id: 'n',
      type: problemReportType,
      thid: 'w',
      pthid: 't',
      ack: ['w'],
      body: { code: 'e.p.xfer.cant-use-endpoint', comment, args: ['A', '?'] },
    })
    expect(refused(() => escalateWarning(warning, { id: 'W' }))).toBe('ERR_USAGE_ARGUMENT WRN-03')
    expect(refused(() => escalateWarning({ ...warning, body: { code: 'e.p.xfer' } }, { id: 'n' }))).toBe('ERR_USAGE_ARGUMENT WRN-01')
    expect(refused(() => escalateWarning(warning, { id: 'n', code: 'w.p.xfer' }))).toBe('ERR_USAGE_ARGUMENT WRN-01')
  })

  it('WRN-01, PRB-06: more detail brings the comment of its own code', () => {
    expect(escalateWarning(warning, { id: 'n', code: 'e.p.trust.crypto' }).body).toEqual({
      code: 'e.p.trust.crypto',
      comment: 'Cryptographic operation failed.',
    })
  })

  it('WRN-02: the scope is never narrowed', () => {
    expect(refused(() => escalateWarning(warning, { id: 'n', code: 'e.m.xfer' }))).toBe('ERR_USAGE_ARGUMENT WRN-02')
    expect(refused(() => escalateWarning(warning, { id: 'n', code: 'e.paying.xfer' }))).toBe('ERR_USAGE_ARGUMENT WRN-02')
    expect(escalateWarning({ ...warning, body: { code: 'w.m.xfer' } }, { id: 'n', code: 'e.p.xfer' }).body?.code).toBe('e.p.xfer')
    expect(escalateWarning({ ...warning, body: { code: 'w.msg.bad-lang' } }, { id: 'n' }).body?.code).toBe('e.msg.bad-lang')
  })

  it('M11, M17: never a report about a report, and one for each message', () => {
    expect(mayReport(warning)).toBe(false)
    const message = { id: 'A', type: 'https://e.com/a/1.0/b' }
    expect(mayReport(message)).toBe(true)
    expect(mayReport(message, new Set(['a']))).toBe(false)
  })
})
