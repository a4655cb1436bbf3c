import { afterEach, describe, expect, it } from 'vitest'
import { post } from '../../src/http-connection.ts'
import { serve, type TestServer } from '../fixtures/raw.ts'

const servers: TestServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

describe('post', () => {
  it('HTTP-01: one POST, its body whole, and the head of the answer', async () => {
    const server = await serve((_, response) => response.writeHead(307, { location: '/next' }).end('ignored'))
    servers.push(server)
    const options = { signal: AbortSignal.timeout(5000), policy: { allowLoopback: true } }
    const answer = await post(new URL(`${server.url}/x`), Buffer.from('body'), { 'content-type': 'text/plain' }, options)
    expect(answer).toEqual({ status: 307, location: '/next' })
    expect(server.requests).toEqual([{ method: 'POST', path: '/x', contentType: 'text/plain', body: 'body' }])
  })

  it('a name without an address, and one with a private address, connect to nothing (T10)', async () => {
    const request = (addresses: { address: string; family: number }[]) =>
      post(
        new URL('http://example.com/'),
        Buffer.from('x'),
        {},
        { signal: AbortSignal.timeout(5000), policy: {}, lookup: async () => addresses },
      )
    await expect(request([])).rejects.toThrow(/no address/)
    await expect(request([{ address: '127.0.0.1', family: 4 }])).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
  })

  it('no proxy is taken from the environment', async () => {
    const server = await serve((_, response) => response.writeHead(202).end())
    const proxy = await serve((_, response) => response.writeHead(202).end())
    servers.push(server, proxy)
    const before = { ...process.env }
    Object.assign(process.env, { http_proxy: proxy.url, HTTP_PROXY: proxy.url, ALL_PROXY: proxy.url, NODE_USE_ENV_PROXY: '1' })
    await post(new URL(server.url), Buffer.from('x'), {}, { signal: AbortSignal.timeout(5000), policy: { allowLoopback: true } })
    process.env = before
    expect([server.requests.length, proxy.requests.length]).toEqual([1, 0])
  })
})
