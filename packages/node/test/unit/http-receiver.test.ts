/** What a program is told; the rules of HTTP are tested where they are, in the library. */
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

const post = (body: string, contentType = encrypted): Request =>
  new Request('https://example.com/', { method: 'POST', headers: { 'content-type': contentType }, body })

describe('createReceiver', () => {
  it('HTTP-01, HTTP-03: a POST is answered with 202 and the message is handed over as it came', async () => {
    const { receive, messages } = inbox()
    const response = await receive(post('{"ciphertext":"x"}'), { remoteAddress: '192.0.2.1' })
    expect([response.status, await response.text()]).toEqual([202, ''])
    expect(messages).toEqual([{ text: '{"ciphertext":"x"}', received: { mediaType: encrypted, remoteAddress: '192.0.2.1' } }])
  })

  it('HTTP-02, MED-07: the media type is told as it is called, however it was spelt; nothing is told of an address that is not known', async () => {
    const { receive, messages } = inbox()
    expect((await receive(post('{}', 'DIDComm-Signed+JSON; charset=utf-8'))).status).toBe(202)
    expect(messages[0]?.received).toEqual({ mediaType: 'application/didcomm-signed+json' })
  })

  it('MED-20, TRN-03: its rules are those of the library', async () => {
    const { receive, messages } = inbox({ accept: [encrypted], maxBytes: 10 })
    expect((await receive(post('{}', 'application/didcomm-plain+json'))).status).toBe(415)
    expect((await receive(post('x'.repeat(11)))).status).toBe(413)
    expect((await receive(new Request('https://example.com/'))).status).toBe(405)
    expect(messages).toEqual([])
  })

  it('what could not be stored is answered with 503, whether it throws or rejects', async () => {
    const throwing = inbox({
      onMessage: () => {
        throw new Error('disk full')
      },
    })
    expect((await throwing.receive(post('{}'))).status).toBe(503)
    const rejecting = inbox({ onMessage: () => Promise.reject(new Error('disk full')) })
    expect((await rejecting.receive(post('{}'))).status).toBe(503)
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
