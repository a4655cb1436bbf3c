/** What an agent promises of messages: security.md 10, REL-01 to REL-08. */
import { afterEach, expect, it } from 'vitest'
import { DidcommError } from '../../src/errors.ts'
import { askFor } from './probe.ts'
import { createWorld, freshId, note, quiet, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

const down = (): never => {
  throw new DidcommError('ERR_DELIVERY_UNREACHABLE', 'nobody is there')
}

it('REL-01: send resolves when the message is stored, and it ends handed over', async () => {
  const { alice, bob, toAlice } = await world.pair()
  world.law.judge = down
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'stored' } })
  expect((await bob.rows('outbox')).map((row) => row.id)).toContain(id)
  expect(await bob.agent.where(id)).toMatchObject({ direction: 'out', state: 'queued' })
  world.law.judge = () => undefined
  await world.clock.advance(10)
  await until(async () => (await bob.agent.where(id)).state === 'handed-over')
  await until(() => alice.heard.some(({ detail }) => detail['text'] === 'stored'))
  expect(bob.heard.filter(({ messageId }) => messageId === id).map(({ name }) => name)).toEqual(['handed-over'])
})

it('REL-01, ACK-01: a message that asked for an acknowledgment ends acknowledged', async () => {
  const { bob, toAlice } = await world.pair()
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'ack me' } }, { ack: true })
  await until(async () => (await bob.agent.where(id)).state === 'awaiting-ack')
  await world.clock.advance(5)
  await until(async () => (await bob.agent.where(id)).state === 'acknowledged')
  expect(bob.heard.filter(({ messageId }) => messageId === id).map(({ name }) => name)).toEqual(['acknowledged'])
  expect(await bob.rows('outbox')).toEqual([])
})

it('REL-01, HDR-18: a message that expires before it is delivered ends expired', async () => {
  const { bob, toAlice } = await world.pair()
  world.law.judge = down
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'soon old' } }, { expiresInSeconds: 20 })
  await world.passing(async () => (await bob.agent.where(id)).state === 'expired')
  expect((await bob.agent.where(id)).lastError?.code).toBe('ERR_DELIVERY_TIMEOUT')
})

it('REL-01, REL-07: what can never be delivered ends failed, with the reason; what is not known may pass', async () => {
  const { bob, toAlice } = await world.pair()
  world.law.judge = () => {
    throw new DidcommError('ERR_DELIVERY_TOO_LARGE', 'too large')
  }
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'large' } })
  await until(async () => (await bob.agent.where(id)).state === 'failed')
  expect((await bob.agent.where(id)).lastError).toEqual({ code: 'ERR_DELIVERY_TOO_LARGE', message: 'too large' })
  world.law.judge = () => {
    throw new Error('what is this?')
  }
  const second = await bob.agent.send(toAlice, { type: note, body: { text: 'odd' } })
  await until(async () => (await bob.agent.where(second.id)).attempts === 1)
  world.law.judge = () => undefined
  await world.clock.advance(10)
  await until(async () => (await bob.agent.where(second.id)).state === 'handed-over')
})

it('REL-02: effect, memory of the id, state and answers are one commit', async () => {
  const { alice, bob, toAlice, toBob } = await world.pair()
  const commit = alice.store.commit
  const seen: (readonly string[])[] = []
  Object.assign(alice.store, {
    commit: (batch: Parameters<typeof commit>[0]) => {
      seen.push(batch.writes.map(({ table }) => table))
      return commit(batch)
    },
  })
  await bob.agent.send(toAlice, { type: note, body: { text: 'reply' } })
  await until(() => bob.heard.some(({ detail }) => detail['text'] === 'replied'))
  const step = seen.find((tables) => tables.includes('seen'))
  expect(step).toEqual(expect.arrayContaining(['seen', 'threads', 'outbox', 'events']))
  expect((await alice.rows('relationships')).map(({ id }) => id)).toEqual([toBob])
})

it('REL-03: an envelope counts as taken only once it is stored', async () => {
  const { alice } = await world.pair()
  const peer = await world.raw('carol')
  const did = await alice.agent.publish()
  const commit = alice.store.commit
  const full = { now: true }
  Object.assign(alice.store, {
    commit: (batch: Parameters<typeof commit>[0]) =>
      full.now ? Promise.reject(new DidcommError('ERR_STORE_FULL', 'the disk is full')) : commit(batch),
  })
  const id = freshId()
  expect(await peer.say(alice, did, { id })).toMatchObject({ taken: false })
  full.now = false
  expect(await peer.say(alice, did, { id })).toMatchObject({ taken: true })
  expect(alice.heard.filter(({ messageId, name }) => messageId === id && name === 'noted')).toHaveLength(1)
})

