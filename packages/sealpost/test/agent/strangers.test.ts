/** What strangers, intruders and unkind peers try. */
import { afterEach, expect, it } from 'vitest'
import { createAgent, type Store } from '../../src/agent/index.ts'
import type { Did } from '../../src/did/index.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import { type Command, command, emit, type Protocol, type Role, roleOf } from '../../src/machine/index.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { piuri, probe } from './probe.ts'
import { createWorld, freshId, note, quiet, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

const empty = 'https://didcomm.org/empty/1.0/empty'
const problemType = 'https://didcomm.org/report-problem/2.0/problem-report'

it('ROT-18, THR-12: who is told of the end by a DID that others know too cannot end the relationships of those', async () => {
  const [bob, carol] = [await world.resident('bob'), await world.resident('carol')]
  const mallory = await world.raw('mallory')
  const shared = await bob.agent.publish()
  const { id: toBob } = await carol.agent.connect(shared)
  await carol.agent.send(toBob, { type: note, body: { text: 'hello' } })
  await mallory.say(bob, shared, {})
  await until(() => bob.names().filter((name) => name === 'noted').length === 2)
  await bob.agent.end(mallory.did)
  await quiet()
  const theirs = (await carol.agent.contact(toBob))?.ours.did as Did
  for (const { message } of mallory.heard) {
    const replayed = { ...message, from: undefined as never, to: [theirs] }
    await carol.agent.receive(await mallory.seal(theirs, replayed, { as: 'anoncrypt' }), { transport: 'test' })
  }
  expect((await carol.agent.contact(toBob))?.state).toBe('active')
  expect((await bob.agent.contact(mallory.did))?.state).toBe('ended')
})

it('SEQ-01, REL-06: headers of sequencing that are malformed put no message in quarantine', async () => {
  const sequenced: Protocol = { ...probe, piuri: 'https://example.com/sequenced/1.0', sequenced: true }
  const alice = await world.resident('alice', { protocols: [probe, sequenced] })
  const peer = await world.raw('peer')
  const did = await alice.agent.publish()
  await peer.say(alice, did, { received_orders: 'all', sender_order: -1, sent_count: {} } as never)
  expect(alice.names()).toContain('noted')
  await peer.say(alice, did, { type: `${sequenced.piuri}/note`, sender_order: 5000 } as never)
  await peer.say(alice, did, { type: `${sequenced.piuri}/note`, sender_order: 'one' } as never)
  await until(() => peer.heard.filter(({ message }) => message.type === problemType).length === 2)
  expect(await alice.rows('quarantine')).toEqual([])
})

it('REL-06: however many messages wait for a person, others are tried again by themselves', async () => {
  let broken = true
  const alice = await world.resident('alice', {
    hosts: { [piuri]: { context: () => (broken ? { fail: 'broken' } : undefined) } },
    limits: { maxAttempts: 1 },
  })
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  for (let i = 0; i < 110; i++) await peer.say(alice, did, { id: `0-${freshId()}` })
  const again = await alice.restart({ limits: { maxAttempts: 5 } })
  await peer.say(again, did, { id: `z-${freshId()}`, body: { text: 'later' } })
  broken = false
  await world.clock.advance(10)
  await until(() => again.names().includes('noted'))
})

type Notebook = {
  states: { readonly at: 'blank' } | { readonly at: 'written' }
  commands: { write: object }
  receives: object
  sends: object
  context: undefined
  tasks: object
}
const { onCommand } = roleOf<Notebook>()
const notebook: Role<Notebook> = {
  name: 'notebook',
  initial: { at: 'blank' },
  transitions: [
    onCommand('blank', 'write', 'written', () => [{ at: 'written' }, emit('written')]),
    onCommand('written', 'write', 'written', () => [{ at: 'written' }, emit('written')]),
  ],
}
const diary: Protocol = { piuri: 'https://example.com/diary/1.0', messages: {}, instance: 'peer', roles: { notebook } }
const write: Command<Notebook, 'write'> = command(diary, notebook, 'write', ['written'])

it('THR-12: no thread that a peer names is that of the roles that live as long as the relationship', async () => {
  const alice = await world.resident('alice', { protocols: [probe, diary] })
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  await peer.say(alice, did, {})
  await write(alice.agent, peer.did, {})
  for (const thid of ['-', '.', '~', '_']) await peer.say(alice, did, { type: problemType, pthid: thid, thid, body: { code: 'e.p.over' } })
  await write(alice.agent, peer.did, {})
  expect(alice.names().filter((name) => name === 'written')).toHaveLength(2)
})

it('ACK-03, ACK-09: so many acknowledgments that one message cannot take them go in several', async () => {
  const alice = await world.resident('alice')
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  const ids = Array.from({ length: 1_100 }, freshId)
  for (const id of ids) await peer.say(alice, did, { id, please_ack: [''], type: empty, body: {} })
  await world.clock.advance(10)
  await until(() => new Set(peer.heard.flatMap(({ message }) => message.ack ?? [])).size === ids.length)
}, 60_000)

it('an agent that cannot be created because a transport does not start leaves nothing behind', async () => {
  const store = memoryStore()
  let closed = 0
  let stopped = 0
  let waiting = 0
  const clock = {
    epochMilliseconds: () => Date.now(),
    later: () => {
      waiting++
      let isOff = false
      return () => {
        if (!isOff) waiting--
        isOff = true
      }
    },
  }
  const started = {
    name: 'one',
    schemes: ['one'],
    send: async () => ({}),
    start: async () => undefined,
    stop: async () => void stopped++,
  }
  const failing = { ...started, name: 'two', start: () => Promise.reject(new Error('the port is taken')) }
  const options = {
    store: { ...store, close: async () => void closed++ },
    keys: memoryKeyStore(),
    resolver: world.newResolver(),
    clock,
    transports: [started, failing],
  }
  await expect(createAgent(options)).rejects.toThrow('the port is taken')
  expect({ closed, stopped, waiting }).toEqual({ closed: 1, stopped: 2, waiting: 0 })
})

it('what is asked for wrongly from plain JavaScript is a usage error, too', async () => {
  const { agent } = await world.resident('alice')
  const wrong: readonly (() => Promise<unknown>)[] = [
    () => createAgent(undefined as never),
    () => createAgent({} as never),
    () => agent.send(undefined as never, { type: note, body: {} }),
    () => agent.send(7 as never, { type: note, body: {} }),
    () => agent.send('did:example:bob', undefined as never),
    () => agent.contact(undefined as never),
    () => agent.connect(undefined as never),
    () => agent.connect('bob' as never),
    () => agent.accept(undefined as never),
    () => agent.accept(null as never),
    () => agent.publish('bob' as never),
    () => agent.command(undefined as never, undefined as never, 'x', 'y', {}),
    () => agent.withdraw(undefined as never),
    () => agent.where(undefined as never),
    () => agent.invite({ expiresInSeconds: Number.NaN }),
    () => agent.attach(undefined as never, undefined as never),
    () => agent.end(undefined as never),
    () => agent.rotate(undefined as never),
  ]
  const found: string[] = []
  for (const one of wrong) {
    const error = await Promise.resolve()
      .then(one)
      .then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      )
    if (error?.name !== 'DidcommError') found.push(`${one}: ${error}`)
  }
  expect(found).toEqual([])
})

