import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../../src/egress.ts'
import {
  fetchInvitation,
  invitationUrl,
  maxInvitationUrlLength,
  parseInvitationUrl,
  shortInvitationUrl,
} from '../../../src/message/invitation-url.ts'
import { createInvitation } from '../../../src/message/out-of-band.ts'
import { refused, rejected } from './refused.ts'

const invitation = createInvitation({ id: 'a', from: 'did:example:alice', goal: 'Grüße ✓ >>>???' })
const url = invitationUrl('https://example.com/path', invitation)
const encoded = url.slice(url.indexOf('=') + 1)

describe('invitationUrl', () => {
  it('OOB-07, OOB-08, OOB-10: base64url without padding or white space, beside other parameters', () => {
    expect(url).toMatch(/^https:\/\/example\.com\/path\?_oob=[A-Za-z0-9_-]+$/)
    expect(parseInvitationUrl(url)).toEqual({ form: 'plain', invitation })
    for (const base of [
      'https://example.com',
      'https://example.com/p?coupon=1',
      'https://example.com/p?',
      'https://example.com/p#top',
      'wallet://invite',
    ]) {
      expect(parseInvitationUrl(invitationUrl(base, invitation))).toEqual({ form: 'plain', invitation })
    }
    expect(invitationUrl('https://e.com/p?c=1#top', invitation)).toBe(`https://e.com/p?c=1&_oob=${encoded}#top`)
  })

  it('OOB-07, OOB-13, OOB-16: the base is a URL of one’s own, and the invitation is one', () => {
    for (const base of [
      'didcomm://invite',
      'DIDComm:invite',
      'javascript:alert(1)',
      'example.com',
      '',
      'https://',
      'https://e.com?_oob=x',
      'https://e.com?_oobid=x',
    ]) {
      expect(refused(() => invitationUrl(base, invitation))).toBe('ERR_USAGE_ARGUMENT OOB-07')
    }
    expect(refused(() => invitationUrl('https://e.com', { ...invitation, id: '' }))).toBe('ERR_MALFORMED_INVITATION THR-02')
  })

  it('OOB-11: the short form', () => {
    const short = shortInvitationUrl('https://example.com/path', '5f0e3ffb-3f92-4648-9868-0d6f8889e6f3')
    expect(short).toBe('https://example.com/path?_oobid=5f0e3ffb-3f92-4648-9868-0d6f8889e6f3')
    expect(parseInvitationUrl(short)).toEqual({ form: 'short', url: short, oobid: '5f0e3ffb-3f92-4648-9868-0d6f8889e6f3' })
    for (const id of ['', 'a/b', 'a&b', 'x'.repeat(200)])
      expect(refused(() => shortInvitationUrl('https://e.com', id))).toBe('ERR_USAGE_ARGUMENT OOB-11')
  })
})

describe('parseInvitationUrl', () => {
  const parse = (value: string) => refused(() => parseInvitationUrl(value))
  const oob = (value: unknown) => `https://e.com/?_oob=${btoa(JSON.stringify(value))}`

  it('OOB-08: padded, standard, escaped and wrapped base64 is read', () => {
    const standard = encoded.replaceAll('-', '+').replaceAll('_', '/')
    const padded = standard.padEnd(Math.ceil(standard.length / 4) * 4, '=')
    const wrapped = `${encoded.slice(0, 20)}\r\n ${encoded.slice(20)}`
    for (const value of [standard, padded, encodeURIComponent(padded), wrapped]) {
      expect(parseInvitationUrl(` https://e.com/?a=b&_oob=${value}&c=d#e\n`)).toEqual({ form: 'plain', invitation })
    }
  })

  it('OOB-07, O05: exactly one `_oob` or `_oobid`', () => {
    for (const query of [
      '',
      '?',
      '?a=b',
      '#_oob=x',
      `?_oob=${encoded}&_oob=${encoded}`,
      `?_oob=${encoded}&_oobid=x`,
      '?_oobid=a&_oobid=a',
      `?_oob=${encoded}&%5Foob=${encoded}`,
    ]) {
      expect(parse(`https://e.com/${query}`)).toBe('ERR_MALFORMED_INVITATION OOB-07')
    }
    expect(parse('nonsense')).toBe('ERR_MALFORMED_INVITATION OOB-07')
    expect(parse('https://e.com/?_oobid=a/b')).toBe('ERR_MALFORMED_INVITATION OOB-11')
  })

  it('OOB-08, O03: what is not base64url of JSON is refused', () => {
    for (const value of ['', '!', 'e', 'e30x', btoa('{'), btoa('{"a":1,"a":2}'), '%E0%A4%A'])
      expect(parse(`https://e.com/?_oob=${value}`)).toBe('ERR_MALFORMED_INVITATION OOB-08')
  })

  it('OOB-04, OOB-16: what is no invitation is refused', () => {
    expect(parse(oob({ id: 'a', type: invitation.type }))).toBe('ERR_MALFORMED_INVITATION OOB-04')
    expect(parse(oob({ type: invitation.type, from: 'did:example:alice' }))).toBe('ERR_MALFORMED_INVITATION HDR-01')
    expect(parse(oob([]))).toBe('ERR_MALFORMED_INVITATION PLN-01')
  })

  it('OOB-16: a signed invitation is handed on to those who can verify', () => {
    const jws = { payload: 'e30', signatures: [] }
    expect(parseInvitationUrl(oob(jws))).toEqual({ form: 'signed', jws })
  })

  it('MED-09, MED-10: what could be an envelope of two kinds is none', () => {
    expect(parse(oob({ payload: 'e30', ciphertext: 'x', signatures: [] }))).toBe('ERR_MALFORMED_INVITATION HDR-01')
    expect(parse(oob({ ciphertext: 'x', recipients: [] }))).toBe('ERR_MALFORMED_INVITATION HDR-01')
  })

  it('O03: size and depth have limits', () => {
    expect(parse(`https://e.com/?_oob=${'a'.repeat(2 * 1024 * 1024)}`)).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(maxInvitationUrlLength).toBeLessThan(2 * 1024 * 1024)
    let nested: object = invitation
    for (let i = 0; i < 50; i++) nested = { ...invitation, attachments: [{ id: '1', data: { json: nested } }] }
    expect(parse(`https://e.com/?_oob=${btoa(JSON.stringify(nested).replace(/[^\x20-\x7e]/g, ''))}`)).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  })
})

