import { describe, expect, it } from 'vitest'
import type { Fetch } from '../../../src/egress.ts'
import { transportConformance } from '../../../src/testing/index.ts'
import { createHandler } from '../../../src/transport/handler.ts'
import { httpTransport, postEnvelope } from '../../../src/transport/http.ts'
import { retryAfterOf } from '../../../src/transport/http-post.ts'
import { endpoint, mediaType, options, parcel } from './parcels.ts'

/** A fetch that answers each URL with what the table has, and remembers what it was asked. */
function answering(table: Record<string, () => Response | Promise<Response>>) {
  const calls: { url: string; init: RequestInit }[] = []
  const fetch: Fetch = async (url, init) => {
    calls.push({ url, init })
    const answer = table[url]
    if (answer === undefined) throw new TypeError('fetch failed')
    return answer()
  }
  return { fetch, calls }
}
const status =
  (code: number, headers: Record<string, string> = {}) =>
  () =>
    new Response(null, { status: code, headers })
const send = (fetch: Fetch, uri = 'https://a.example/', more: object = {}) =>
  httpTransport({ fetch, timeoutSeconds: 5 }).send(parcel('{"m":"ż"}'), endpoint(uri), { ...options, ...more })

describe('httpTransport', () => {
  const open = async () => {
    const { transport: receiver, handle } = createHandler()
    const fetch: Fetch = (url, init) => {
      if (!url.startsWith('https://b.example/')) return Promise.reject(new TypeError('fetch failed'))
      return handle(new Request(url, init))
    }
    return { sender: httpTransport({ fetch }), receiver, uri: () => 'https://b.example/didcomm', nowhere: 'https://c.example/' }
  }
  it.each(transportConformance({ open, connection: 'once' }))('%s', async (_, run) => run())

  it('TRN-02, HTTP-01, HTTP-02: it is a POST with the media type of the message, without credentials', async () => {
    const { fetch, calls } = answering({ 'https://a.example/inbox?x=1': status(202) })
    expect(await send(fetch, 'https://a.example/inbox?x=1')).toEqual({})
    expect(calls[0]?.init).toMatchObject({
      method: 'POST',
      headers: { 'content-type': mediaType },
      body: '{"m":"ż"}',
      redirect: 'manual',
      credentials: 'omit',
    })
  })

  it.each([200, 201, 202, 203, 204, 206, 299])('HTTP-03: %i is success', async (code) => {
    const { fetch } = answering({ 'https://a.example/': status(code) })
    expect(await send(fetch)).toEqual({})
  })

  it.each([
    [400, 'ERR_DELIVERY_REFUSED', false],
    [401, 'ERR_DELIVERY_REFUSED', false],
    [403, 'ERR_DELIVERY_REFUSED', false],
    [404, 'ERR_DELIVERY_REFUSED', false],
    [410, 'ERR_DELIVERY_REFUSED', false],
    [413, 'ERR_DELIVERY_TOO_LARGE', false],
    [415, 'ERR_DELIVERY_REFUSED', false],
    [422, 'ERR_DELIVERY_REFUSED', false],
    [408, 'ERR_DELIVERY_UNAVAILABLE', true],
    [425, 'ERR_DELIVERY_UNAVAILABLE', true],
    [429, 'ERR_DELIVERY_UNAVAILABLE', true],
    [500, 'ERR_DELIVERY_UNAVAILABLE', true],
    [503, 'ERR_DELIVERY_UNAVAILABLE', true],
  ])('FLO-01, TRN-03: %i is %s, retryable: %s', async (code, name, retryable) => {
    const { fetch } = answering({ 'https://a.example/': status(code) })
    await expect(send(fetch)).rejects.toMatchObject({ code: name, retryable, retryAfterSeconds: undefined })
  })

  it('FLO-01: 429 and 503 tell when to come again', async () => {
    for (const code of [429, 503]) {
      const { fetch } = answering({ 'https://a.example/': status(code, { 'retry-after': '120' }) })
      await expect(send(fetch)).rejects.toMatchObject({ retryAfterSeconds: 120 })
    }
  })

  it('HTTP-05: 307 is followed with method, type and body, over three hops and with relative locations (T04)', async () => {
    const { fetch, calls } = answering({
      'https://a.example/': status(307, { location: '/b?x=1' }),
      'https://a.example/b?x=1': status(307, { location: 'c' }),
      'https://a.example/c': status(307, { location: 'https://d.example/' }),
      'https://d.example/': status(202),
    })
    await send(fetch)
    expect(calls).toHaveLength(4)
    for (const { init } of calls) expect([init.method, init.body, init.redirect]).toEqual(['POST', '{"m":"ż"}', 'manual'])
  })

  it('HTTP-05: not four hops, and no 307 without a location (T04)', async () => {
    const circle = answering({ 'https://a.example/': status(307, { location: '/' }), 'https://b.example/': status(307) })
    await expect(send(circle.fetch)).rejects.toMatchObject({ code: 'ERR_DELIVERY_REFUSED', rule: 'HTTP-05' })
    expect(circle.calls).toHaveLength(4)
    await expect(send(circle.fetch, 'https://b.example/')).rejects.toMatchObject({ code: 'ERR_DELIVERY_REFUSED', rule: 'HTTP-05' })
  })

  it.each([300, 301, 302, 303, 304, 308])('HTTP-05: %i is not followed (T04)', async (code) => {
    const { fetch, calls } = answering({ 'https://a.example/': status(code, { location: 'https://b.example/' }) })
    await expect(send(fetch)).rejects.toMatchObject({ code: 'ERR_DELIVERY_REFUSED', rule: 'HTTP-05' })
    expect(calls).toHaveLength(1)
  })

  it('HTTP-05, SEC-40: each hop is vetted like the first, and none leads from https to http (T04, T11)', async () => {
    for (const location of [
      'https://169.254.169.254/latest',
      'https://10.0.0.1/',
      'https://[::ffff:10.0.0.1]/',
      'https://2130706433/',
      'https://100.64.0.1/',
      'https://[64:ff9b::a00:1]/',
      'http://b.example/',
      'file:///etc/passwd',
      'https://user:word@b.example/',
    ]) {
      const { fetch, calls } = answering({ 'https://a.example/': status(307, { location }) })
      await expect(send(fetch)).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
      expect(calls).toHaveLength(1)
    }
  })

  it('SVC-13: http, this machine and private networks are blocked unless they are allowed, before anything is sent', async () => {
    const { fetch, calls } = answering({ 'http://127.0.0.1:8080/': status(202) })
    for (const uri of ['http://127.0.0.1:8080/', 'https://127.0.0.1/', 'https://10.0.0.1/', 'ftp://a.example/', 'https://0/'])
      await expect(send(fetch, uri)).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    expect(calls).toEqual([])
    const open = httpTransport({ fetch, schemes: ['https', 'http'], allowLoopback: true })
    expect(open.schemes).toEqual(['https', 'http'])
    expect(await open.send(parcel('{}'), endpoint('http://127.0.0.1:8080/'), options)).toEqual({})
  })

  it('HTTP-05: a browser that does not show where a redirect leads follows none', async () => {
    const opaque = Object.defineProperty(new Response(null, { status: 200 }), 'type', { value: 'opaqueredirect' })
    const { fetch } = answering({ 'https://a.example/': () => Object.defineProperty(opaque, 'status', { value: 0 }) })
    await expect(send(fetch)).rejects.toMatchObject({ code: 'ERR_DELIVERY_REFUSED', rule: 'HTTP-05' })
  })

  it('RR-03: a reply is of a media type of DIDComm, whole and within its limit, or it is none; the message was taken all the same', async () => {
    const withBody = (body: BodyInit, type = mediaType) =>
      answering({ 'https://a.example/': () => new Response(body, { headers: { 'content-type': type } }) }).fetch
    const asked = { returnRoute: true }
    const replyTo = async (fetch: Fetch, more: object = {}) =>
      (
        await httpTransport({ fetch, maxReplyBytes: 100, timeoutSeconds: 0.1, ...more }).send(
          parcel('{}'),
          endpoint('https://a.example/'),
          {
            ...options,
            ...asked,
          },
        )
      ).replies?.map((reply) => new TextDecoder().decode(reply as Uint8Array))
    const stream = (...parts: readonly (string | undefined | Error)[]): ReadableStream =>
      new ReadableStream({
        start(controller) {
          for (const part of parts) {
            if (part === undefined) return
            if (part instanceof Error) return controller.error(part)
            controller.enqueue(new TextEncoder().encode(part))
          }
          controller.close()
        },
      })
    expect(await replyTo(withBody('{"ż":1}'))).toEqual(['{"ż":1}'])
    expect(await replyTo(withBody('{}', `${mediaType}; charset=utf-8`))).toEqual(['{}'])
    expect(await replyTo(withBody('<html>', 'text/html'))).toBeUndefined()
    expect(await replyTo(withBody(''))).toBeUndefined()
    expect(await replyTo(withBody('x'.repeat(101)))).toBeUndefined()
    expect(await replyTo(withBody(stream('{"ha', new Error('broken'))))).toBeUndefined()
    expect(await replyTo(withBody(stream('{"ha', undefined)))).toBeUndefined()
  })

  it('HTTP-04: a body that nobody asked for is dropped, even where it never ends', async () => {
    let cancelled = 0
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100)), cancel: () => void cancelled++ })
    const { fetch } = answering({ 'https://a.example/': () => new Response(endless, { headers: { 'content-type': mediaType } }) })
    expect(await send(fetch)).toEqual({})
    expect(cancelled).toBe(1)
  })

  it('nobody there: unreachable; no answer in time: a timeout; a caller who gives up: at once, though `fetch` heeds no signal', async () => {
    await expect(send(answering({}).fetch)).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE', retryable: true })
    const { fetch } = answering({ 'https://a.example/': () => new Promise(() => undefined) })
    const slow = httpTransport({ fetch, timeoutSeconds: 0.05 })
    await expect(slow.send(parcel('{}'), endpoint('https://a.example/'), options)).rejects.toMatchObject({
      code: 'ERR_DELIVERY_TIMEOUT',
      retryable: true,
    })
    await expect(send(fetch, undefined, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
  })

  it('errors do not show the query of a URL, where secrets may be', async () => {
    const { fetch } = answering({ 'https://a.example/path?token=hush': status(404) })
    await expect(send(fetch, 'https://a.example/path?token=hush')).rejects.toThrow(/\/path(?!.*hush)/)
  })
})

