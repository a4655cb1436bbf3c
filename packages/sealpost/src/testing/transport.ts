/**
 * What every transport must do: the rules of the port `Transport`, each as a pair of a name and a function. Two transports of the same
 * kind stand at the two ends; what is brought is no real envelope, since no transport looks into one.
 *
 * @module
 */
import type { Parcel, Receipt, Receive, SendParcelOptions, Transport, Via } from '../agent/ports.ts'
import { decodeUtf8 } from '../bytes/index.ts'
import type { Endpoint } from '../did/index.ts'
import { isDidcommError } from '../errors.ts'
import { broken, expectEqual, expectError, expectTrue, type Rule } from './expect.ts'

/** Two ends of a transport, neither of them started. */
export type TransportEnds = {
  readonly sender: Transport
  readonly receiver: Transport
  /** Where the receiver is, once it is started. */
  readonly uri: () => string
  /** Where nobody is. */
  readonly nowhere: string
  /** Releases what was made; both ends are stopped before. */
  close?(): Promise<void>
}

/** What the suite needs to know of a transport. */
export type TransportConformance = {
  /** Makes two ends. It is called for each rule. */
  open(): Promise<TransportEnds>
  /** What an envelope comes over at the receiver (RR-03). */
  readonly connection: 'once' | 'lasting'
}

type Received = { readonly text: string; readonly via: Via }
type Check = (ends: TransportEnds) => Promise<void>

/**
 * The rules for a transport.
 *
 * Exported from `sealpost/testing`.
 *
 * @returns pairs of a name, which begins with the ids of the rules, and a function that rejects with `ERR_USAGE_ARGUMENT` where the
 * transport does something else
 * @example
 * ```ts
 * import { transportConformance } from 'sealpost/testing'
 * import { memoryNetwork } from 'sealpost/transport/memory'
 *
 * const open = async () => {
 *   const network = memoryNetwork()
 *   const [sender, receiver] = [network.transport('memory:a'), network.transport('memory:b')]
 *   return { sender, receiver, uri: () => 'memory:b', nowhere: 'memory:c' }
 * }
 * for (const [name, run] of transportConformance({ open, connection: 'once' })) {
 *   await run()
 *   console.log(name)
 * }
 * ```
 */
export function transportConformance({ open, connection }: TransportConformance): readonly Rule[] {
  const checks: readonly (readonly [string, Check])[] = [
    ['TRN-02: an envelope arrives as it was sent, and over the connection that the transport has', arrives(connection)],
    ['TRN-02: many at once arrive, each one time', manyArrive],
    ['FLO-01: where nobody is, the sending fails, and may succeed later', failsNowhere],
    ['a sender who gives up is told, and nothing is sent for one who gave up before', givesUp],
    ['a receiver that stopped is not reached, and is reached again when it starts anew', stopsAndStarts],
    ...(connection === 'once' ? once : lasting),
  ]
  return checks.map(([name, check]) => [
    name,
    async () => {
      const ends = await open()
      try {
        await check(ends)
      } finally {
        await ends.sender.stop?.()
        await ends.receiver.stop?.()
        await ends.close?.()
      }
    },
  ])
}

const once: readonly (readonly [string, Check])[] = [
  ['T01: the sender is told when the message is stored, not before', waitsForStorage],
  ['FLO-01: where nothing was kept, the sending fails, may succeed later, and says when', tellsWhatWasNotKept],
  ['RR-03, HTTP-04: one message comes back, where it was asked for', bringsOneReply],
]

const lasting: readonly (readonly [string, Check])[] = [
  ['RR-03: many messages come back over the connection, and can be answered over it', bringsManyReplies],
  ['a connection that is gone takes nothing, and says that it is gone', tellsThatItIsGone],
]

