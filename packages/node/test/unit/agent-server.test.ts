import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { nodeWebSocketTransport } from '../../src/agent-client.ts'
import { type ListenTransportOptions, listenTransport } from '../../src/agent-server.ts'
import { endpoint, inbox, mediaType, parcel, sending, until, wait } from '../fixtures/parcels.ts'
import { speak } from '../fixtures/raw.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})
async function server(options: ListenTransportOptions = {}, box = inbox()) {
  const transport = listenTransport({ graceSeconds: 0.1, ...options })
  await transport.start?.(box.receive)
  closers.push(() => transport.stop?.())
  return { transport, box, port: Number(new URL(transport.url).port) }
}
const post = (url: string, body: string): Promise<Response> => fetch(url, { method: 'POST', headers: { 'content-type': mediaType }, body })

/** A client of bare octets, which can break every rule of WebSockets. */
async function raw(port: number, path = '/', extra = ''): Promise<{ socket: Socket; ended: Promise<Buffer>; heard: () => Buffer }> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => undefined)
  const heard = (): Buffer => Buffer.concat(chunks)
  const ended = new Promise<Buffer>((resolve) => void socket.once('close', () => resolve(heard())))
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${extra}\r\n`,
  )
  await until(() => heard().includes('\r\n\r\n') || socket.destroyed)
  return { socket, ended, heard }
}
/** A frame with its mask of zeros; `length` is what its head announces. */
function frame(opcode: number, payload: Buffer, { fin = true, rsv1 = false, length = payload.length } = {}): Buffer {
  const first = (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode
  const head = length < 126 ? Buffer.from([first, 0x80 | length]) : Buffer.alloc(10)
  if (length >= 126) {
    head[0] = first
    head[1] = 0x80 | 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, Buffer.alloc(4), payload])
}
/** The code of the close frame at the end of what a server said. */
const closeCode = (heard: Buffer): number | undefined => {
  const at = heard.lastIndexOf(Buffer.from([0x88]))
  return at < 0 ? undefined : heard.readUInt16BE(at + 2)
}

describe('listenTransport', () => {
  it('WS-01, HTTP-01: one port takes messages by HTTP and over WebSockets, at its path alone', async () => {
    const { transport, box, port } = await server({ path: '/didcomm' })
    expect([transport.url, transport.webSocketUrl]).toEqual([`http://127.0.0.1:${port}/didcomm`, `ws://127.0.0.1:${port}/didcomm`])
    expect((await post(`${transport.url}?x=1`, '{"n":1}')).status).toBe(202)
    expect((await post(`http://127.0.0.1:${port}/other`, '{}')).status).toBe(404)
    const sender = nodeWebSocketTransport({ schemes: ['ws'], allowLoopback: true })
    closers.push(() => sender.stop?.())
    await sender.send(parcel('{"n":2}'), endpoint(transport.webSocketUrl), sending())
    const other = sender.send(parcel('{}'), endpoint(`ws://127.0.0.1:${port}/other`), sending())
    await expect(other).rejects.toMatchObject({ code: 'ERR_DELIVERY_REFUSED' })
    await until(() => box.received.length === 2)
    expect(box.received.map(({ text, via }) => [text, via.transport, via.connection])).toEqual([
      ['{"n":1}', 'http', 'once'],
      ['{"n":2}', 'websocket', 'lasting'],
    ])
  })

  it('WS-01: a frame is a message, in one piece or many, as text or octets; an empty one is none', async () => {
    const { box, port } = await server()
    const { socket } = await raw(port)
    socket.write(frame(1, Buffer.from('{"text":"ż"}')))
    socket.write(frame(2, Buffer.from('{"octets":"ż"}')))
    socket.write(frame(1, Buffer.alloc(0)))
    socket.write(Buffer.concat([frame(1, Buffer.from('{"in'), { fin: false }), frame(0, Buffer.from('parts":1}'))]))
    await until(() => box.received.length === 3)
    expect(box.texts()).toEqual(['{"text":"ż"}', '{"octets":"ż"}', '{"inparts":1}'])
    socket.destroy()
  })

  it('WS-02: every frame is handed over alike, whoever sent those before it', async () => {
    const { box, port } = await server()
    const { socket } = await raw(port)
    for (const text of ['{"from":"a"}', 'not JSON', '{"from":"b"}']) socket.write(frame(1, Buffer.from(text)))
    await until(() => box.received.length === 3)
    const vias = box.received.map(({ via }) => Object.keys(via).sort())
    expect(vias).toEqual(Array.from({ length: 3 }, () => ['connection', 'socket', 'transport']))
    socket.destroy()
  })

  it('a frame that announces a gigabyte, or grows beyond the limit in pieces, closes the socket with 1009 (T06)', async () => {
    const { box, port } = await server({ maxFrameBytes: 1000 })
    const huge = await raw(port)
    huge.socket.write(frame(1, Buffer.alloc(10), { length: 2 ** 30 }))
    expect(closeCode(await huge.ended)).toBe(1009)
    const growing = await raw(port)
    growing.socket.write(frame(1, Buffer.alloc(600, 'x'), { fin: false }))
    growing.socket.write(frame(0, Buffer.alloc(600, 'x')))
    expect(closeCode(await growing.ended)).toBe(1009)
    expect(box.texts()).toEqual([])
    const exact = await raw(port)
    exact.socket.write(frame(1, Buffer.alloc(1000, 'x')))
    await until(() => box.received.length === 1)
    exact.socket.destroy()
  })

  it('a million tiny fragments close the socket, and others are served (T06)', async () => {
    const { transport, box, port } = await server()
    const { socket, ended } = await raw(port)
    const piece = frame(0, Buffer.from('x'), { fin: false })
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => piece))
    socket.write(frame(1, Buffer.from('x'), { fin: false }))
    for (let count = 0; count < 100 && !socket.destroyed; count++) {
      if (!socket.write(many)) await Promise.race([ended, new Promise((drained) => socket.once('drain', drained))])
    }
    await ended
    expect(box.texts()).toEqual([])
    expect((await post(transport.url, '{}')).status).toBe(202)
  })

  it('compression is not agreed on, and a compressed frame closes the socket (T06)', async () => {
    const { box, port } = await server()
    const { socket, ended, heard } = await raw(port, '/', 'Sec-WebSocket-Extensions: permessage-deflate\r\n')
    expect(heard().toString()).not.toMatch(/permessage-deflate/i)
    socket.write(frame(1, deflateRawSync(Buffer.alloc(10_000_000)), { rsv1: true }))
    expect(closeCode(await ended)).toBe(1002)
    expect(box.texts()).toEqual([])
  })

  it('frames that break the protocol, or are no UTF-8, close that socket alone', async () => {
    const { transport, box, port } = await server()
    for (const [octets, code] of [
      [Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002], // without a mask
      [frame(0, Buffer.from('x')), 1002],
      [frame(7, Buffer.from('x')), 1002],
      [frame(1, Buffer.from([0xff, 0xfe])), 1007],
    ] as const) {
      const { socket, ended } = await raw(port)
      socket.write(octets)
      expect(closeCode(await ended)).toBe(code)
    }
    expect((await post(transport.url, '{}')).status).toBe(202)
    expect(box.texts()).toEqual(['{}'])
  })

  it('one socket more than allowed is refused with 503, which says when to come again', async () => {
    const { port } = await server({ maxSockets: 1 })
    const first = await raw(port)
    const second = await raw(port)
    expect((await second.ended).toString()).toMatch(/^HTTP\/1.1 503 [\s\S]*\r\nRetry-After: \d+\r\n/)
    first.socket.destroy()
    await first.ended
    await wait(50)
    const third = await raw(port)
    expect(third.heard().toString()).toMatch(/^HTTP\/1.1 101 /)
    third.socket.destroy()
  })

  it('HTTP alone takes no WebSocket', async () => {
    const { port } = await server({ maxSockets: 0 })
    expect((await (await raw(port)).ended).toString()).toMatch(/^HTTP\/1.1 503 /)
  })

  it('sockets that never finish their request do not keep out those that do, of either kind (T05)', async () => {
    const { transport, box, port } = await server({ maxConnections: 20, requestTimeoutSeconds: 300, headTimeoutSeconds: 300 })
    const lasting = await raw(port)
    const slow = Array.from({ length: 60 }, () => speak(port, ['GET / HTTP/1.1\r\nUpgrade: webso']))
    await wait(100)
    for (let count = 0; count < 5; count++) expect((await post(transport.url, '{}')).status).toBe(202)
    lasting.socket.write(frame(1, Buffer.from('{"still":1}')))
    await until(() => box.texts().includes('{"still":1}'))
    lasting.socket.destroy()
    await transport.stop?.()
    await Promise.all(slow)
  })

  it('a client that is gone without a word is noticed, and what is sent to it then fails (T07)', async () => {
    const { box, port } = await server({ heartbeatSeconds: 0.1 })
    const { socket } = await raw(port)
    socket.write(frame(1, Buffer.from('{}')))
    await until(() => box.received.length === 1)
    // It answers no ping: the operating system alone takes what comes.
    const way = box.received[0]?.via.socket
    let closed = false
    way?.onClose(() => {
      closed = true
    })
    await until(() => closed)
    await expect(way?.send(parcel('{}'))).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
    socket.destroy()
  })

  it('a client that answers pings stays, though it says nothing', async () => {
    const { port, transport } = await server({ heartbeatSeconds: 0.05 })
    const quiet = new WebSocket(transport.webSocketUrl)
    await new Promise((opened) => quiet.once('open', opened))
    await wait(300)
    expect([quiet.readyState, port > 0]).toEqual([WebSocket.OPEN, true])
    quiet.close()
  })

  it('a client that does not read makes sending wait, then fail, and is bounded meanwhile', async () => {
    const { box, port } = await server({ maxBufferedBytes: 1_000_000 })
    const { socket } = await raw(port)
    socket.write(frame(1, Buffer.from('{}')))
    await until(() => box.received.length === 1)
    socket.pause()
    const way = box.received[0]?.via.socket
    const filler = 'x'.repeat(500_000)
    const outcomes: string[] = []
    for (let count = 0; count < 60; count++) {
      way?.send(parcel(filler)).then(
        () => outcomes.push('left'),
        ({ code }) => outcomes.push(code),
      )
      await wait(1)
    }
    expect(outcomes).toContain('ERR_DELIVERY_UNAVAILABLE')
    expect(outcomes.length).toBeLessThan(60)
    socket.destroy()
    await until(() => outcomes.length === 60)
    expect(new Set(outcomes)).toEqual(new Set(['left', 'ERR_DELIVERY_UNAVAILABLE', 'ERR_DELIVERY_UNREACHABLE']))
  })

  it('while much is not stored yet, no more is read; then it goes on', async () => {
    const waiting: (() => void)[] = []
    const box = inbox(() => new Promise((resolve) => void waiting.push(() => resolve({ taken: true }))))
    const { port } = await server({ maxPendingBytes: 100_000 }, box)
    const { socket } = await raw(port)
    const message = frame(1, Buffer.alloc(50_000, 'x'))
    for (let count = 0; count < 200; count++) socket.write(message)
    await wait(200)
    const before = box.received.length
    expect(before).toBeLessThan(20)
    const storing = setInterval(() => {
      for (const store of waiting.splice(0)) store()
    }, 1)
    await until(() => box.received.length === 200)
    clearInterval(storing)
    socket.destroy()
  })

  it('a message that is not kept closes the socket with 1013, so that its sender does not count it', async () => {
    const { box, port } = await server(
      {},
      inbox(() => ({ taken: false })),
    )
    const { socket, heard } = await raw(port)
    socket.write(frame(1, Buffer.from('{}')))
    await until(() => closeCode(heard()) === 1013)
    // Nor is what comes after it.
    socket.write(frame(1, Buffer.from('{}')))
    await wait(30)
    expect(box.received).toHaveLength(1)
    socket.destroy()
  })

  it('stop tells clients that it goes away, ends those that do not answer, and can be started again', async () => {
    const { transport, port } = await server({ port: 0, graceSeconds: 0.2 })
    const polite = new WebSocket(transport.webSocketUrl)
    const code = new Promise((resolve) => void polite.once('close', resolve))
    await new Promise((opened) => polite.once('open', opened))
    const deaf = await raw(port)
    const began = performance.now()
    await transport.stop?.()
    expect(await code).toBe(1001)
    await deaf.ended
    expect(performance.now() - began).toBeLessThan(2000)
    expect(() => transport.url).toThrow(expect.objectContaining({ code: 'ERR_USAGE_CLOSED' }))
    const again = inbox()
    await transport.start?.(again.receive)
    expect((await post(transport.url, '{}')).status).toBe(202)
    expect(again.texts()).toEqual(['{}'])
  })

  it('T01: what was answered with 2xx is there, however soon after it the process is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sealpost-'))
    closers.push(() => rm(folder, { recursive: true }))
    const file = join(folder, 'inbox')
    const program = fileURLToPath(new URL('../fixtures/receiver-child.ts', import.meta.url))
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@sealpost/source', program, file])
      const ended = new Promise((resolve) => void child.once('close', resolve))
      const url = await new Promise<string>((resolve) => void child.stdout.once('data', (text) => resolve(String(text).trim())))
      const taken: string[] = []
      const sender = async (lane: number): Promise<void> => {
        for (let count = 0; ; count++) {
          const text = `${round} ${lane} ${count}`
          if ((await post(url, text)).status === 202) taken.push(text)
          if (taken.length > 20) child.kill('SIGKILL')
        }
      }
      await Promise.allSettled([0, 1, 2, 3].map(sender))
      await ended
      const stored = new Set((await readFile(file, 'utf8')).split('\n'))
      expect(taken.filter((text) => !stored.has(text))).toEqual([])
      expect(taken.length).toBeGreaterThan(20)
    }
  })

  it('a port that is taken is an error of usage', async () => {
    const { port } = await server()
    await expect(server({ port })).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
  })
})