describe('postEnvelope', () => {
  it('HTTP-03: it tells the status, and where the message was taken', async () => {
    const { fetch } = answering({
      'https://a.example/': status(307, { location: 'https://b.example/' }),
      'https://b.example/': status(204),
    })
    const rules = { mediaType, fetch, policy: {}, timeoutSeconds: 5 }
    expect(await postEnvelope(new Uint8Array([123, 125]), 'https://a.example/', rules)).toEqual({ status: 204, url: 'https://b.example/' })
  })
})

describe('retryAfterOf', () => {
  const of = (after: string, date?: string) => retryAfterOf(new Headers({ 'retry-after': after, ...(date !== undefined && { date }) }))
  it('FLO-01: it is read as seconds and as a date, by the clock of the other side', () => {
    expect(of('0')).toBe(0)
    expect(of(' 90 ')).toBe(90)
    expect(of('Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:48:37 GMT')).toBe(60)
    expect(of('Sunday, 06-Nov-94 08:49:37 GMT', 'Sun, 06 Nov 1994 08:48:37 GMT')).toBe(60)
    expect(of('Sun Nov  6 08:49:37 1994', 'Sun Nov  6 08:49:07 1994')).toBe(30)
    const soon = of(new Date(Date.now() + 30_000).toUTCString())
    expect(soon).toBeGreaterThan(27)
    expect(soon).toBeLessThan(32)
  })
  it('FLO-01: it is at least now and at most a day, and what is neither says nothing', () => {
    expect(of('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(0)
    expect(of('999999999')).toBe(86_400)
    expect(of('Fri, 31 Dec 9999 23:59:59 GMT')).toBe(86_400)
    for (const value of ['', '-1', '1.5', '1e3', 'soon', 'May 2030', '9'.repeat(400)]) expect(of(value)).toBeUndefined()
    expect(retryAfterOf(new Headers())).toBeUndefined()
  })
})
