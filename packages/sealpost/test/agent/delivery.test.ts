/** How an agent delivers: security.md 10.1, 10.2, 10.8, 10.10, A10. */
import { afterEach, expect, it } from 'vitest'
import { createAgent, type Transport } from '../../src/agent/index.ts'
import { createResolver, type Did, peer } from '../../src/did/index.ts'
import { DidcommError } from '../../src/errors.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { createWorld, note, quiet, type RawPeer, type Resident, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

const unreachable = (): never => {
  throw new DidcommError('ERR_DELIVERY_UNREACHABLE', 'nobody is there')
}
const texts = ({ heard }: RawPeer): unknown[] => heard.map(({ message }) => (message.body as { text?: string }).text)

/** An agent and a peer with these endpoints; `tried` are the URIs that it tried, in order. */
async function sender(...endpoints: string[]): Promise<{ alice: Resident; peer: RawPeer; to: Did; tried: string[] }> {
  const alice = await world.resident('alice')
  const peer = await world.raw('peer')
  const to = endpoints.length === 0 ? peer.did : await peer.another(endpoints)
  const tried: string[] = []
  world.law.judge = (parcel) => {
    tried.push(parcel.to)
    if (!parcel.to.endsWith(':peer')) unreachable()
  }
  return { alice, peer, to, tried }
}

it('10.1, FLO-01: endpoints are tried in the order of the peer, until one takes the message', async () => {
  const { alice, peer, to, tried } = await sender('memory:one', 'memory:two', 'memory:peer', 'memory:three')
  const { id } = await alice.agent.send(to, { type: note, body: { text: 'over' } })
  await until(() => peer.heard.length === 1)
  expect(tried).toEqual(['memory:one', 'memory:two', 'memory:peer'])
  await until(async () => (await alice.agent.where(id)).endpoint === 'memory:peer')
})

it('10.1: waits between tries grow to a limit, and begin anew after a success', async () => {
  const { alice, to, tried } = await sender('memory:gone')
  const { id } = await alice.agent.send(to, { type: note, body: { text: 'when?' } })
  const waits: number[] = []
  for (let attempts = 1; attempts <= 11; attempts++) {
    await until(async () => (await alice.agent.where(id)).attempts === attempts)
    const { nextAttemptAt = 0 } = await alice.agent.where(id)
    waits.push((nextAttemptAt - world.clock.epochMilliseconds()) / 1000)
    await world.clock.advance((waits.at(-1) ?? 0) + 0.001)
  }
  expect(waits.every((wait, index) => index === 0 || wait >= (waits[index - 1] ?? 0))).toBe(true)
  expect(waits.at(-1)).toBeLessThanOrEqual(300)
  expect(waits[0]).toBeLessThanOrEqual(2)
  expect(tried.length).toBeGreaterThanOrEqual(11)
})

it('10.1: Retry-After is honoured, for what is sent after it too', async () => {
  const { alice, peer, to } = await sender()
  let tries = 0
  world.law.judge = () => {
    tries++
    throw new DidcommError('ERR_DELIVERY_UNAVAILABLE', 'later', { retryAfterSeconds: 120 })
  }
  const { id } = await alice.agent.send(to, { type: note, body: { text: 'first' } })
  await until(async () => (await alice.agent.where(id)).attempts === 1)
  expect((await alice.agent.where(id)).nextAttemptAt).toBe(world.clock.epochMilliseconds() + 120_000)
  await alice.agent.send(to, { type: note, body: { text: 'second' } })
  await world.clock.advance(115)
  await quiet()
  expect(tries).toBe(1)
  world.law.judge = () => undefined
  await world.passing(() => peer.heard.length === 2)
  // Of two threads, neither waits for the other.
  expect(texts(peer).sort()).toEqual(['first', 'second'])
})

it('10.1: who refuses is asked again a few times, and then the message has failed', async () => {
  const { alice, to } = await sender()
  let tries = 0
  world.law.judge = () => {
    tries++
    throw new DidcommError('ERR_DELIVERY_REFUSED', 'forbidden')
  }
  const { id } = await alice.agent.send(to, { type: note, body: { text: 'please' } })
  await world.passing(async () => (await alice.agent.where(id)).state === 'failed')
  expect(tries).toBe(5)
})

it('DEP-01, DEP-03: a DID as endpoint is a mediator, and the message is wrapped for it', async () => {
  const mediator = await world.raw('mediator')
  const { alice, to } = await sender(mediator.did)
  world.law.judge = () => undefined
  await alice.agent.send(to, { type: note, body: { text: 'wrapped' } })
  await until(() => mediator.heard.length === 1)
  expect(mediator.heard[0]?.message).toMatchObject({ type: 'https://didcomm.org/routing/2.0/forward', body: { next: to } })
})

it('10.10: where the first mediator is away, the second one is asked', async () => {
  const [first, second] = [await world.raw('first'), await world.raw('second')]
  const { alice, to } = await sender(first.did, second.did)
  const tried: string[] = []
  world.law.judge = (parcel) => {
    tried.push(parcel.to)
    if (parcel.to === first.uri) unreachable()
  }
  await alice.agent.send(to, { type: note, body: { text: 'wrapped twice' } })
  await until(() => second.heard.length === 1)
  expect(tried).toEqual([first.uri, second.uri])
})

