import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { transportConformance } from 'sealpost/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { nodeHttpTransport, nodeWebSocketTransport } from '../../src/agent-client.ts'
import { type ListenTransportOptions, listenTransport } from '../../src/agent-server.ts'
import { expired, localhost } from '../fixtures/localhost.ts'
import { endpoint, freePort, inbox, parcel, sending, until, wait } from '../fixtures/parcels.ts'
import { serve } from '../fixtures/raw.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

const http = { schemes: ['http', 'https'], allowLoopback: true, timeoutSeconds: 5 } as const
const ws = { schemes: ['ws', 'wss'], allowLoopback: true, timeoutSeconds: 5 } as const
async function server(options: ListenTransportOptions = {}, box = inbox()) {
  const transport = listenTransport({ graceSeconds: 0.1, ...options })
  await transport.start?.(box.receive)
  closers.push(() => transport.stop?.())
  return { transport, box }
}
function client(options: Parameters<typeof nodeWebSocketTransport>[0] = {}) {
  const transport = nodeWebSocketTransport({ ...ws, ...options })
  closers.push(() => transport.stop?.())
  return transport
}
describe('nodeHttpTransport', () => {
  for (const tls of [undefined, localhost]) {
    const open = async () => {
      const receiver = listenTransport({ port: await freePort(), path: '/didcomm', ...(tls && { tls }) })
      const sender = nodeHttpTransport({ ...http, ca: localhost.cert })
      let url = ''
      const uri = () => {
        url = receiver.url
        return url
      }
      return { sender, receiver, uri, nowhere: `http://127.0.0.1:${await freePort()}/` }
    }
    describe(tls ? 'https' : 'http', () => {
      it.each(transportConformance({ open, connection: 'once' }))('%s', async (_, run) => run())
    })
  }

  it('a connection is kept for the next message, and one that the server closed in between is made anew', async () => {
    let connections = 0
    let requests = 0
    const plain = createHttpServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      requests++
      // The second message finds its connection closed.
      if (requests === 2) request.socket.destroy()
      else request.resume().once('end', () => response.writeHead(202, { 'content-length': 0 }).end())
    })
    plain.on('connection', () => connections++)
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const sender = nodeHttpTransport(http)
    closers.push(
      () => sender.stop?.(),
      () => plain.closeAllConnections(),
      () => plain.close(),
    )
    const address = plain.address()
    const uri = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
    for (let count = 0; count < 5; count++) expect(await sender.send(parcel('{}'), endpoint(uri), sending())).toEqual({})
    // One for the first two, one for the second again which is not kept, one for the rest.
    expect([requests, connections]).toEqual([6, 3])
    await sender.stop?.()
  })

  it('SVC-13, SEC-40: names that lead inside are blocked when it connects (T10, T11)', async () => {
    const { transport, box } = await server()
    const { port } = new URL(transport.url)
    for (const address of ['127.0.0.1', '169.254.169.254', '::ffff:10.0.0.1', '100.64.0.1']) {
      const sender = nodeHttpTransport({ schemes: ['http'], lookup: async () => [{ address, family: address.includes(':') ? 6 : 4 }] })
      const send = sender.send(parcel('{}'), endpoint(`http://example.com:${port}/`), sending())
      await expect(send).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED', rule: 'SEC-40' })
    }
    expect(box.texts()).toEqual([])
  })
})

