import { expect, it } from 'vitest'
import { traceReport, traceTarget } from '../../../src/message/trace.ts'

it('TRC-03, TRC-04: by default no trace is honored', () => {
  expect(traceTarget({ trace: 'https://trace.example.com/x' })).toBeUndefined()
  expect(traceTarget({ trace: 'https://trace.example.com/x' }, { allowedHosts: [] })).toBeUndefined()
})

it('TRC-01, TRC-05: HTTPS to a host that the policy names', () => {
  const policy = { allowedHosts: ['trace.example.com'] }
  expect(traceTarget({ trace: 'https://Trace.example.com/x?y' }, policy)).toBe('https://trace.example.com/x?y')
  for (const trace of [
    'http://trace.example.com/',
    'https://trace.example.com:8443/',
    'https://user:pass@trace.example.com/',
    'https://trace.example.com.evil.com/',
    'https://evil.com/trace.example.com',
    'nonsense',
    '',
    `https://trace.example.com/${'x'.repeat(3000)}`,
  ]) {
    expect(traceTarget({ trace }, policy)).toBeUndefined()
  }
  expect(traceTarget({}, policy)).toBeUndefined()
})

it('TRC-02, TRC-05: the report says that a message passed, and nothing of what it said', () => {
  const message = { id: '98fd8d72.1', type: 'https://didcomm.org/routing/2.0/forward', body: { next: 'did:example:secret' } }
  expect(traceReport(message, 'did:example:1234abcd#3')).toEqual({
    type: 'https://didcomm.org/trace/2.0/trace_report',
    pthid: '98fd8d72.1',
    handler: 'did:example:1234abcd#3',
    traced_type: 'https://didcomm.org/routing/2.0/forward',
  })
})
