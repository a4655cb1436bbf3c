import { afterEach, describe, expect, it } from 'vitest'
import { begin, type ConnectionOptions } from '../../src/http-connection.ts'
import { serve, type TestServer } from '../fixtures/raw.ts'

const servers: TestServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const post = (url: string, options: Omit<ConnectionOptions, 'signal'>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const request = begin(new URL(url), 'POST', { 'content-type': 'text/plain' }, { ...options, signal: AbortSignal.timeout(5000) })
    request.once('response', (response) => resolve(response.resume().statusCode))
    request.once('error', reject)
    request.end('body')
  })

describe('begin', () => {
  it('HTTP-01: one request as it was asked for, and no redirect is followed', async () => {
    const server = await serve((_, response) => response.writeHead(307, { location: '/next' }).end('ignored'))
    servers.push(server)
    expect(await post(`${server.url}/x`, { policy: { allowLoopback: true } })).toBe(307)
    expect(server.requests).toEqual([{ method: 'POST', path: '/x', contentType: 'text/plain', body: 'body' }])
  })

  it('a name without an address, and one with a private address, connect to nothing (T10)', async () => {
    const to = (addresses: { address: string; family: number }[]) =>
      post('http://example.com/', { policy: {}, lookup: async () => addresses })
    await expect(to([])).rejects.toThrow(/no address/)
    await expect(to([{ address: '127.0.0.1', family: 4 }])).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
  })

  it('no proxy is taken from the environment', async () => {
    const server = await serve((_, response) => response.writeHead(202).end())
    const proxy = await serve((_, response) => response.writeHead(202).end())
    servers.push(server, proxy)
    const before = { ...process.env }
    Object.assign(process.env, { http_proxy: proxy.url, HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url, NODE_USE_ENV_PROXY: '1' })
    await post(server.url, { policy: { allowLoopback: true } })
    process.env = before
    expect([server.requests.length, proxy.requests.length]).toEqual([1, 0])
  })
})