describe('nodeWebSocketTransport', () => {
  for (const tls of [undefined, localhost]) {
    const open = async () => {
      const receiver = listenTransport({ port: await freePort(), path: '/didcomm', graceSeconds: 0.2, ...(tls && { tls }) })
      const sender = nodeWebSocketTransport({ ...ws, ca: localhost.cert })
      return { sender, receiver, uri: () => receiver.webSocketUrl, nowhere: `ws://127.0.0.1:${await freePort()}/` }
    }
    describe(tls ? 'wss' : 'ws', () => {
      it.each(transportConformance({ open, connection: 'lasting' }))('WS-01, WS-03: %s', async (_, run) => run())
    })
  }

  it('SVC-13, WS-04: ws, this machine and private networks are blocked unless they are allowed', async () => {
    const { transport } = await server()
    const strict = nodeWebSocketTransport()
    expect(strict.schemes).toEqual(['wss'])
    for (const uri of [transport.webSocketUrl, 'wss://127.0.0.1/', 'wss://10.0.0.1/', 'wss://[::ffff:10.0.0.1]/', 'wss://2130706433/']) {
      await expect(strict.send(parcel('{}'), endpoint(uri), sending())).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED' })
      expect(() => strict.connect(uri)).toThrow(expect.objectContaining({ code: 'ERR_DELIVERY_BLOCKED' }))
    }
  })

  it('SEC-40: a public name that leads to a private address is blocked when it connects (T10, T11)', async () => {
    const { transport, box } = await server()
    const { port } = new URL(transport.url)
    for (const address of ['127.0.0.1', '169.254.169.254', '10.1.2.3', '100.64.0.1', '::1', '::ffff:127.0.0.1', 'fe80::1']) {
      const lookup = async () => [
        { address: '93.184.216.34', family: 4 },
        { address, family: address.includes(':') ? 6 : 4 },
      ]
      const sender = nodeWebSocketTransport({ schemes: ['ws'], lookup })
      const send = sender.send(parcel('{}'), endpoint(`ws://example.com:${port}/`), sending())
      await expect(send).rejects.toMatchObject({ code: 'ERR_DELIVERY_BLOCKED', rule: 'SEC-40' })
    }
    expect(box.texts()).toEqual([])
  })

  it('HTTP-06, WS-04: a certificate that expired is refused, over HTTP too, and may pass later (T09)', async () => {
    const { transport, box } = await server({ tls: expired })
    const refused = { code: 'ERR_DELIVERY_UNREACHABLE', retryable: true, message: expect.stringContaining('CERT_HAS_EXPIRED') }
    for (const [sender, uri] of [
      [nodeHttpTransport({ ...http, ca: expired.cert }), transport.url],
      [client({ ca: expired.cert }), transport.webSocketUrl],
    ] as const) {
      await expect(sender.send(parcel('{}'), endpoint(uri), sending())).rejects.toMatchObject(refused)
    }
    expect(box.texts()).toEqual([])
  })

  it("HTTP-06, WS-04: a certificate that is not trusted, or is another host's, is refused and may pass later (T09)", async () => {
    const { transport, box } = await server({ tls: localhost })
    const unreachable = { code: 'ERR_DELIVERY_UNREACHABLE', retryable: true }
    await expect(client().send(parcel('{}'), endpoint(transport.webSocketUrl), sending())).rejects.toMatchObject(unreachable)
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const other = `wss://other.localhost:${new URL(transport.url).port}/`
    const trusting = client({ ca: localhost.cert, lookup })
    await expect(trusting.send(parcel('{}'), endpoint(other), sending())).rejects.toMatchObject(unreachable)
    expect(box.texts()).toEqual([])
    await client({ ca: localhost.cert }).send(parcel('{}'), endpoint(transport.webSocketUrl), sending())
    await until(() => box.texts().length === 1)
  })

  it('FLO-01: an endpoint that answers with a status says by it whether to come again, and when', async () => {
    for (const [status, headers, expected] of [
      [404, {}, { code: 'ERR_DELIVERY_REFUSED', retryable: false }],
      [503, { 'retry-after': '7' }, { code: 'ERR_DELIVERY_UNAVAILABLE', retryAfterSeconds: 7 }],
      [200, {}, { code: 'ERR_DELIVERY_REFUSED' }],
      [307, { location: 'ws://127.0.0.1/' }, { code: 'ERR_DELIVERY_REFUSED' }],
    ] as const) {
      const plain = await serve((_, response) => response.writeHead(status, headers).end())
      closers.push(() => plain.close())
      const send = client().send(parcel('{}'), endpoint(plain.url.replace('http', 'ws')), sending())
      await expect(send).rejects.toMatchObject(expected)
    }
  })

  it('a server that does not answer: a timeout; a caller who gives up: at once', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    closers.push(() => silent.close())
    const address = silent.address()
    const uri = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
    const slow = client({ timeoutSeconds: 0.1 })
    await expect(slow.send(parcel('{}'), endpoint(uri), sending())).rejects.toMatchObject({ code: 'ERR_DELIVERY_TIMEOUT', retryable: true })
    const send = client().send(parcel('{}'), endpoint(uri), sending(AbortSignal.timeout(30)))
    await expect(send).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
  })

  it('one connection for many messages, closed when it was silent for a while, and opened again', async () => {
    const { transport, box } = await server()
    const sender = client({ idleSeconds: 0.1 })
    const send = (text: string) => sender.send(parcel(text), endpoint(transport.webSocketUrl), sending())
    await Promise.all(['1', '2', '3'].map(send))
    await until(() => box.received.length === 3)
    const [first, ...others] = box.received.map(({ via }) => via.socket)
    for (const other of others) expect(other).toBe(first)
    let closed = false
    first?.onClose(() => {
      closed = true
    })
    await until(() => closed)
    await send('4')
    await until(() => box.received.length === 4)
    expect(box.received[3]?.via.socket).not.toBe(first)
  })

  it('the connection that was silent for longest makes room for another', async () => {
    const boxes = await Promise.all([server(), server(), server()])
    const sender = client({ maxSockets: 2 })
    let closed = 0
    for (const [index, { transport, box }] of boxes.entries()) {
      await sender.send(parcel('{}'), endpoint(transport.webSocketUrl), sending())
      await until(() => box.received.length === 1)
      if (index === 0) box.received[0]?.via.socket?.onClose(() => closed++)
    }
    await until(() => closed === 1)
  })

  it('a kept connection is not closed for being silent, is opened again when it is lost, and tells so each time', async () => {
    const port = await freePort()
    const box = inbox()
    const first = listenTransport({ port, graceSeconds: 0.05 })
    await first.start?.(box.receive)
    const sender = client({ idleSeconds: 0.05, random: () => 0.05 })
    const here = inbox()
    await sender.start?.(here.receive)
    const seen: string[] = []
    const connection = sender.connect(`ws://127.0.0.1:${port}/`, {
      onOpen: () => seen.push('open'),
      onFailure: ({ code }, seconds) => seen.push(`${code} ${seconds > 0}`),
    })
    await until(() => seen.length === 1)
    await wait(200)
    await sender.send(parcel('{"n":1}'), endpoint(`ws://127.0.0.1:${port}/`), sending())
    await until(() => box.received.length === 1)
    expect(seen).toEqual(['open'])
    await first.stop?.()
    await until(() => seen.includes('ERR_DELIVERY_UNREACHABLE true'))
    const second = listenTransport({ port, graceSeconds: 0.05 })
    await second.start?.(box.receive)
    closers.push(() => second.stop?.())
    await until(() => seen.filter((one) => one === 'open').length === 2)
    await sender.send(parcel('{"n":2}'), endpoint(`ws://127.0.0.1:${port}/`), sending())
    await until(() => box.received.length === 2)
    await box.received[1]?.via.socket?.send(parcel('{"live":1}'))
    await until(() => here.texts().length === 1)
    connection.close()
    await connection.closed
  })

  it('a kept connection waits ever longer between attempts, by chance, and not where it is told that there is a network again', async () => {
    const uri = `ws://127.0.0.1:${await freePort()}/`
    const waits: number[] = []
    const sender = client({ random: () => 0.999 })
    const connection = sender.connect(uri, { onFailure: (_, seconds) => void waits.push(seconds) })
    await until(() => waits.length === 1)
    connection.retryNow()
    await until(() => waits.length === 2)
    expect(waits.map((seconds) => Math.round(seconds))).toEqual([1, 1])
    connection.close()
    await connection.closed
  })

  it('stop lets go of everything, also of what is being opened', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    closers.push(() => silent.close())
    const address = silent.address()
    const uri = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
    const sender = client()
    const connection = sender.connect(uri)
    const send = sender.send(parcel('{}'), endpoint(uri), sending())
    const refused = expect(send).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
    await wait(20)
    await sender.stop?.()
    await Promise.all([refused, connection.closed])
  })
})
