/** What an application hears, and what it may ask. */
import { afterEach, expect, it } from 'vitest'
import { createAgent } from '../../src/agent/index.ts'
import { createResolver, peer as peerMethod } from '../../src/did/index.ts'
import { DidcommError } from '../../src/errors.ts'
import { memoryKeyStore } from '../../src/keys/memory.ts'
import { memoryStore } from '../../src/store/memory.ts'
import { askFor, nudge, probe, readerRole } from './probe.ts'
import { createWorld, freshId, note, quiet, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

it('REL-05: a consumer with a name goes on with the event that it had not finished, after a restart', async () => {
  const { alice, bob, toAlice } = await world.pair()
  for (const text of ['a', 'b', 'c']) await bob.agent.send(toAlice, { type: note, body: { text } })
  await until(() => alice.names().filter((name) => name === 'noted').length === 4)
  const heard: unknown[] = []
  for await (const event of alice.agent.events({ consumer: 'app' })) {
    heard.push(event.detail['text'])
    if (event.detail['text'] === 'b') break
  }
  const again = await alice.restart()
  await bob.agent.send(toAlice, { type: note, body: { text: 'd' } })
  const later: unknown[] = []
  for await (const event of again.agent.events({ consumer: 'app' })) {
    later.push(event.detail['text'])
    if (event.detail['text'] === 'd') break
  }
  expect(heard.slice(-3)).toEqual(['first', 'a', 'b'])
  expect(later).toEqual(['b', 'c', 'd'])
})

it('REL-05: without following, a consumer comes to the end of what is there, and has handled all of it', async () => {
  const { alice, bob, toAlice } = await world.pair()
  await bob.agent.send(toAlice, { type: note, body: { text: 'a' } })
  await until(() => alice.heard.some(({ detail }) => detail['text'] === 'a'))
  const heard: unknown[] = []
  for (const round of [1, 2])
    for await (const { detail } of alice.agent.events({ consumer: 'app', follow: false })) heard.push([round, detail['text']])
  expect(heard.at(-1)).toEqual([1, 'a'])
})

it('events are heard as they come, from a cursor on, and until the signal', async () => {
  const { alice, bob, toAlice } = await world.pair()
  const stop = new AbortController()
  const heard: unknown[] = []
  const listening = (async () => {
    for await (const event of alice.agent.events({ signal: stop.signal })) heard.push(event.detail['text'])
  })()
  await quiet()
  for (const text of ['a', 'b', 'c']) {
    await bob.agent.send(toAlice, { type: note, body: { text } })
    await until(() => heard.includes(text))
  }
  expect(heard).toEqual(['a', 'b', 'c'])
  stop.abort()
  await listening
  const cursor = alice.heard.find(({ detail }) => detail['text'] === 'a')?.cursor as string
  const next = await alice.agent.events({ after: cursor }).next()
  expect(next.value.detail['text']).toBe('b')
})

it('no event is missed by who waits while it is stored', async () => {
  const { alice, bob, toAlice } = await world.pair()
  const list = alice.store.list
  Object.assign(alice.store, {
    async list(range: Parameters<typeof list>[0]) {
      const rows = await list(range)
      if (range.table === 'events') await quiet()
      return rows
    },
  })
  const next = alice.agent.events().next()
  await bob.agent.send(toAlice, { type: note, body: { text: 'meanwhile' } })
  expect((await next).value.detail['text']).toBe('meanwhile')
})

it('REL-08: events are numbered on after all old ones were forgotten', async () => {
  const { alice, bob, toAlice } = await world.pair()
  for await (const event of alice.agent.events({ consumer: 'app' })) if (event.detail['text'] === 'first') break
  const [last] = alice.heard.slice(-1)
  await world.clock.advance(40 * 86_400)
  const again = await alice.restart()
  await bob.agent.send(toAlice, { type: note, body: { text: 'new' } })
  await until(() => again.names().includes('noted'))
  expect((again.heard.find(({ name }) => name === 'noted')?.cursor ?? '') > (last?.cursor ?? '')).toBe(true)
})

it('a listener that fails is no trouble to others', async () => {
  const errors: string[] = []
  const nothing = (): void => undefined
  const { alice, bob, toAlice } = await world.pair({
    logger: { debug: nothing, info: nothing, warn: nothing, error: (event) => void errors.push(event) },
  })
  const off = alice.agent.on('noted', () => {
    throw new Error('of the application')
  })
  await bob.agent.send(toAlice, { type: note, body: { text: 'on' } })
  await until(() => alice.heard.some(({ detail }) => detail['text'] === 'on'))
  off()
  expect(errors).toEqual(['listener failed'])
})

it('10.11: where a message is: unknown, queued, handled', async () => {
  const { alice, bob, toAlice } = await world.pair()
  expect(await bob.agent.where(freshId())).toMatchObject({ direction: 'unknown', state: 'unknown' })
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'here' } })
  await until(() => alice.heard.some(({ detail }) => detail['text'] === 'here'))
  expect(await alice.agent.where(id.toUpperCase())).toMatchObject({ direction: 'in', state: 'handled' })
  expect(await bob.agent.where(id.toUpperCase())).toMatchObject({ direction: 'out', state: 'handed-over', type: note, thid: id })
})