it('10.2: a message that is tried again has the same id', async () => {
  const { alice, peer, to } = await sender()
  world.law.judge = async () => undefined
  let first = true
  // The peer has it; the answer is lost.
  const { id } = await (async () => {
    world.law.judge = () => {
      if (first) {
        first = false
        unreachable()
      }
    }
    return alice.agent.send(to, { type: note, body: { text: 'again' } })
  })()
  await world.passing(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message.id).toBe(id)
})

it('A10: what was queued while the peer was away goes out in the order of its thread, and in pages', async () => {
  const { alice, peer, to } = await sender()
  world.law.judge = unreachable
  const thid = 'a-thread'
  const { relationship } = await alice.agent.send(to, { type: note, thid, body: { text: '0' } })
  for (let i = 1; i < 150; i++) await alice.agent.send(relationship, { type: note, thid, body: { text: String(i) } })
  await world.clock.advance(7 * 3600)
  world.law.judge = () => undefined
  await world.passing(() => peer.heard.length > 0)
  // A try that hangs is given up, and its message comes twice: that is no disorder.
  const once = (): unknown[] => [...new Set(texts(peer))]
  await until(() => once().length === 150)
  expect(once()).toEqual(Array.from({ length: 150 }, (_, i) => String(i)))
  await until(async () => (await alice.rows('outbox')).length === 0)
})

it('A10: a message that waits keeps those of its thread behind it, and no others', async () => {
  const { alice, peer, to } = await sender()
  const { relationship } = await alice.agent.send(to, { type: note, body: { text: 'hello' } })
  await until(() => peer.heard.length === 1)
  let fails = 1
  world.law.judge = () => {
    if (fails-- > 0) throw new Error('something odd')
  }
  await alice.agent.send(relationship, { type: note, thid: 'one', body: { text: 'one-1' } })
  await alice.agent.send(relationship, { type: note, thid: 'one', body: { text: 'one-2' } })
  await alice.agent.send(relationship, { type: note, thid: 'two', body: { text: 'two-1' } })
  await until(() => peer.heard.length === 2)
  await quiet()
  expect(texts(peer)).toEqual(['hello', 'two-1'])
  await world.clock.advance(5)
  await until(() => peer.heard.length === 4)
  expect(texts(peer)).toEqual(['hello', 'two-1', 'one-1', 'one-2'])
})

it('10.8, HDR-18: what expires while it waits for its acknowledgment was handed over all the same', async () => {
  const { alice, peer, to } = await sender()
  world.law.judge = () => undefined
  const { id } = await alice.agent.send(to, { type: note, body: { text: 'no answer' } }, { ack: true, expiresInSeconds: 200 })
  await until(async () => (await alice.agent.where(id)).state === 'awaiting-ack')
  await world.passing(async () => (await alice.agent.where(id)).state === 'handed-over', 20)
  expect(peer.heard.length).toBeGreaterThan(1)
  expect(new Set(peer.heard.map(({ message }) => message.id)).size).toBe(1)
})

it('CSC-02: a delivery that hangs is given up after a while', async () => {
  const { alice, to } = await sender()
  await world.network.transport('memory:slow').start?.(() => new Promise(() => undefined))
  const peer = await world.raw('slow-peer')
  world.law.judge = () => undefined
  const { id } = await alice.agent.send(await peer.another(['memory:slow', 'memory:slow-peer']), { type: note, body: { text: 'hang' } })
  await quiet()
  expect(peer.heard).toEqual([])
  await world.clock.advance(40)
  await until(() => peer.heard.length === 1)
  await until(async () => (await alice.agent.where(id)).state === 'handed-over')
  void to
})

it('REL-01: what asks for no acknowledgment is not given to a way that confirms nothing, while a sure one may be back', async () => {
  const tried: string[] = []
  const way = (scheme: string, confirms: boolean, works: () => boolean): Transport => ({
    name: scheme,
    schemes: [scheme],
    ...(!confirms && { confirms: false }),
    async send(_, { uri }) {
      tried.push(uri)
      return works() ? {} : unreachable()
    },
  })
  let isBack = false
  const agent = await createAgent({
    store: memoryStore(),
    keys: memoryKeyStore(),
    resolver: createResolver([peer()]),
    clock: world.clock,
    transports: [way('sure', true, () => isBack), way('lossy', false, () => true)],
  })
  const bob = await world.raw('peer')
  const to = await bob.another(['sure:bob', 'lossy:bob'])
  const { id } = await agent.send(to, { type: note, body: {} })
  await until(async () => (await agent.where(id)).attempts === 1)
  expect(tried).toEqual(['sure:bob'])
  const asking = await agent.send(to, { type: note, body: {} }, { ack: true })
  await world.clock.advance(3)
  await until(async () => (await agent.where(asking.id)).state === 'awaiting-ack')
  expect(tried).toContain('lossy:bob')
  isBack = true
  await world.clock.advance(300)
  await until(async () => (await agent.where(id)).state === 'handed-over')
  expect((await agent.where(id)).endpoint).toBe('sure:bob')
  await agent.close()
})
