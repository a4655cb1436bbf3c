import { describe, expect, it } from 'vitest'
import type { Receipt, Via } from '../../../src/agent/ports.ts'
import { decodeUtf8, encodeUtf8 } from '../../../src/bytes/index.ts'
import { createHandler, type PostRules, takePost } from '../../../src/transport/handler.ts'
import { endpoint, mediaType, options, parcel } from './parcels.ts'

async function inbox(rules: PostRules = {}, receipt: () => Receipt | Promise<Receipt> = () => ({ taken: true })) {
  const messages: { text: string; via: Via }[] = []
  const { transport, handle } = createHandler(rules)
  await transport.start?.(async (envelope, via) => {
    messages.push({ text: typeof envelope === 'string' ? envelope : decodeUtf8(envelope), via })
    return receipt()
  })
  return { transport, handle, messages }
}

const post = (body: BodyInit | null, headers: Record<string, string> = { 'content-type': mediaType }): Request =>
  new Request('https://example.com/', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)

/** A body in pieces; `undefined` waits for ever, an error breaks off. */
const pieces = (...parts: readonly (string | Error | undefined)[]): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) {
        if (part === undefined) return
        if (part instanceof Error) return controller.error(part)
        controller.enqueue(encodeUtf8(part))
      }
      controller.close()
    },
  })

