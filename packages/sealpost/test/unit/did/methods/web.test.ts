/**
 * did:web beyond its vectors: what a server and an attacker may do.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { createResolver, type Did, didWebUrl, documentOf, type Fetch, web } from '../../../../src/did/index.ts'

const did: Did = 'did:web:example.com'
const answering = (answer: () => Response | Promise<Response>, more: object = {}) =>
  createResolver([web({ fetch: async () => answer(), ...more })])

describe('didWebUrl', () => {
  it.each(['did:web:example.com%3a8443:a', 'did:web:example.com%3A8443:a'])('SEC-40: %s', (value) => {
    expect(didWebUrl(value as Did)).toBe('https://example.com:8443/a/did.json')
  })

  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '1.1',
    'example.com%3A',
    'example.com%3A0',
    'example.com%3A70000',
    'example.com%3A80%3A90',
    'example.com%3A22x',
    'example.com%2F..%2Fsecret',
    'example.com%5Csecret',
    'example.com%23x',
    'example.com%3Fx',
    'a%40example.com',
    '-example.com',
    'example-.com',
    'example..com',
    'example.com.',
    '%65xample.com',
    'example.com:%2e',
    'example.com:.',
    'example.com:a:..:b',
    'example.com:%2E%2E',
    'example.com:%252e%252e',
    'example.com:a%2Fb',
    'example.com:a%5cb',
    'example.com:a%00b',
    'example.com:a%0d%0ab',
    'example.com:%ff',
    'example.com:',
    'example.com::a',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
  ])('K11, SEC-40: did:web:%s is refused', (value) => {
    expect(() => didWebUrl(`did:web:${value}` as Did)).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_DID' }))
  })
})

describe('did:web', () => {
  it.each(['localhost', 'printer.local', 'metadata.google.internal', 'intranet', 'example.com%3A22', 'example.com%3A8443', 'a.localhost'])(
    'K11, SEC-40: did:web:%s is blocked, and nothing is called',
    async (host) => {
      let calls = 0
      const fetch: Fetch = async () => {
        calls++
        return Response.json({})
      }
      await expect(documentOf(createResolver([web({ fetch })]), `did:web:${host}` as Did)).rejects.toMatchObject({
        code: 'ERR_DELIVERY_BLOCKED',
        retryable: false,
      })
      expect(calls).toBe(0)
    },
  )

  it('K11: a policy may allow ports', async () => {
    const local: Did = 'did:web:localhost%3A8443'
    const resolver = answering(() => Response.json({ id: local }), { policy: { allowLoopback: true, ports: [8443] } })
    expect((await documentOf(resolver, local)).id).toBe(local)
  })

  it.each([301, 302, 307, 308])('K11: a redirect with %i is refused', async (status) => {
    await expect(
      documentOf(
        answering(() => new Response(null, { status, headers: { location: 'https://example.org/did.json' } })),
        did,
      ),
    ).rejects.toMatchObject({
      code: 'ERR_DELIVERY_BLOCKED',
    })
  })

  it.each([
    [404, 'ERR_DID_NOT_FOUND', false],
    [410, 'ERR_DID_NOT_FOUND', false],
    [403, 'ERR_DID_NOT_FOUND', false],
    [429, 'ERR_DID_UNAVAILABLE', true],
    [500, 'ERR_DID_UNAVAILABLE', true],
    [503, 'ERR_DID_UNAVAILABLE', true],
  ])('SEC-27: status %i is %s', async (status, code, retryable) => {
    await expect(
      documentOf(
        answering(() => new Response('', { status })),
        did,
      ),
    ).rejects.toMatchObject({ code, retryable })
  })

  it.each([
    ['another id', '{"id":"did:web:example.org"}'],
    ['an id in other case', '{"id":"did:web:EXAMPLE.com"}'],
    ['no JSON', '<html>'],
    ['two ids', '{"id":"did:web:example.com","id":"did:web:example.com"}'],
    ['an array', '[]'],
    ['nothing', ''],
  ])('K01, PLN-02: a document with %s is refused', async (_, body) => {
    await expect(
      documentOf(
        answering(() => new Response(body)),
        did,
      ),
    ).rejects.toMatchObject({ code: 'ERR_MALFORMED_DID_DOCUMENT' })
  })

  it('K11: a body of 5 GB is not read to its end', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    await expect(
      documentOf(
        answering(() => new Response(endless)),
        did,
      ),
    ).rejects.toMatchObject({ code: 'ERR_MALFORMED_LIMIT' })
    expect(sent).toBeLessThan(1_000_000)
  })

  it('K11, SEC-27: a slow body, and a connection that fails, may pass', async () => {
    const slow = () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }))
    await expect(documentOf(answering(slow, { timeoutSeconds: 0.02 }), did)).rejects.toMatchObject({
      code: 'ERR_DID_UNAVAILABLE',
      retryable: true,
    })
    const broken = () => {
      throw new TypeError('fetch failed')
    }
    await expect(documentOf(answering(broken), did)).rejects.toMatchObject({ code: 'ERR_DID_UNAVAILABLE', retryable: true })
  })
})