it('REL-04, M01: a message that comes again has no second effect, and is answered as it was', async () => {
  const { alice } = await world.pair()
  const peer = await world.raw('carol')
  const did = await alice.agent.publish()
  const id = freshId().replace(/^0/, 'a')
  await peer.say(alice, did, { id, body: { text: 'reply' } })
  await until(() => peer.heard.length === 1)
  await peer.say(alice, did, { id: id.toUpperCase(), body: { text: 'reply' } })
  await until(() => peer.heard.length === 2)
  expect(peer.heard[1]?.message.id).toBe(peer.heard[0]?.message.id)
  expect(peer.heard[1]?.message.body).toEqual({ text: 'replied' })
  expect(alice.heard.filter(({ name, peer: by }) => name === 'noted' && by === peer.did)).toHaveLength(1)
})

it('REL-05: what was queued, awaited and timed goes on after a crash, by itself', async () => {
  const { alice, bob, toAlice } = await world.pair()
  world.law.judge = down
  const sent = await bob.agent.send(toAlice, { type: note, body: { text: 'survives' } })
  askFor(bob.agent, toAlice, { text: 'late', timeoutSeconds: 100 }).catch(() => undefined)
  await until(async () => (await bob.rows('timers')).length === 1)
  bob.crash()
  const again = await bob.restart()
  await world.clock.advance(50)
  expect((await again.agent.where(sent.id)).state).toBe('queued')
  await world.clock.advance(60)
  await until(() => again.names().includes('untold'))
  world.law.judge = () => undefined
  await world.passing(() => alice.heard.some(({ detail }) => detail['text'] === 'survives'))
  await until(async () => (await again.agent.where(sent.id)).state === 'handed-over')
})

it('REL-06, A01: a message that cannot be handled waits with its reason, blocks nobody, and is replayed', async () => {
  const trouble = { with: 'poison' as string | undefined }
  const hosts = {
    'https://example.com/probe/1.0': {
      context: (question: unknown) => ((question as { text: string }).text === trouble.with ? { fail: 'no such thing' } : undefined),
    },
  }
  const { alice, bob, toAlice } = await world.pair({ hosts })
  const { id } = await bob.agent.send(toAlice, { type: note, body: { text: 'poison' } })
  await bob.agent.send(toAlice, { type: note, body: { text: 'wholesome' } })
  await until(() => alice.heard.some(({ detail }) => detail['text'] === 'wholesome'))
  await until(() => alice.names().includes('quarantined'))
  expect(await alice.agent.where(id)).toMatchObject({
    direction: 'in',
    state: 'quarantined',
    why: expect.stringContaining('no such thing'),
  })
  await world.clock.advance(5000)
  const [row] = await alice.agent.quarantine()
  expect(row).toMatchObject({ attempts: 5, reason: 'no such thing' })
  expect(row?.notBefore).toBeUndefined()
  expect(await alice.agent.replay(row?.row as string)).toBe(false)
  trouble.with = undefined
  expect(await alice.agent.replay(row?.row as string)).toBe(true)
  expect(alice.heard.filter(({ detail }) => detail['text'] === 'poison')).toHaveLength(1)
  expect(await alice.agent.where(id)).toMatchObject({ state: 'handled' })
  expect(await alice.agent.quarantine()).toEqual([])
})

it('A02: a message that fails once is tried again by itself, and has one effect', async () => {
  let calls = 0
  const context = (): object | undefined => (++calls === 2 ? { fail: 'once' } : undefined)
  const { alice, bob, toAlice } = await world.pair({ hosts: { 'https://example.com/probe/1.0': { context } } })
  await bob.agent.send(toAlice, { type: note, body: { text: 'twice' } })
  await until(() => alice.names().includes('quarantined'))
  await world.clock.advance(10)
  await until(() => alice.heard.some(({ detail }) => detail['text'] === 'twice'))
  await quiet()
  expect(alice.heard.filter(({ detail }) => detail['text'] === 'twice')).toHaveLength(1)
  expect(await alice.agent.quarantine()).toEqual([])
})

it('REL-08: ids, ended messages, events and threads are forgotten after the retention', async () => {
  const { alice, bob, toAlice } = await world.pair()
  for (let i = 0; i < 20; i++) await askFor(bob.agent, toAlice, { text: `q${i}` })
  const tables = ['seen', 'sent', 'threads', 'events'] as const
  for (const table of tables) expect((await bob.rows(table)).length).toBeGreaterThan(10)
  await world.clock.advance(32 * 86_400)
  await until(async () => (await Promise.all(tables.map((table) => bob.rows(table)))).every((rows) => rows.length <= 1))
  expect(await bob.rows('timers')).toEqual([])
  void alice
})
