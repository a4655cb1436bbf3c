import { describe, expect, it, vi } from 'vitest'
import type { Receipt, Receive } from '../../../src/agent/ports.ts'
import { encodeUtf8 } from '../../../src/bytes/index.ts'
import { type BindOptions, bindSocket, type SocketEvent, type WebSocketLike, webSocketTransport } from '../../../src/transport/websocket.ts'
import { endpoint, options, parcel } from './parcels.ts'

/** A WebSocket whose network is in our hands: what was handed over leaves when the test says so. */
function slowSocket({ strict = false } = {}) {
  const listeners = new Map<string, ((event: SocketEvent) => void)[]>()
  const emit = (type: string, event: Partial<SocketEvent> = {}): void => {
    for (const listener of listeners.get(type) ?? []) listener({ type, ...event })
  }
  const state = { readyState: 1, bufferedAmount: 0, sent: [] as string[], codes: [] as (number | undefined)[] }
  const webSocket: WebSocketLike = {
    get readyState() {
      return state.readyState
    },
    get bufferedAmount() {
      return state.bufferedAmount
    },
    binaryType: 'blob',
    send(data) {
      state.sent.push(data)
      state.bufferedAmount += data.length
    },
    close(code) {
      if (strict && code !== undefined && code !== 1000 && code < 3000) throw new Error('a page may not use this code')
      state.codes.push(code)
    },
    addEventListener(type, listener) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener])
    },
  }
  const frame = (data: unknown): void => emit('message', { data })
  const end = (code: number): void => {
    state.readyState = 3
    emit('close', { code })
  }
  return { webSocket, state, frame, end }
}
function bound(more: Partial<BindOptions> = {}, fake = slowSocket()) {
  const received: (string | Uint8Array)[] = []
  const take: Receive = async (envelope) => {
    received.push(envelope)
    return { taken: true }
  }
  const socket = bindSocket(fake.webSocket, { transport: 'websocket', where: 'the peer', receive: () => take, ...more })
  return { ...fake, socket, received }
}
const outcomeOf = (promise: Promise<void>): { value?: string } => {
  const outcome: { value?: string } = {}
  promise.then(
    () => {
      outcome.value = 'left'
    },
    ({ code }: { code: string }) => {
      outcome.value = code
    },
  )
  return outcome
}

describe('bindSocket', () => {
  it('WS-01: a sending ends when its own frame has left, though later ones wait', async () => {
    const { socket, state } = bound()
    const first = outcomeOf(socket.send(parcel('12345')))
    const second = outcomeOf(socket.send(parcel('1234567890')))
    expect(state.sent).toEqual(['12345', '1234567890'])
    await new Promise((next) => setTimeout(next, 20))
    expect([first.value, second.value]).toEqual([undefined, undefined])
    state.bufferedAmount = 10
    await vi.waitFor(() => expect(first.value).toBe('left'))
    expect(second.value).toBeUndefined()
    state.bufferedAmount = 0
    await vi.waitFor(() => expect(second.value).toBe('left'))
  })

  it.each([
    [1006, 'ERR_DELIVERY_UNREACHABLE'],
    [1001, 'ERR_DELIVERY_UNREACHABLE'],
    [1009, 'ERR_DELIVERY_TOO_LARGE'],
    [1013, 'ERR_DELIVERY_UNAVAILABLE'],
  ])('a connection that ends with %i before the frame left: %s', async (code, expected) => {
    const { socket, end } = bound()
    const outcome = outcomeOf(socket.send(parcel('12345')))
    end(code)
    await vi.waitFor(() => expect(outcome.value).toBe(expected))
    expect(await socket.closed).toBe(code)
    await expect(socket.send(parcel('{}'))).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
  })

  it('what waits to leave is bounded, and a single frame may be larger', async () => {
    const { socket, state } = bound({ maxBufferedBytes: 10 })
    outcomeOf(socket.send(parcel('x'.repeat(100))))
    await expect(socket.send(parcel('{}'))).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNAVAILABLE', retryable: true })
    expect(state.sent).toHaveLength(1)
    state.readyState = 3
  })

  it('WS-01: text and octets are handed over as they came; an empty frame is none; anything else ends the connection', () => {
    const { frame, received, state, webSocket } = bound()
    expect(webSocket.binaryType).toBe('arraybuffer')
    frame('{"ż":1}')
    frame(encodeUtf8('{}').slice().buffer)
    frame('')
    frame(new ArrayBuffer(0))
    expect(received).toEqual(['{"ż":1}', encodeUtf8('{}')])
    frame({ size: 3 })
    expect(state.codes).toEqual([1003])
  })

  it('TRN-03: a frame above the limit ends the connection with 1009, or 4009 where only such codes are allowed (T06)', () => {
    for (const strict of [false, true]) {
      const { frame, received, state } = bound({ maxFrameBytes: 4 }, slowSocket({ strict }))
      frame('1234')
      frame('12345')
      frame('1')
      expect([received, state.codes]).toEqual([['1234'], [strict ? 4009 : 1009]])
    }
  })

  it('where the socket cannot wait, too much that is not stored ends the connection', () => {
    const never: Receive = () => new Promise(() => undefined)
    const { frame, state } = bound({ maxPendingBytes: 10, receive: () => never })
    frame('12345')
    frame('12345')
    expect(state.codes).toEqual([])
    frame('1')
    expect(state.codes).toEqual([1013])
  })

  it('what is not kept, and what nobody takes, ends the connection with 1013', async () => {
    const refusing: Receive = async (): Promise<Receipt> => ({ taken: false })
    const throwing: Receive = () => Promise.reject(new Error('disk full'))
    for (const receive of [refusing, throwing, undefined]) {
      const { frame, state } = bound({ receive: () => receive })
      frame('{}')
      await vi.waitFor(() => expect(state.codes).toEqual([1013]))
    }
  })
})

describe('webSocketTransport', () => {
  it('an endpoint that cannot be opened at all is unreachable', async () => {
    const transport = webSocketTransport({
      open: () => {
        throw new SyntaxError('no')
      },
    })
    await expect(transport.send(parcel('{}'), endpoint('wss://a.example/'), options)).rejects.toMatchObject({
      code: 'ERR_DELIVERY_UNREACHABLE',
      retryable: true,
    })
    await transport.stop?.()
  })

  it('a frame that does not leave in time ends its connection, and the next gets another', async () => {
    const sockets = [slowSocket(), slowSocket()]
    let opened = 0
    const open = () => (sockets[opened++] as (typeof sockets)[number]).webSocket
    const transport = webSocketTransport({ open, timeoutSeconds: 0.05 })
    const send = () => transport.send(parcel('{}'), endpoint('wss://a.example/'), options)
    await expect(send()).rejects.toMatchObject({ code: 'ERR_DELIVERY_TIMEOUT', retryable: true })
    await expect(send()).rejects.toMatchObject({ code: 'ERR_DELIVERY_TIMEOUT' })
    expect([opened, sockets[0]?.state.codes.length]).toEqual([2, 1])
    for (const { end } of sockets) end(1006)
    await transport.stop?.()
  })

  it('without a WebSocket of the runtime, how to open one must be said', () => {
    vi.stubGlobal('WebSocket', undefined)
    expect(() => webSocketTransport()).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED_RUNTIME' }))
    vi.unstubAllGlobals()
  })
})
