import { type AddressInfo, createServer } from 'node:net'
import { guardedFetch } from 'sealpost/egress'
import { afterEach, describe, expect, it } from 'vitest'
import { createVettedFetch } from '../../src/vetted-fetch.ts'
import { localhost } from '../fixtures/localhost.ts'
import { serve, type TestServer } from '../fixtures/raw.ts'

const servers: TestServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})
async function start(...args: Parameters<typeof serve>): Promise<TestServer> {
  const server = await serve(...args)
  servers.push(server)
  return server
}
const here = { schemes: ['http', 'https'], allowLoopback: true, ports: 'any' } as const

describe('createVettedFetch', () => {
  it('gives status, headers and body, over HTTP and HTTPS', async () => {
    for (const tls of [false, true]) {
      const server = await start((_, response) => response.writeHead(200, { 'content-type': 'application/did+json' }).end('{"id":1}'), {
        tls,
      })
      const fetch = createVettedFetch({ policy: here, ca: localhost.cert })
      const response = await fetch(`${server.url}/did.json`, { headers: { accept: 'application/json' } })
      expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
        200,
        'application/did+json',
        '{"id":1}',
      ])
      const posted = await fetch(server.url, { method: 'POST', body: 'x' })
      expect(posted.status).toBe(200)
      expect(server.requests.map(({ method, body }) => [method, body])).toEqual([
        ['GET', ''],
        ['POST', 'x'],
      ])
    }
  })

  it('an answer without a body, and a redirect, are handed over as they are', async () => {
    const server = await start((path, response) => response.writeHead(path === '/a' ? 302 : 204, { location: '/b' }).end())
    const fetch = createVettedFetch({ policy: here })
    const redirect = await fetch(`${server.url}/a`, {})
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, '/b'])
    expect((await fetch(`${server.url}/b`, {})).status).toBe(204)
  })

  it('a status that no `Response` can have, and what is no HTTP, reject', async () => {
    for (const head of ['HTTP/1.1 999 Odd', 'HTTP/1.1 600 Odd', 'HTTP/1.1 000 Odd', 'what?']) {
      const odd = createServer((socket) => void socket.once('data', () => socket.end(`${head}\r\nContent-Length: 0\r\n\r\n`)))
      await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
      const { port } = odd.address() as AddressInfo
      await expect(createVettedFetch({ policy: here })(`http://127.0.0.1:${port}/`, {})).rejects.toThrow()
      await new Promise((resolve) => odd.close(resolve))
    }
  })

  it('SEC-40: what the policy does not allow is blocked, by its URL and by the address of its name (T10)', async () => {
    const server = await start((_, response) => response.end('secret'))
    await expect(createVettedFetch()(server.url, {})).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const fetch = createVettedFetch({ policy: { schemes: ['http'], ports: 'any' }, lookup })
    await expect(fetch(`http://example.com:${new URL(server.url).port}/`, {})).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
    expect(server.requests).toEqual([])
  })

  it('SEC-40: under the guard of the library, bodies without end and servers that do not answer are given up', async () => {
    const endless = await start((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    const silent = await start(() => undefined)
    const options = { fetch: createVettedFetch({ policy: here }), policy: here, maxBytes: 100_000, timeoutSeconds: 0.3 }
    await expect(guardedFetch(endless.url, { ...options, timeoutSeconds: 5 })).rejects.toMatchObject({ code: 'ERR_DELIVERY_TOO_LARGE' })
    await expect(guardedFetch(silent.url, options)).rejects.toMatchObject({ code: 'ERR_DELIVERY_TIMEOUT' })
  })
})