const mediaType = 'application/didcomm-encrypted+json'
const parcel = (envelope: string): Parcel => ({ envelope, mediaType })
const endpoint = (uri: string): Endpoint => ({ uri, accept: undefined, routingKeys: [], serviceId: undefined })
/** Each sending has a signal of its own, as those of an agent have. */
const asked = (): SendParcelOptions => ({ signal: new AbortController().signal, returnRoute: true })
const unasked = (): SendParcelOptions => ({ ...asked(), returnRoute: false })
const textOf = (envelope: string | Uint8Array): string => (typeof envelope === 'string' ? envelope : decodeUtf8(envelope))

/** A way to receive that remembers what came. */
function recorder(answer: () => Receipt | Promise<Receipt> = () => ({ taken: true })): { receive: Receive; received: Received[] } {
  const received: Received[] = []
  return {
    received,
    async receive(envelope, via) {
      received.push({ text: textOf(envelope), via })
      return answer()
    },
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 5) {
    if (waited > 5000) throw broken(`${what} within 5 seconds`)
    await new Promise((next) => setTimeout(next, 5))
  }
}

function arrives(connection: 'once' | 'lasting'): Check {
  return async ({ sender, receiver, uri }) => {
    const { receive, received } = recorder()
    await receiver.start?.(receive)
    const texts = ['{}', '{"text":"żółć 🦭"}', JSON.stringify('x'.repeat(1_000_000))]
    for (const text of texts) await sender.send(parcel(text), endpoint(uri()), unasked())
    await until('all to arrive', () => received.length === texts.length)
    for (const [index, { text }] of received.entries()) expectTrue(`text ${index} as it was sent`, text === texts[index])
    for (const { via } of received) expectEqual('the connection', [via.connection, via.transport], [connection, sender.name])
  }
}

async function manyArrive({ sender, receiver, uri }: TransportEnds): Promise<void> {
  const { receive, received } = recorder()
  await receiver.start?.(receive)
  const texts = Array.from({ length: 50 }, (_, index) => `{"n":${index}}`)
  await Promise.all(texts.map((text) => sender.send(parcel(text), endpoint(uri()), unasked())))
  await until('all to arrive', () => received.length >= texts.length)
  expectEqual('what arrived', received.map(({ text }) => text).sort(), texts.sort())
}

async function failsNowhere({ sender, nowhere }: TransportEnds): Promise<void> {
  const sending = sender.send(parcel('{}'), endpoint(nowhere), unasked())
  await expectError('an address where nobody is', ['ERR_DELIVERY_UNREACHABLE'], () => sending)
}

async function givesUp({ sender, receiver, uri }: TransportEnds): Promise<void> {
  const { receive, received } = recorder()
  await receiver.start?.(receive)
  const signal = AbortSignal.abort()
  const before = (): Promise<unknown> => sender.send(parcel('{"before":1}'), endpoint(uri()), { signal, returnRoute: false })
  await expectError('a sending that was given up before', ['ERR_DELIVERY_UNREACHABLE'], before)
  await sender.send(parcel('{}'), endpoint(uri()), unasked())
  await until('the other to arrive', () => received.length > 0)
  expectEqual(
    'what arrived',
    received.map(({ text }) => text),
    ['{}'],
  )
}

async function stopsAndStarts({ sender, receiver, uri }: TransportEnds): Promise<void> {
  const first = recorder()
  await receiver.start?.(first.receive)
  const at = endpoint(uri())
  await sender.send(parcel('{"n":1}'), at, unasked())
  await until('the first to arrive', () => first.received.length === 1)
  await receiver.stop?.()
  const codes = ['ERR_DELIVERY_UNREACHABLE', 'ERR_DELIVERY_UNAVAILABLE'] as const
  await expectError('a sending to who stopped', codes, () => sender.send(parcel('{"n":2}'), at, unasked()))
  const second = recorder()
  await receiver.start?.(second.receive)
  await sender.send(parcel('{"n":3}'), endpoint(uri()), unasked())
  await until('the third to arrive', () => second.received.length > 0)
  expectEqual(
    'what arrived',
    [...first.received, ...second.received].map(({ text }) => text),
    ['{"n":1}', '{"n":3}'],
  )
}

