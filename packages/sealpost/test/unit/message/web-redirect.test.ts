import { expect, it } from 'vitest'
import examples from '../../../../../vectors/didcomm-v2.1/examples.json' with { type: 'json' }
import type { Plaintext } from '../../../src/message/plaintext.ts'
import { webRedirectOf } from '../../../src/message/web-redirect.ts'
import { refused } from './refused.ts'

const base = { id: 'a', type: 'https://didcomm.org/present-proof/3.0/ack' }
const refusal = (web_redirect: unknown) => refused(() => webRedirectOf({ ...base, web_redirect }))
const redirectUrl = 'https://example.com/x'

it('OOB-14: the examples of the text', () => {
  const redirects = examples.examples
    .filter(({ json }) => 'web_redirect' in json)
    .map(({ json }) => webRedirectOf(json as unknown as Plaintext))
  expect(redirects.map((redirect) => redirect?.status)).toEqual(['OK', 'FAIL'])
  expect(webRedirectOf(base)).toBeUndefined()
})

it('OOB-14: both members, and one of three statuses', () => {
  for (const value of [
    'x',
    null,
    [],
    {},
    { redirectUrl },
    { status: 'ok', redirectUrl },
    { status: 'OK' },
    { status: 'OK', redirectUrl: 1 },
    { status: 'PENDING', redirectUrl: 'x' },
  ]) {
    expect(refusal(value)).toBe('ERR_MALFORMED_MESSAGE OOB-14')
  }
})

it('OOB-15, O09: the web alone, and app links by choice', () => {
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'wallet://done']) {
    expect(refusal({ status: 'OK', redirectUrl: url })).toBe('ERR_MALFORMED_MESSAGE OOB-15')
  }
  const message = { ...base, web_redirect: { status: 'OK', redirectUrl: 'wallet://done' } }
  expect(webRedirectOf(message, ['wallet:'])?.redirectUrl).toBe('wallet://done')
})