describe('createHandler', () => {
  it('HTTP-01, HTTP-03: a POST is answered with 202 and the message is handed over as it came', async () => {
    const { handle, messages } = await inbox()
    const response = await handle(post('{"ciphertext":"ż"}'))
    expect([response.status, await response.text()]).toEqual([202, ''])
    expect(messages).toEqual([{ text: '{"ciphertext":"ż"}', via: { transport: 'http', connection: 'once' } }])
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])(
    'HTTP-01: %s is refused with 405, which says what is allowed',
    async (method) => {
      const { handle, messages } = await inbox()
      const response = await handle(new Request('https://example.com/', { method }))
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
      expect(messages).toEqual([])
    },
  )

  it.each([
    'application/didcomm-encrypted+json',
    'application/didcomm-encrypted+json; charset=utf-8',
    'Application/DIDComm-Encrypted+JSON',
    'didcomm-signed+json',
    'application/didcomm-plain+json',
  ])('HTTP-02, MED-07: the content type %s is taken (T03)', async (contentType) => {
    const { handle, messages } = await inbox()
    expect((await handle(post('{}', { 'content-type': contentType }))).status).toBe(202)
    expect(messages).toHaveLength(1)
  })

  it.each(['application/json', 'text/plain', 'application/didcomm-envelope-enc', 'application/x-www-form-urlencoded', '', ','])(
    'HTTP-02: the content type "%s" is refused with 415 (T03)',
    async (contentType) => {
      const { handle, messages } = await inbox()
      expect((await handle(post('{}', { 'content-type': contentType }))).status).toBe(415)
      expect(messages).toEqual([])
    },
  )

  it('HTTP-02: no content type at all is refused with 415 (T03)', async () => {
    const { handle } = await inbox()
    const request = post(encodeUtf8('{}') as Uint8Array<ArrayBuffer>, {})
    request.headers.delete('content-type')
    expect((await handle(request)).status).toBe(415)
  })

  it('MED-20: a receiver that takes encrypted messages alone refuses the others with 415', async () => {
    const { handle } = await inbox({ accept: [mediaType] })
    expect((await handle(post('{}', { 'content-type': 'application/didcomm-plain+json' }))).status).toBe(415)
    expect((await handle(post('{}'))).status).toBe(202)
  })

  it('a compressed body is refused with 415 and not unpacked', async () => {
    const { handle } = await inbox()
    for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'GZIP', 'identity, gzip']) {
      expect((await handle(post('{}', { 'content-type': mediaType, 'content-encoding': coding }))).status).toBe(415)
    }
    expect((await handle(post('{}', { 'content-type': mediaType, 'content-encoding': 'identity' }))).status).toBe(202)
  })

  it('TRN-03, TRN-05: a body above the limit is refused with 413', async () => {
    const { handle, messages } = await inbox({ maxBytes: 10 })
    expect((await handle(post(pieces('12345', '67890')))).status).toBe(202)
    expect((await handle(post(pieces('12345', '67890', '1')))).status).toBe(413)
    expect(messages.map(({ text }) => text)).toEqual(['1234567890'])
  })

  it('a body that never ends is refused with 413 as soon as the limit is passed (T02)', async () => {
    const { handle } = await inbox({ maxBytes: 1000 })
    let cancelled = 0
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100)), cancel: () => void cancelled++ })
    expect((await handle(post(endless))).status).toBe(413)
    expect(cancelled).toBe(1)
  })

  it('a body that is slow is refused with 408 (T02)', async () => {
    const { handle, messages } = await inbox({ timeoutSeconds: 0.05 })
    expect((await handle(post(pieces('{"half', undefined)))).status).toBe(408)
    expect(messages).toEqual([])
  })

  it('a body that breaks off, or is empty, leaves nothing behind (T02)', async () => {
    const { handle, messages } = await inbox()
    expect((await handle(post(pieces('{"half', new Error('aborted'))))).status).toBe(400)
    expect((await handle(post(pieces()))).status).toBe(400)
    expect((await handle(post(null))).status).toBe(400)
    expect(messages).toEqual([])
  })

  it('HTTP-07, HTTP-04: the answer is the same whatever is in the message, and has no body', async () => {
    const { handle } = await inbox()
    const answers = await Promise.all(
      ['{}', 'not JSON', '{"ciphertext":"cannot be decrypted"}'].map(async (body) => {
        const response = await handle(post(body))
        return [response.status, await response.text(), [...response.headers]]
      }),
    )
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(answers[0]).toEqual([202, '', []])
  })

  it('T01: what was not stored is answered with 503, and when to try again in whole seconds', async () => {
    for (const [receipt, after] of [
      [{ taken: false }, null],
      [{ taken: false, retryAfterSeconds: 0.2 }, '1'],
      [{ taken: false, retryAfterSeconds: 90 }, '90'],
    ] as const) {
      const { handle } = await inbox({}, () => receipt)
      const response = await handle(post('{}'))
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, after])
    }
    const { handle } = await inbox({}, () => Promise.reject(new Error('disk full')))
    expect((await handle(post('{}'))).status).toBe(503)
  })

  it('RR-03: the message that goes back is the body of a 200, with its media type', async () => {
    const { handle } = await inbox({}, () => ({ taken: true, reply: parcel('{"back":1}') }))
    const response = await handle(post('{}'))
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, mediaType, '{"back":1}'])
  })

  it('nothing is taken before the agent is started and after it is stopped', async () => {
    const { transport, handle } = createHandler()
    expect((await handle(post('{}'))).status).toBe(503)
    await transport.start?.(async () => ({ taken: true }))
    expect((await handle(post('{}'))).status).toBe(202)
    await transport.stop?.()
    expect((await handle(post('{}'))).status).toBe(503)
  })

  it('it sends nothing', async () => {
    const { transport } = createHandler()
    expect(transport.schemes).toEqual([])
    await expect(transport.send(parcel('{}'), endpoint('https://example.com'), options)).rejects.toMatchObject({ family: 'delivery' })
  })
})

describe('takePost', () => {
  it('HTTP-02: whoever takes is told the media type', async () => {
    const taken: string[] = []
    const request = post('{}', { 'content-type': 'didcomm-signed+json' })
    await takePost(request, async (envelope, type) => {
      taken.push(decodeUtf8(envelope), type)
      return { taken: true }
    })
    expect(taken).toEqual(['{}', 'application/didcomm-signed+json'])
  })
})
