/** The transports of pages: the browser's own `fetch` and `WebSocket`, against a server on Node. */
import { describe, expect, inject, it } from 'vitest'
import { httpTransport } from '../../../src/transport/http.ts'
import { webSocketTransport } from '../../../src/transport/websocket.ts'
import { endpoint, options, parcel } from './parcels.ts'

const { url, webSocketUrl, redirectUrl } = inject('peer')
const asked = { ...options, returnRoute: true }
const textOf = (envelope: string | Uint8Array): string => (typeof envelope === 'string' ? envelope : new TextDecoder().decode(envelope))
const until = async (holds: () => boolean): Promise<void> => {
  for (let waited = 0; !holds() && waited < 5000; waited += 5) await new Promise((next) => setTimeout(next, 5))
  expect(holds()).toBe(true)
}

describe('httpTransport in a page', () => {
  const http = httpTransport({ schemes: ['http'], allowLoopback: true, timeoutSeconds: 5 })

  it('HTTP-01, RR-03: it posts to another origin, and gets back what it asked for', async () => {
    expect(await http.send(parcel('{"ż":1}'), endpoint(url), options)).toEqual({})
    const { replies } = await http.send(parcel('{"back":"ż"}'), endpoint(url), asked)
    expect(replies?.map(textOf)).toEqual(['{"back":"ż"}'])
  })

  it('FLO-01: it reads when to come again', async () => {
    await expect(http.send(parcel('"refuse"'), endpoint(url), options)).rejects.toMatchObject({
      code: 'ERR_DELIVERY_UNAVAILABLE',
      retryAfterSeconds: 7,
    })
  })

  it('HTTP-05: a browser does not show where a redirect leads, so that none is followed', async () => {
    await expect(http.send(parcel('{}'), endpoint(redirectUrl), options)).rejects.toMatchObject({
      code: 'ERR_DELIVERY_REFUSED',
      rule: 'HTTP-05',
    })
  })

  it('nobody there is unreachable', async () => {
    const nowhere = endpoint('http://127.0.0.1:1/')
    await expect(httpTransport({ schemes: ['http'], allowLoopback: true }).send(parcel('{}'), nowhere, options)).rejects.toMatchObject({
      code: 'ERR_DELIVERY_UNREACHABLE',
    })
  })
})

describe('webSocketTransport in a page', () => {
  async function open(more: object = {}) {
    const received: string[] = []
    const transport = webSocketTransport({ schemes: ['ws'], allowLoopback: true, timeoutSeconds: 5, ...more })
    await transport.start?.(async (envelope) => {
      received.push(textOf(envelope))
      return { taken: true }
    })
    return { transport, received }
  }

  it('WS-01, RR-03: messages go and come over one connection', async () => {
    const { transport, received } = await open()
    const texts = ['{"back":1}', '{"back":"ż"}', `{"back":"${'x'.repeat(1_000_000)}"}`]
    for (const text of texts) await transport.send(parcel(text), endpoint(webSocketUrl), asked)
    await until(() => received.length === 3)
    expect(received.map((text, index) => text === texts[index])).toEqual([true, true, true])
    await transport.stop?.()
  })

  it('a frame that is larger than we take ends the connection, with a code that a page may use', async () => {
    const { transport, received } = await open({ maxFrameBytes: 100 })
    let closed = 0
    const connection = transport.connect(webSocketUrl, { onOpen: ({ onClose }) => onClose(() => closed++) })
    // The answer can end the connection before it is known that the question has left.
    await transport.send(parcel(`{"back":"${'x'.repeat(200)}"}`), endpoint(webSocketUrl), asked).catch(() => undefined)
    await until(() => closed === 1)
    expect(received).toEqual([])
    connection.close()
    await transport.stop?.()
  })

  it('nobody there, or another path: unreachable, and pages are not told more', async () => {
    const { transport } = await open()
    for (const uri of ['ws://127.0.0.1:1/', webSocketUrl.replace('didcomm', 'other')]) {
      await expect(transport.send(parcel('{}'), endpoint(uri), options)).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
    }
    await transport.stop?.()
  })
})
