import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import { createReceiver } from '../../src/http-receiver.ts'
import { type Listening, type ListenOptions, listen } from '../../src/http-server.ts'
import { localhost } from '../fixtures/localhost.ts'
import { speak } from '../fixtures/raw.ts'

const encrypted = 'application/didcomm-encrypted+json'
const open: Listening[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close({ graceSeconds: 0.05 })))
})

async function inbox(options: ListenOptions & { maxBytes?: number; timeoutSeconds?: number; onMessage?: () => Promise<void> } = {}) {
  const messages: string[] = []
  const { maxBytes, timeoutSeconds, onMessage, ...rest } = options
  const receiver = createReceiver({
    onMessage: async (envelope) => {
      await onMessage?.()
      messages.push(Buffer.from(envelope).toString())
    },
    ...(maxBytes !== undefined && { maxBytes }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  })
  const server = await listen(receiver, rest)
  open.push(server)
  return { server, messages }
}

const head = (...lines: readonly string[]): string =>
  `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${encrypted}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
const post = (url: string, body: BodyInit): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': encrypted }, body })

describe('listen', () => {
  it('HTTP-01, HTTP-03, HTTP-04: a real client gets 202 without a body, and the message arrives byte for byte', async () => {
    const { server, messages } = await inbox()
    const body = JSON.stringify({ text: 'żółć 🦭', filler: 'x'.repeat(300_000) })
    const response = await post(server.url, body)
    expect([response.status, await response.text()]).toEqual([202, ''])
    expect(messages).toEqual([body])
  })

  it('HTTP-01: GET and PUT get 405 with Allow', async () => {
    const { server } = await inbox()
    const get = await fetch(server.url)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await fetch(server.url, { method: 'PUT', body: '{}' })).status).toBe(405)
  })

  it('TRN-03: the sender of a body that is too large reads 413, though it was not read to its end', async () => {
    const { server, messages } = await inbox({ maxBytes: 100_000 })
    expect((await post(server.url, 'x'.repeat(1_000_000))).status).toBe(413)
    const answer = await speak(server.port, [
      head('Transfer-Encoding: chunked'),
      `${(100_001).toString(16)}\r\n`,
      'y'.repeat(100_001),
      '\r\n',
    ])
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(messages).toEqual([])
  })

  it('a request that is broken off half way leaves nothing (T02)', async () => {
    const { server, messages } = await inbox()
    await speak(server.port, [head('Content-Length: 100'), '{"half', { waitMilliseconds: 50 }, 'abort'])
    await speak(server.port, [head('Transfer-Encoding: chunked'), '5\r\n{"hal\r\n', { waitMilliseconds: 50 }, 'abort'])
    expect((await post(server.url, '{"whole":1}')).status).toBe(202)
    expect(messages).toEqual(['{"whole":1}'])
  })

  it('a body that is longer than announced is cut off there, and what follows is no message (T02)', async () => {
    const { server, messages } = await inbox()
    const answer = await speak(server.port, [head('Content-Length: 2', 'Connection: close'), '{}{"more":1}'])
    expect(answer).toMatch(/^HTTP\/1.1 (202|400) /)
    expect(messages).toEqual(['{}'])
  })

  it('a chunked body that never ends gets 408 (T02)', async () => {
    const { server, messages } = await inbox({ timeoutSeconds: 0.1 })
    const answer = await speak(server.port, [head('Transfer-Encoding: chunked'), '2\r\n{}\r\n', { waitMilliseconds: 200 }])
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(messages).toEqual([])
  })

  it('a head that never ends is closed in time (T05)', async () => {
    const { server } = await inbox({ headTimeoutSeconds: 0.2, requestTimeoutSeconds: 0.4 })
    const answer = await speak(server.port, ['POST / HTTP/1.1\r\nHost: local', { waitMilliseconds: 50 }])
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
  })

  it('sockets that send nothing, or trickle, do not keep others out (T05)', async () => {
    const { server, messages } = await inbox({ maxConnections: 20, requestTimeoutSeconds: 300, timeoutSeconds: 300 })
    const slow = Array.from({ length: 60 }, (_, index) =>
      speak(server.port, index % 2 === 0 ? ['POST / HT'] : [head('Content-Length: 100'), '{"slow']),
    )
    await new Promise((next) => setTimeout(next, 100))
    for (let count = 0; count < 5; count++) expect((await post(server.url, `{"n":${count}}`)).status).toBe(202)
    expect(messages).toHaveLength(5)
    await server.close({ graceSeconds: 0 })
    await Promise.all(slow)
  })

  it('what is no HTTP, and targets that are no URL, get an answer or a closed socket, and the server goes on', async () => {
    const { server } = await inbox()
    await speak(server.port, ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'])
    expect(await speak(server.port, ['POST http://[ HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'])).toMatch(
      /^HTTP\/1.1 400 /,
    )
    expect(await speak(server.port, ['TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'])).toMatch(/^HTTP\/1.1 (400|405) /)
    expect((await post(server.url, '{}')).status).toBe(202)
  })

  it('a receiver that throws is answered with 500, without a word of why', async () => {
    const server = await listen(() => Promise.reject(new Error('secret')))
    open.push(server)
    const response = await post(server.url, '{}')
    expect([response.status, await response.text()]).toEqual([500, ''])
  })

  it('close lets a request that is under way end', async () => {
    const waiting: (() => void)[] = []
    const { server, messages } = await inbox({ onMessage: () => new Promise((resolve) => void waiting.push(resolve)) })
    const response = post(server.url, '{}')
    await new Promise((next) => setTimeout(next, 50))
    const closed = server.close()
    await new Promise((next) => setTimeout(next, 20))
    for (const store of waiting) store()
    expect((await response).status).toBe(202)
    await closed
    expect(messages).toEqual(['{}'])
    await expect(post(server.url, '{}')).rejects.toThrow()
  })

  it('close does not wait for ever for one who never ends', async () => {
    const { server, messages } = await inbox({ timeoutSeconds: 300, requestTimeoutSeconds: 300 })
    const slow = speak(server.port, [head('Content-Length: 100'), '{"half'])
    await new Promise((next) => setTimeout(next, 50))
    await server.close({ graceSeconds: 0.1 })
    await slow
    expect(messages).toEqual([])
  })

  it('a port that is taken is an error of usage', async () => {
    const { server } = await inbox()
    await expect(inbox({ port: server.port })).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
  })

  it('HTTP-06: TLS 1.2 and 1.3 with ephemeral keys are spoken, nothing older and no static RSA', async () => {
    const { server } = await inbox({ tls: localhost })
    expect(server.url).toMatch(/^https:/)
    const handshake = (options: object): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTls({ port: server.port, host: '127.0.0.1', ca: localhost.cert, servername: 'localhost', ...options }, () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().name}`)
          socket.destroy()
        })
        socket.on('error', () => resolve('refused'))
      })
    expect(await handshake({})).toMatch(/^TLSv1.3 TLS_/)
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatch(/^TLSv1.2 ECDHE-/)
    expect(await handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })).toBe('refused')
    expect(await handshake({ maxVersion: 'TLSv1.2', ciphers: 'AES256-GCM-SHA384:AES128-SHA' })).toBe('refused')
  })
})
