import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../../src/egress.ts'
import { linkAttachment } from '../../../src/message/attachment.ts'
import { fetchAttachment } from '../../../src/message/attachment-fetch.ts'
import { encodeMultihash } from '../../../src/message/multihash.ts'
import type { AttachmentData } from '../../../src/message/plaintext.ts'
import { rejected } from './refused.ts'

const content = new TextEncoder().encode('content')
// A digest that tells contents apart is all that is asked of it here.
const sum = (data: Uint8Array) => new Uint8Array(32).fill(data.reduce((a, b) => (a * 31 + b) % 251, 7))
const digests = { 'sha2-256': sum }
const hash = encodeMultihash({ name: 'sha2-256', digest: sum(content) })

const served = (answers: Record<string, () => Response>): { fetch: Fetch; called: string[] } => {
  const called: string[] = []
  const fetch: Fetch = async (url) => {
    called.push(url)
    const answer = answers[url]
    if (answer === undefined) throw new TypeError('no connection')
    return answer()
  }
  return { fetch, called }
}
const good = () => new Response(content.slice())
const bad = () => new Response('other')

describe('fetchAttachment', () => {
  it('ATT-07: content that matches its hash comes back', async () => {
    const { fetch } = served({ 'https://e.com/a': good })
    expect([...(await fetchAttachment(linkAttachment(['https://e.com/a'], hash), { fetch, digests }))]).toEqual([...content])
  })

  it('ATT-07, M23: other content is an error and is not handed out', async () => {
    const { fetch } = served({ 'https://e.com/a': bad })
    expect(await rejected(fetchAttachment(linkAttachment(['https://e.com/a', 'https://dead.com/'], hash), { fetch, digests }))).toBe(
      'ERR_TRUST_HASH ATT-07',
    )
  })

  it('ATT-08: links are alternatives, tried in order', async () => {
    const { fetch, called } = served({
      'https://e.com/missing': () => new Response('', { status: 404 }),
      'https://e.com/bad': bad,
      'https://e.com/a': good,
    })
    const links = ['https://dead.com/', 'https://e.com/missing', 'https://e.com/bad', 'https://e.com/a', 'https://e.com/never']
    expect([...(await fetchAttachment(linkAttachment(links, hash), { fetch, digests }))]).toEqual([...content])
    expect(called).toEqual(links.slice(0, 4))
  })

  it('ATT-08: where no link answers, the last failure is told', async () => {
    const { fetch } = served({ 'https://e.com/missing': () => new Response('', { status: 404 }) })
    expect(await rejected(fetchAttachment(linkAttachment(['https://e.com/missing'], hash), { fetch, digests }))).toBe(
      'ERR_DELIVERY_REFUSED ATT-08',
    )
  })

  it('ATT-06, ATT-07, M23: without a hash that can be checked, nothing is fetched', async () => {
    const { fetch, called } = served({ 'https://e.com/a': good })
    const go = (data: AttachmentData, known: object = digests) => rejected(fetchAttachment({ data }, { fetch, digests: known }))
    expect(await go({ links: ['https://e.com/a'] })).toBe('ERR_MALFORMED_ATTACHMENT ATT-06')
    expect(await go({ links: [], hash })).toBe('ERR_MALFORMED_ATTACHMENT ATT-06')
    for (const data of [
      { links: null, hash },
      { links: ['https://e.com/a'], hash: null },
    ])
      expect(await go(data as unknown as AttachmentData)).toBe('ERR_MALFORMED_ATTACHMENT ATT-06')
    expect(await go({ links: ['https://e.com/a'], hash: 'nonsense' })).toBe('ERR_MALFORMED_ATTACHMENT ATT-06')
    expect(await go({ links: ['https://e.com/a'], hash: `1114${'00'.repeat(20)}` })).toBe('ERR_UNSUPPORTED_HASH ATT-07')
    expect(await go({ links: ['https://e.com/a'], hash }, {})).toBe('ERR_UNSUPPORTED_HASH ATT-07')
    expect(called).toEqual([])
  })

  it('ATT-13, SEC-40, M23: addresses inside, other schemes and redirects to them are blocked', async () => {
    const { fetch, called } = served({
      'https://e.com/r': () => new Response('', { status: 302, headers: { location: 'https://169.254.169.254/latest' } }),
    })
    for (const link of [
      'https://127.0.0.1/a',
      'https://localhost/a',
      'http://e.com/a',
      'file:///etc/passwd',
      'https://10.0.0.1/',
      'https://e.com/r',
      'nonsense',
    ]) {
      expect(await rejected(fetchAttachment(linkAttachment([link], hash), { fetch, digests }))).toMatch(/^ERR_DELIVERY_BLOCKED/)
    }
    expect(called).toEqual(['https://e.com/r'])
  })

  it('ATT-13, M23: an endless body is cut off', async () => {
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(1024)),
        }),
      )
    const { fetch } = served({ 'https://e.com/a': endless })
    expect(await rejected(fetchAttachment(linkAttachment(['https://e.com/a'], hash), { fetch, digests, maxBytes: 10_000 }))).toMatch(
      /^ERR_DELIVERY_TOO_LARGE/,
    )
  })
})
