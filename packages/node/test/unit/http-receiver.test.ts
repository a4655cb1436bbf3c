import { describe, expect, it } from 'vitest'
import { createReceiver, type Received } from '../../src/http-receiver.ts'

const encrypted = 'application/didcomm-encrypted+json'

function inbox(options: Partial<Parameters<typeof createReceiver>[0]> = {}) {
  const messages: { text: string; received: Received }[] = []
  const receive = createReceiver({
    onMessage: (envelope, received) => void messages.push({ text: Buffer.from(envelope).toString(), received }),
    ...options,
  })
  return { receive, messages }
}

const post = (body: BodyInit | null, headers: Record<string, string> = { 'content-type': encrypted }): Request =>
  new Request('https://example.com/', { method: 'POST', headers, body, duplex: 'half' } as RequestInit)

/** A body in pieces; `undefined` waits for ever, an error breaks off. */
const pieces = (...parts: readonly (string | Error | undefined)[]): ReadableStream =>
  new ReadableStream({
    async start(controller) {
      for (const part of parts) {
        if (part === undefined) return
        if (part instanceof Error) return controller.error(part)
        controller.enqueue(Buffer.from(part))
      }
      controller.close()
    },
  })

describe('createReceiver', () => {
  it('HTTP-01, HTTP-03: a POST is answered with 202 and the message is handed over as it came', async () => {
    const { receive, messages } = inbox()
    const response = await receive(post('{"ciphertext":"x"}'), { remoteAddress: '192.0.2.1' })
    expect(response.status).toBe(202)
    expect(messages).toEqual([{ text: '{"ciphertext":"x"}', received: { mediaType: encrypted, remoteAddress: '192.0.2.1' } }])
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])(
    'HTTP-01: %s is refused with 405, which says what is allowed',
    async (method) => {
      const { receive, messages } = inbox()
      const response = await receive(new Request('https://example.com/', { method }))
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
      expect(messages).toEqual([])
    },
  )

  it.each([
    ['application/didcomm-encrypted+json', encrypted],
    ['application/didcomm-encrypted+json; charset=utf-8', encrypted],
    ['Application/DIDComm-Encrypted+JSON', encrypted],
    ['didcomm-signed+json', 'application/didcomm-signed+json'],
    ['application/didcomm-plain+json', 'application/didcomm-plain+json'],
  ])('HTTP-02, MED-07: the content type %s is taken', async (contentType, mediaType) => {
    const { receive, messages } = inbox()
    expect((await receive(post('{}', { 'content-type': contentType }))).status).toBe(202)
    expect(messages[0]?.received.mediaType).toBe(mediaType)
  })

  it.each(['application/json', 'text/plain', 'application/didcomm-envelope-enc', 'application/x-www-form-urlencoded', '', ','])(
    'HTTP-02: the content type "%s" is refused with 415 (T03)',
    async (contentType) => {
      const { receive, messages } = inbox()
      expect((await receive(post('{}', { 'content-type': contentType }))).status).toBe(415)
      expect(messages).toEqual([])
    },
  )

  it('HTTP-02: no content type at all is refused with 415 (T03)', async () => {
    const { receive } = inbox()
    const request = post(Buffer.from('{}'), {})
    request.headers.delete('content-type')
    expect((await receive(request)).status).toBe(415)
  })

  it('MED-20: a receiver that takes encrypted messages alone refuses the others with 415', async () => {
    const { receive } = inbox({ accept: [encrypted] })
    expect((await receive(post('{}', { 'content-type': 'application/didcomm-plain+json' }))).status).toBe(415)
    expect((await receive(post('{}'))).status).toBe(202)
  })

  it('a compressed body is refused with 415 and not unpacked', async () => {
    const { receive } = inbox()
    for (const coding of ['gzip', 'deflate', 'br', 'zstd', 'GZIP', 'identity, gzip']) {
      expect((await receive(post('{}', { 'content-type': encrypted, 'content-encoding': coding }))).status).toBe(415)
    }
    expect((await receive(post('{}', { 'content-type': encrypted, 'content-encoding': 'identity' }))).status).toBe(202)
  })

  it('TRN-03, TRN-05: a body above the limit is refused with 413, by its announced length and by what comes', async () => {
    const { receive, messages } = inbox({ maxBytes: 10 })
    expect((await receive(post(pieces('12345', '67890')))).status).toBe(202)
    expect((await receive(post(pieces('12345', '67890', '1')))).status).toBe(413)
    expect((await receive(post(pieces(undefined), { 'content-type': encrypted, 'content-length': '11' }))).status).toBe(413)
    expect(messages.map(({ text }) => text)).toEqual(['1234567890'])
  })

  it('a body that never ends is refused with 413 as soon as the limit is passed (T02)', async () => {
    const { receive } = inbox({ maxBytes: 1000 })
    let produced = 0
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(100)), cancel: () => void produced++ })
    expect((await receive(post(endless))).status).toBe(413)
    expect(produced).toBe(1)
  })

  it('a body that is slow is refused with 408 (T02)', async () => {
    const { receive, messages } = inbox({ timeoutSeconds: 0.05 })
    expect((await receive(post(pieces('{"half', undefined)))).status).toBe(408)
    expect(messages).toEqual([])
  })

  it('a body that breaks off, is empty, or is not as long as announced leaves nothing behind (T02)', async () => {
    const { receive, messages } = inbox()
    expect((await receive(post(pieces('{"half', new Error('aborted'))))).status).toBe(400)
    expect((await receive(post(pieces()))).status).toBe(400)
    expect((await receive(post(null))).status).toBe(400)
    expect((await receive(post(pieces('{}'), { 'content-type': encrypted, 'content-length': '7' }))).status).toBe(400)
    expect(messages).toEqual([])
  })

  it('a message that could not be stored is never answered with 2xx', async () => {
    const { receive } = inbox({ onMessage: () => Promise.reject(new Error('the disk is full')) })
    const response = await receive(post('{}'))
    expect([response.status, await response.text()]).toEqual([503, ''])
  })

  it('TRN-01, HTTP-04, HTTP-07: the answer has no body and does not depend on what is in the message', async () => {
    const { receive } = inbox()
    const answers = await Promise.all(
      ['{}', 'not JSON', '{"ciphertext":"AAAA","protected":"AAAA","recipients":[],"iv":"","tag":""}'].map(async (body) => {
        const response = await receive(post(body))
        return [response.status, await response.text(), [...response.headers]]
      }),
    )
    expect(answers).toEqual([answers[0], answers[0], answers[0]])
    expect(answers[0]).toEqual([202, '', []])
  })

  it('HTTP-07: the answer waits until the message is stored, and not longer', async () => {
    const order: string[] = []
    const { receive } = inbox({
      async onMessage() {
        await new Promise((stored) => setTimeout(stored, 20))
        order.push('stored')
      },
    })
    await receive(post('{}')).then(() => order.push('answered'))
    expect(order).toEqual(['stored', 'answered'])
  })
})