describe('fetchInvitation', () => {
  const short = 'https://e.com/path?_oobid=5f0e3ffb'
  const answering = (answer: (url: string) => Response): { fetch: Fetch; called: string[] } => {
    const called: string[] = []
    return {
      called,
      fetch: async (target) => {
        called.push(target)
        return answer(target)
      },
    }
  }
  const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } })
  const json = (value: unknown, type = 'application/didcomm-plain+json', status = 200) =>
    new Response(JSON.stringify(value), { status, headers: { 'content-type': type } })

  it('OOB-11, D-12: a redirect to the full URL holds the invitation, and is not called', async () => {
    const { fetch, called } = answering(() => redirect(url))
    expect(await fetchInvitation(short, { fetch })).toEqual({ form: 'plain', invitation })
    expect(called).toEqual([short])
    const relative = answering(() => redirect(`/full?_oob=${encoded}`, 307))
    expect(await fetchInvitation(short, relative)).toEqual({ form: 'plain', invitation })
  })

  it('OOB-11, D-12: or a JSON body is the invitation', async () => {
    for (const type of ['application/didcomm-plain+json', 'didcomm-plain+json; charset=utf-8', 'application/json']) {
      expect(
        await fetchInvitation(
          short,
          answering(() => json(invitation, type)),
        ),
      ).toEqual({ form: 'plain', invitation })
    }
    const hop = answering((target) => (target === short ? redirect('https://f.com/x') : json(invitation)))
    expect(await fetchInvitation(short, hop)).toEqual({ form: 'plain', invitation })
    expect(hop.called).toEqual([short, 'https://f.com/x'])
    const jws = { payload: 'e30', signatures: [] }
    expect(
      await fetchInvitation(
        short,
        answering(() => json(jws, 'application/didcomm-signed+json')),
      ),
    ).toEqual({ form: 'signed', jws })
  })

  it('OOB-07: a full URL is read without a call', async () => {
    const { fetch, called } = answering(() => json({}))
    expect(await fetchInvitation(url, { fetch })).toEqual({ form: 'plain', invitation })
    expect(called).toEqual([])
  })

  it('OOB-11: pages, failures and other content are refused', async () => {
    const fails = (answer: () => Response) => rejected(fetchInvitation(short, answering(answer)))
    expect(await fails(() => json(invitation, 'text/html'))).toBe('ERR_UNSUPPORTED_MEDIA_TYPE OOB-11')
    expect(await fails(() => json(invitation, 'application/didcomm-encrypted+json'))).toBe('ERR_UNSUPPORTED_MEDIA_TYPE OOB-11')
    expect(await fails(() => json(invitation, 'application/json', 404))).toBe('ERR_DELIVERY_REFUSED OOB-11')
    expect(await fails(() => json({ no: 'invitation' }))).toMatch(/^ERR_MALFORMED_INVITATION/)
    expect(await fails(() => new Response('{', { headers: { 'content-type': 'application/json' } }))).toBe(
      'ERR_MALFORMED_INVITATION OOB-08',
    )
    expect(await fails(() => redirect('https://e.com/?_oob=!'))).toBe('ERR_MALFORMED_INVITATION OOB-08')
    expect(await fails(() => redirect('https://e.com/again'))).toBe('ERR_DELIVERY_BLOCKED OOB-11')
  })

  it('O04, SEC-40: addresses inside, and redirects to them or to other schemes, are blocked', async () => {
    for (const target of ['https://127.0.0.1/?_oobid=a', 'https://localhost/?_oobid=a', 'http://e.com/?_oobid=a', 'file:///x?_oobid=a']) {
      const { fetch, called } = answering(() => json(invitation))
      expect(await rejected(fetchInvitation(target, { fetch }))).toMatch(/^ERR_DELIVERY_BLOCKED/)
      expect(called).toEqual([])
    }
    for (const location of ['file:///etc/passwd', 'javascript:alert(1)', 'https://169.254.169.254/', 'http://e.com/']) {
      expect(
        await rejected(
          fetchInvitation(
            short,
            answering(() => redirect(location)),
          ),
        ),
      ).toMatch(/^ERR_DELIVERY_BLOCKED/)
    }
  })
})