it('REL-07: what comes from a peer costs no more because much waits for that peer', async () => {
  const kept = memoryStore()
  let reads = 0
  const store: Store = {
    ...kept,
    async get(table, keys) {
      if (table === 'outbox') reads++
      return kept.get(table, keys)
    },
  }
  const alice = await world.resident('alice', { store })
  const did = await alice.agent.publish()
  const peer = await world.raw('peer', { endpoint: false })
  for (let i = 0; i < 60; i++) await peer.say(alice, did, { body: { text: 'reply' } })
  await until(async () => (await alice.rows('outbox')).every(({ attempts }) => attempts > 0))
  reads = 0
  await peer.say(alice, did, { thid: freshId() })
  expect(reads).toBeLessThan(10)
})

it('rows that a peer made large are not kept in memory', async () => {
  const kept = memoryStore()
  let reads = 0
  const store: Store = {
    ...kept,
    async get(table, keys) {
      if (table === 'relationships') reads++
      return kept.get(table, keys)
    },
  }
  const alice = await world.resident('alice', { store })
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  const readsFor = async (languages: readonly string[]): Promise<number> => {
    await peer.say(alice, did, { 'accept-lang': languages })
    await quiet()
    reads = 0
    await peer.say(alice, did, {})
    return reads
  }
  expect(await readsFor(['de', 'en'])).toBe(0)
  expect(await readsFor(Array.from({ length: 256 }, () => 'x'.repeat(255)))).toBeGreaterThan(0)
})