it('10.11: a message of nobody in particular that could not be handled is found as well', async () => {
  const open = { ...probe, messages: { ...probe.messages, note: { body: probe.messages['note'] as never, protection: 'any' as const } } }
  const hosts = { [probe.piuri]: { context: () => ({ fail: 'not today' }) } }
  const alice = await world.resident('alice', { protocols: [open], hosts })
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  const id = freshId()
  await peer.say(alice, did, { id, from: undefined as never }, { as: 'anoncrypt' })
  await until(() => alice.names().includes('quarantined'))
  expect(await alice.agent.where(id)).toMatchObject({ direction: 'in', state: 'quarantined' })
})

it('an agent that is closed takes nothing and says so; created again, it goes on', async () => {
  const { alice, bob, toAlice, toBob } = await world.pair()
  const waiting = askFor(alice.agent, toBob, { text: 'wait' })
  waiting.catch(() => undefined)
  await until(async () => (await alice.rows('timers')).length === 1)
  await alice.agent.close()
  await alice.agent.close()
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_USAGE_CLOSED' })
  expect(await alice.agent.receive('{}', { transport: 'test' })).toMatchObject({ taken: false })
  for (const call of [
    () => alice.agent.send(toBob, { type: note, body: { text: 'no' } }),
    () => alice.agent.invite(),
    () => alice.agent.publish(),
    () => alice.agent.rotate(toBob),
    () => alice.agent.connect('did:example:bob'),
  ])
    await expect(call()).rejects.toMatchObject({ code: 'ERR_USAGE_CLOSED' })
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'for later' } })
  const again = await alice.restart()
  await world.clock.advance(100)
  await until(() => again.heard.some(({ messageId }) => messageId === id))
})

it('who gives up waiting is told so, and what was begun goes on', async () => {
  const { alice, bob, toAlice } = await world.pair()
  await expect(askFor(bob.agent, toAlice, { text: 'early' }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'ERR_USAGE_ABORTED',
  })
  const stop = new AbortController()
  const end = askFor(bob.agent, toAlice, { text: 'wait' }, { signal: stop.signal })
  await until(async () => (await bob.rows('timers')).length === 1)
  stop.abort()
  await expect(end).rejects.toMatchObject({ code: 'ERR_USAGE_ABORTED' })
  await world.clock.advance(100)
  await until(() => bob.names().includes('untold'))
  void alice
})

it('what is asked for wrongly is a usage error, by its code', async () => {
  const { alice, bob, toAlice } = await world.pair()
  const body = { text: 'x' }
  await expect(bob.agent.send('nobody', { type: note, body })).rejects.toMatchObject({ code: 'ERR_USAGE_NO_RECIPIENT' })
  await expect(bob.agent.send(toAlice, { type: 'no type', body })).rejects.toBeInstanceOf(DidcommError)
  await expect(bob.agent.connect('did:example:x', { from: 'did:example:not-ours' })).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
  await expect(bob.agent.invite({ from: 'did:example:not-ours' })).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
  await expect(bob.agent.command(probe, readerRole, toAlice, 'unheard-of', {})).rejects.toMatchObject({ code: 'ERR_USAGE_OUT_OF_ORDER' })
  const other = { ...probe, piuri: 'https://example.com/else/1.0' }
  await expect(bob.agent.command(other, readerRole, toAlice, 'nudge', {})).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
  await expect(
    createAgent({ store: memoryStore(), keys: memoryKeyStore(), resolver: createResolver([peerMethod()]), protocols: [probe, probe] }),
  ).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
  void alice
  void nudge
})

it('A04: an agent whose store was taken over by another stops, and says why', async () => {
  const { alice, bob, toBob } = await world.pair()
  const other = await world.resident('other', { store: alice.store })
  await expect(alice.agent.send(toBob, { type: note, body: { text: 'mine?' } })).rejects.toMatchObject({ code: 'ERR_STORE_LOCKED' })
  await other.agent.publish()
  void bob
})

it('A05: a store of a newer version is refused', async () => {
  const store = memoryStore()
  await store.commit({ writes: [{ table: 'meta', key: 'owner', value: { owner: 'later', schema: 1000 } }] })
  await expect(world.resident('alice', { store })).rejects.toMatchObject({ code: 'ERR_STORE_DAMAGED' })
})
