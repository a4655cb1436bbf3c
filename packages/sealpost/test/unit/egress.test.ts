/**
 * The guard for outbound connections.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import {
  addressKind,
  type Fetch,
  type GuardedFetchOptions,
  guardedFetch,
  isAllowedAddress,
  isPrivateAddress,
  vetUrl,
} from '../../src/egress.ts'

const blocked = expect.objectContaining({ code: 'ERR_DELIVERY_BLOCKED', rule: 'SEC-40' })

describe('vetUrl', () => {
  it.each([
    'https://example.com',
    'https://example.com:443/a?b=c#d',
    'HTTPS://EXAMPLE.com/',
    'https://93.184.216.34/x',
    'https://[2606:2800:220:1:248:1893:25c8:1946]/',
    'https://xn--bcher-kva.example/',
    'https://example.com./',
  ])('SEC-40: %s is allowed', (url) => {
    expect(vetUrl(url).protocol).toBe('https:')
  })

  it.each([
    'http://example.com',
    'ws://example.com',
    'file:///etc/passwd',
    'ftp://example.com',
    'javascript:alert(1)',
    'data:text/plain,x',
    'example.com',
    '//example.com',
    'https:example.com',
    'https:///example.com',
    'https://',
    '',
    'https://user@example.com',
    'https://user:pass@example.com',
    'https://@example.com',
    'https://example.com:22',
    'https://example.com:80',
    'https://example.com:8443',
    'https://example.com\\@evil.example',
    'https://exa\tmple.com',
    'https://example.com/\r\nx',
    'https://example.com/ x',
    'https://ｅxample.com',
    'https://%65xample.com',
    'https://127%2e0%2e0%2e1',
    `https://example.com/${'x'.repeat(9000)}`,
  ])('SEC-40, K11: %s is blocked', (url) => {
    expect(() => vetUrl(url)).toThrowError(blocked)
  })

  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    '127.0.0.1',
    '127.1',
    '0',
    '0.0.0.0',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '017700000001',
    '0177.0.0.1',
    '127.0.0.1.',
    '1572395042',
    '0x5db8d822',
    '93.184.55330',
    '93.184.216.34.',
    '093.184.216.34',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:5db8:d822]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::5db8:d822]',
    '[64:ff9b:1::1]',
    '[fe80::1]',
    '[fe80::1%25eth0]',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[2001::1]',
    '[2002:7f00:1::1]',
    '[3fff::1]',
    '[5f00::1]',
    'printer.local',
    'metadata.google.internal',
    'router.home.arpa',
    'server.corp',
    'intranet',
  ])('T11, SEC-40: the host %s is blocked', (host) => {
    expect(() => vetUrl(`https://${host}/`)).toThrowError(blocked)
  })

  it('SVC-13, SEC-40: a policy widens schemes, ports and networks, one at a time', () => {
    expect(vetUrl('http://example.com', { schemes: ['http', 'https'] }).port).toBe('')
    expect(vetUrl('wss://example.com/ws', { schemes: ['wss'] }).hostname).toBe('example.com')
    expect(vetUrl('https://example.com:8443', { ports: [8443] }).port).toBe('8443')
    expect(vetUrl('https://example.com:22', { ports: 'any' }).port).toBe('22')
    for (const host of ['localhost', '127.0.0.1', '[::1]']) expect(vetUrl(`https://${host}`, { allowLoopback: true }).hostname).toBe(host)
    for (const host of ['10.0.0.1', '[fd00::1]', 'intranet', 'a.local'])
      expect(vetUrl(`https://${host}`, { allowPrivate: true }).hostname).toBe(host)
    for (const host of ['10.0.0.1', 'intranet', '169.254.169.254'])
      expect(() => vetUrl(`https://${host}`, { allowLoopback: true })).toThrowError(blocked)
    for (const host of ['localhost', '127.0.0.1', '169.254.169.254', '[fe80::1]', '0', '2130706433']) {
      expect(() => vetUrl(`https://${host}`, { allowPrivate: true })).toThrowError(blocked)
    }
  })
})

describe('addresses', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['172.32.0.1', 'public'],
    ['100.128.0.0', 'public'],
    ['2606:4700::1111', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['::FFFF:0808:0808', 'public'],
    ['127.255.255.255', 'loopback'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['10.255.0.1', 'private'],
    ['100.127.255.255', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['fd00::1', 'private'],
    ['169.254.169.254', 'special'],
    ['::ffff:a9fe:a9fe', 'special'],
    ['fe80::1%eth0', 'special'],
    ['64:ff9b::808:808', 'special'],
    ['::', 'special'],
    ['2001:0:1::', 'special'],
    ['1.2.3', 'special'],
    ['1.2.3.256', 'special'],
    ['01.2.3.4', 'special'],
    ['1::2::3', 'special'],
    ['1:2:3:4:5:6:7:8:9', 'special'],
    ['1:2:3:4:5:6:7', 'special'],
    ['2606:4700::1.2.3.4.5', 'special'],
    ['example.com', 'special'],
    ['', 'special'],
    ['2'.repeat(100), 'special'],
  ])('T10, T11: %s is %s', (ip, kind) => {
    expect(addressKind(ip)).toBe(kind)
    expect(isPrivateAddress(ip)).toBe(kind !== 'public')
    expect(isAllowedAddress(ip)).toBe(kind === 'public')
    expect(isAllowedAddress(ip, { allowLoopback: true, allowPrivate: true })).toBe(kind !== 'special')
  })
})

describe('guardedFetch', () => {
  const url = 'https://example.com/a'
  type Call = { url: string; init: RequestInit }
  const call = (
    answers: readonly (Response | (() => Response | Promise<Response>))[],
    options: Partial<GuardedFetchOptions> = {},
    target = url,
  ) => {
    const calls: Call[] = []
    const fetch: Fetch = async (asked, init) => {
      calls.push({ url: asked, init })
      const answer = answers[calls.length - 1]
      if (answer === undefined) throw new TypeError('no answer')
      return typeof answer === 'function' ? answer() : answer
    }
    return { calls, result: guardedFetch(target, { fetch, maxBytes: 1000, timeoutSeconds: 5, ...options }) }
  }
  const redirect = (location: string, status = 302) => new Response(null, { status, headers: { location } })

  it('SEC-40: sends no credentials, follows nothing by itself, and returns what came', async () => {
    const { calls, result } = call([new Response('hello', { status: 404, headers: { 'content-type': 'text/plain' } })], {
      accept: 'text/plain',
    })
    const { status, headers, bytes, url: final } = await result
    expect([status, headers.get('content-type'), new TextDecoder().decode(bytes), final]).toEqual([404, 'text/plain', 'hello', url])
    expect(calls[0]?.init).toMatchObject({
      method: 'GET',
      redirect: 'manual',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      headers: { accept: 'text/plain' },
    })
  })

  it('SEC-40: what is not vetted is not called', async () => {
    const { calls, result } = call([new Response('x')], {}, 'https://169.254.169.254/latest')
    await expect(result).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    expect(calls).toEqual([])
  })

  it('SEC-40, T04: redirects are refused by default, followed by option, three at most', async () => {
    await expect(call([redirect('https://example.org')]).result).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    const followed = call([redirect('/b'), redirect('https://example.org/c', 307), new Response('ok')], { redirect: 'follow' })
    expect((await followed.result).url).toBe('https://example.org/c')
    expect(followed.calls.map((made) => made.url)).toEqual([url, 'https://example.com/b', 'https://example.org/c'])
    const chain = call(
      new Array(9).fill(0).map((_, i) => redirect(`/${i}`)),
      { redirect: 'follow' },
    )
    await expect(chain.result).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    expect(chain.calls).toHaveLength(4)
    const returned = await call([redirect('didcomm://?_oob=x')], { redirect: 'return' }).result
    expect([returned.status, returned.headers.get('location')]).toEqual([302, 'didcomm://?_oob=x'])
  })

  it.each([
    'http://example.org',
    'https://127.0.0.1',
    '//localhost/x',
    'https://2130706433',
    'file:///etc/passwd',
    'https://a:b@example.org',
    'http://',
  ])('SEC-40, T10: a redirect to %s is blocked', async (location) => {
    const { calls, result } = call([redirect(location), new Response('x')], { redirect: 'follow' })
    await expect(result).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    expect(calls).toHaveLength(1)
  })

  it('T04: after a POST only 307 is followed, with the same body', async () => {
    const post = { body: 'sealed', mediaType: 'application/didcomm-encrypted+json' }
    const followed = call([redirect('/b', 307), new Response(null, { status: 202 })], { redirect: 'follow', post })
    expect((await followed.result).status).toBe(202)
    expect(followed.calls.map(({ init }) => [init.method, init.body, init.headers])).toEqual(
      new Array(2).fill(['POST', 'sealed', { 'content-type': post.mediaType }]),
    )
    for (const status of [301, 302, 303, 308]) {
      await expect(call([redirect('/b', status), new Response('x')], { redirect: 'follow', post }).result).rejects.toMatchObject({
        code: 'ERR_DELIVERY_BLOCKED',
      })
    }
  })

  it('SEC-40, K11: octets are bounded, announced or not', async () => {
    const announced = new Response('x', { headers: { 'content-length': '1001' } })
    await expect(call([announced]).result).rejects.toMatchObject({ code: 'ERR_DELIVERY_TOO_LARGE' })
    await expect(call([new Response('x'.repeat(1001))]).result).rejects.toMatchObject({ code: 'ERR_DELIVERY_TOO_LARGE' })
    expect((await call([new Response('x'.repeat(1000))]).result).bytes).toHaveLength(1000)
  })

  it('SEC-40, K11: time is bounded, for a fetch that does not heed the signal too', async () => {
    const hanging = () => new Promise<Response>(() => undefined)
    await expect(call([hanging], { timeoutSeconds: 0.02 }).result).rejects.toMatchObject({ code: 'ERR_DELIVERY_TIMEOUT', retryable: true })
    const slow = () => new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }))
    await expect(call([slow], { timeoutSeconds: 0.02 }).result).rejects.toMatchObject({ code: 'ERR_DELIVERY_TIMEOUT' })
  })

  it('SEC-40: a failure, and the signal of the caller, are unreachable', async () => {
    await expect(call([]).result).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE', cause: { message: 'no answer' } })
    const before = call([new Response('x')], { signal: AbortSignal.abort() })
    await expect(before.result).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
    expect(before.calls).toEqual([])
    const controller = new AbortController()
    const during = call([() => new Promise<Response>(() => undefined)], { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(during.result).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE', cause: { message: 'enough' } })
  })
})
