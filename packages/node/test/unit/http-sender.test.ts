import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { send } from '../../src/http-sender.ts'
import { localhost } from '../fixtures/localhost.ts'
import { serve, type TestServer, table } from '../fixtures/raw.ts'

const mediaType = 'application/didcomm-encrypted+json'
const here = { mediaType, allowHttp: true, allowLoopback: true, timeoutSeconds: 5 } as const
const servers: TestServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
async function start(...args: Parameters<typeof serve>): Promise<TestServer> {
  const server = await serve(...args)
  servers.push(server)
  return server
}
const answering = (status: number): Promise<TestServer> => start((_, response) => response.writeHead(status).end())

describe('send', () => {
  it('TRN-02, HTTP-01, HTTP-02: it is a POST with the media type of the message as content type', async () => {
    const server = await answering(202)
    await send('{"a":"ż"}', `${server.url}/inbox?x=1`, here)
    expect(server.requests).toEqual([{ method: 'POST', path: '/inbox?x=1', contentType: mediaType, body: '{"a":"ż"}' }])
  })

  it.each([200, 201, 202, 203, 204, 206, 299])('HTTP-03: %i is success', async (status) => {
    const server = await answering(status)
    expect(await send('{}', server.url, here)).toEqual({ status, url: `${server.url}/` })
  })

  it.each([
    [400, 'ERR_DELIVERY_REFUSED', false],
    [404, 'ERR_DELIVERY_REFUSED', false],
    [413, 'ERR_DELIVERY_TOO_LARGE', false],
    [415, 'ERR_DELIVERY_REFUSED', false],
    [408, 'ERR_DELIVERY_UNAVAILABLE', true],
    [429, 'ERR_DELIVERY_UNAVAILABLE', true],
    [500, 'ERR_DELIVERY_UNAVAILABLE', true],
    [503, 'ERR_DELIVERY_UNAVAILABLE', true],
  ])('FLO-01, TRN-03: %i is %s, retryable: %s', async (status, code, retryable) => {
    const server = await answering(status)
    await expect(send('{}', server.url, here)).rejects.toMatchObject({ code, retryable })
  })

  it('HTTP-05: 307 is followed with method, type and body, over several hops and with relative locations', async () => {
    const server = await start(table({ '/a': [307, '/b?x=1'], '/b?x=1': [307, 'c'], '/c': [202] }))
    expect(await send('{"m":1}', `${server.url}/a`, here)).toEqual({ status: 202, url: `${server.url}/c` })
    expect(server.requests.map(({ method, path, contentType, body }) => [method, path, contentType, body])).toEqual(
      ['/a', '/b?x=1', '/c'].map((path) => ['POST', path, mediaType, '{"m":1}']),
    )
  })

  it.each([300, 301, 302, 303, 304, 308])('HTTP-05: %i is not followed (T04)', async (status) => {
    const server = await start(table({ '/a': [status, '/b'], '/b': [202] }))
    await expect(send('{}', `${server.url}/a`, here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_REFUSED', rule: 'HTTP-05' })
    expect(server.requests.map(({ path }) => path)).toEqual(['/a'])
  })

  it('HTTP-05: at most three hops, no circles, and no 307 without a location (T04)', async () => {
    const server = await start(
      table({ '/1': [307, '/2'], '/2': [307, '/3'], '/3': [307, '/4'], '/4': [307, '/5'], '/5': [202], '/x': [307] }),
    )
    expect((await send('{}', `${server.url}/2`, here)).status).toBe(202)
    await expect(send('{}', `${server.url}/1`, here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_REFUSED', rule: 'HTTP-05' })
    await expect(send('{}', `${server.url}/x`, here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_REFUSED', rule: 'HTTP-05' })
  })

  it('HTTP-05: never from https to http, even where http is allowed', async () => {
    const plain = await answering(202)
    const secure = await start(table({ '/': [307, plain.url] }), { tls: true })
    await expect(send('{}', secure.url, { ...here, ca: localhost.cert })).rejects.toMatchObject({
      code: 'ERR_DELIVERY_BLOCKED',
      rule: 'HTTP-05',
    })
    expect([secure.requests.length, plain.requests.length]).toEqual([1, 0])
  })

  it('HTTP-05: each hop is vetted like the first (SEC-40)', async () => {
    for (const target of [
      'http://169.254.169.254/latest',
      'http://10.0.0.1/',
      'file:///etc/passwd',
      'http://user:word@127.0.0.1/',
      'http://0x7f000001/',
    ]) {
      const server = await start(table({ '/': [307, target] }))
      await expect(send('{}', server.url, here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    }
  })

  it('SVC-13: http, this machine and private networks are blocked unless they are allowed, before anything is sent', async () => {
    const server = await answering(202)
    await expect(send('{}', server.url, { mediaType })).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    await expect(send('{}', server.url, { mediaType, allowHttp: true })).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    await expect(send('{}', server.url.replace('http', 'ftp'), here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    expect(server.requests).toEqual([])
  })

  it('a public name that leads to a private address is blocked when it connects (T10, T11)', async () => {
    const server = await answering(202)
    const port = new URL(server.url).port
    for (const address of ['127.0.0.1', '169.254.169.254', '10.1.2.3', '100.64.0.1', '::1', '::ffff:127.0.0.1', 'fe80::1', 'fc00::1']) {
      const family = address.includes(':') ? 6 : 4
      const lookup = async () => [
        { address: '93.184.216.34', family: 4 },
        { address, family },
      ]
      const sending = send('{}', `http://example.com:${port}/`, { mediaType, allowHttp: true, lookup })
      await expect(sending).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED', rule: 'SEC-40' })
    }
    expect(server.requests).toEqual([])
  })

  it('a name is looked up once, and the address that was vetted is the one that is called (T10)', async () => {
    const server = await answering(202)
    let calls = 0
    const lookup = async () => {
      calls++
      return [{ address: calls === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }]
    }
    const { port } = new URL(server.url)
    expect((await send('{}', `http://sealpost.localhost:${port}/`, { ...here, lookup })).status).toBe(202)
    expect(calls).toBe(1)
  })

  it("HTTP-06: a certificate that is not trusted, or is another host's, is refused and may pass later (T09)", async () => {
    const server = await start(table({ '/': [202] }), { tls: true })
    await expect(send('{}', server.url, here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE', retryable: true })
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const other = `https://other.localhost:${new URL(server.url).port}/`
    await expect(send('{}', other, { ...here, lookup, ca: localhost.cert })).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
    expect(server.requests).toEqual([])
    expect((await send('{}', server.url, { ...here, ca: localhost.cert })).status).toBe(202)
  })

  it('nobody there, no such name, or a connection that breaks: unreachable, and it may pass later', async () => {
    const breaker = createServer((socket) => void socket.once('data', () => socket.destroy()))
    await new Promise<void>((resolve) => breaker.listen(0, '127.0.0.1', resolve))
    const address = breaker.address()
    const port = typeof address === 'object' ? address?.port : 0
    await expect(send('{}', `http://127.0.0.1:${port}/`, here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE', retryable: true })
    await new Promise((resolve) => breaker.close(resolve))
    await expect(send('{}', `http://127.0.0.1:${port}/`, here)).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE', retryable: true })
    const lookup = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    await expect(send('{}', 'https://nowhere.example.com/', { mediaType, lookup })).rejects.toMatchObject({
      code: 'ERR_DELIVERY_UNREACHABLE',
    })
  })

  it('a server that does not answer: a timeout; a caller who gives up: at once', async () => {
    const server = await start(() => undefined)
    await expect(send('{}', server.url, { ...here, timeoutSeconds: 0.1 })).rejects.toMatchObject({
      code: 'ERR_DELIVERY_TIMEOUT',
      retryable: true,
    })
    const signal = AbortSignal.timeout(50)
    await expect(send('{}', server.url, { ...here, signal })).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
    await expect(send('{}', server.url, { ...here, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_DELIVERY_UNREACHABLE',
    })
  })

  it('HTTP-04: what comes in the body of an answer is dropped, even where it never ends', async () => {
    const server = await start((_, response) => {
      response.writeHead(200, { 'content-type': mediaType })
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    expect((await send('{}', server.url, here)).status).toBe(200)
  })

  it('messages of megabytes arrive whole', async () => {
    const server = await answering(202)
    const body = 'z'.repeat(5_000_000)
    await send(body, server.url, here)
    expect(server.requests[0]?.body === body).toBe(true)
  })

  it('HTTP-05: a `fetch` that is given is told not to follow redirects, and the same rules hold', async () => {
    const seen: (RequestInit | undefined)[] = []
    const fetch = async (_: unknown, init?: RequestInit) => {
      seen.push(init)
      return seen.length === 1
        ? new Response(null, { status: 307, headers: { location: 'https://b.example.com/' } })
        : new Response(null, { status: 202 })
    }
    expect(await send('{}', 'https://a.example.com/', { mediaType, fetch })).toEqual({ status: 202, url: 'https://b.example.com/' })
    expect(seen.map((init) => [init?.method, init?.redirect])).toEqual([
      ['POST', 'manual'],
      ['POST', 'manual'],
    ])
    const wrong = async () => new Response(null, { status: 302, headers: { location: 'https://b.example.com/' } })
    await expect(send('{}', 'https://a.example.com/', { mediaType, fetch: wrong })).rejects.toMatchObject({ rule: 'HTTP-05' })
  })

  it('errors do not show the query of a URL, where secrets may be', async () => {
    const server = await answering(404)
    await expect(send('{}', `${server.url}/path?token=hush`, here)).rejects.toThrow(/\/path(?!.*hush)/)
  })
})