async function waitsForStorage({ sender, receiver, uri }: TransportEnds): Promise<void> {
  let store: () => void = () => undefined
  const stored = new Promise<void>((resolve) => {
    store = resolve
  })
  const { receive, received } = recorder(() => stored.then(() => ({ taken: true })))
  await receiver.start?.(receive)
  const order: string[] = []
  const sending = sender.send(parcel('{}'), endpoint(uri()), unasked()).then(() => order.push('told'))
  await until('it to arrive', () => received.length === 1)
  await new Promise((next) => setTimeout(next, 20))
  order.push('stored')
  store()
  await sending
  expectEqual('the order', order, ['stored', 'told'])
}

async function tellsWhatWasNotKept({ sender, receiver, uri }: TransportEnds): Promise<void> {
  const { receive } = recorder(() => ({ taken: false, retryAfterSeconds: 7 }))
  await receiver.start?.(receive)
  const error = await sender.send(parcel('{}'), endpoint(uri()), unasked()).catch((cause: unknown) => cause)
  if (!isDidcommError(error)) throw broken('the sending to fail')
  expectEqual('the error', [error.code, error.retryable, error.retryAfterSeconds], ['ERR_DELIVERY_UNAVAILABLE', true, 7])
}

async function bringsOneReply({ sender, receiver, uri }: TransportEnds): Promise<void> {
  const { receive } = recorder(() => ({ taken: true, reply: parcel('{"reply":"ż"}') }))
  await receiver.start?.(receive)
  const { replies } = await sender.send(parcel('{}'), endpoint(uri()), asked())
  expectEqual('the replies', replies?.map(textOf), ['{"reply":"ż"}'])
  const without = await sender.send(parcel('{}'), endpoint(uri()), unasked())
  expectEqual('the replies that nobody asked for', without.replies, undefined)
}

async function bringsManyReplies({ sender, receiver, uri }: TransportEnds): Promise<void> {
  const [here, there] = [recorder(), recorder()]
  await sender.start?.(here.receive)
  await receiver.start?.(there.receive)
  for (const text of ['{"n":1}', '{"n":2}']) await sender.send(parcel(text), endpoint(uri()), asked())
  await until('both to arrive', () => there.received.length === 2)
  const [first, second] = there.received.map(({ via }) => via.socket)
  expectTrue('one connection is one object', first !== undefined && first === second)
  for (const text of ['{"n":3}', '{"n":4}', '{"n":5}']) await first?.send(parcel(text))
  await until('what came back', () => here.received.length === 3)
  expectEqual(
    'what came back',
    here.received.map(({ text }) => text),
    ['{"n":3}', '{"n":4}', '{"n":5}'],
  )
  await here.received[0]?.via.socket?.send(parcel('{"n":6}'))
  await until('the answer to arrive', () => there.received.length === 3)
  expectEqual('the answer', [there.received[2]?.text, there.received[2]?.via.socket === first], ['{"n":6}', true])
}

async function tellsThatItIsGone({ sender, receiver, uri }: TransportEnds): Promise<void> {
  const there = recorder()
  await sender.start?.(recorder().receive)
  await receiver.start?.(there.receive)
  await sender.send(parcel('{}'), endpoint(uri()), asked())
  await until('it to arrive', () => there.received.length === 1)
  const socket = there.received[0]?.via.socket
  if (socket === undefined) throw broken('a socket with what came over a connection that lasts')
  let closed = 0
  socket.onClose(() => closed++)
  await sender.stop?.()
  await until('the end of the connection to be told', () => closed > 0)
  await expectError('a message for who is gone', ['ERR_DELIVERY_UNREACHABLE'], () => socket.send(parcel('{}')))
  socket.onClose(() => closed++)
  await until('the end to be told to who asks later', () => closed === 2)
}
