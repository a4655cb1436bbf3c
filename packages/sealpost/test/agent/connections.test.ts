/** Answers over the connection that a message came by: v2.1, Return Route; security.md 10.7. */
import { afterEach, expect, it } from 'vitest'
import type { Socket } from '../../src/agent/index.ts'
import type { Did } from '../../src/did/index.ts'
import type { Plaintext } from '../../src/message/plaintext.ts'
import { createWorld, freshId, note, quiet, type RawPeer, type Resident, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

type Line = Socket & { readonly taken: string[]; drop(): void; broken: boolean; hangs: boolean }

function line(): Line {
  const closers: (() => void)[] = []
  const taken: string[] = []
  return {
    taken,
    broken: false,
    hangs: false,
    async send({ envelope }) {
      if (this.hangs) await new Promise(() => undefined)
      if (this.broken) throw new Error('gone')
      taken.push(envelope)
    },
    onClose: (run) => void closers.push(run),
    drop: () => {
      for (const run of closers) run()
    },
  }
}

async function served(): Promise<{
  alice: Resident
  did: Did
  peer: RawPeer
  over(socket: Socket, message: Partial<Plaintext>): Promise<unknown>
}> {
  const alice = await world.resident('alice')
  const did = await alice.agent.publish()
  const peer = await world.raw('peer', { endpoint: false })
  const over = async (socket: Socket, message: Partial<Plaintext>) =>
    alice.agent.receive(await peer.seal(did, message), { transport: 'test', connection: 'lasting', socket })
  return { alice, did, peer, over }
}

const reply = { body: { text: 'reply' } }

it('RR-01, RR-03: over a connection for one answer, one answer comes back where it was asked for', async () => {
  const { alice, did, peer } = await served()
  await peer.say(alice, did, { ...reply, return_route: 'all' })
  expect(peer.bodies()).toEqual([{ text: 'replied' }])
  expect(await alice.rows('outbox')).toEqual([])
})

it('RR-01, HTTP-04: what was not asked for does not come back, and waits for a way', async () => {
  const { alice, did, peer } = await served()
  for (const route of [undefined, 'none', 'sideways']) {
    const receipt = await peer.say(alice, did, { ...reply, ...(route !== undefined && { return_route: route }) } as Partial<Plaintext>)
    expect(receipt).toEqual({ taken: true })
  }
  await until(async () => (await alice.rows('outbox')).every(({ attempts }) => attempts > 0))
  const [waiting] = await alice.rows('outbox')
  expect(await alice.agent.where(waiting?.id as string)).toMatchObject({ state: 'queued', lastError: { code: 'ERR_DID_NO_ENDPOINT' } })
})

it('RR-02: a connection for one thread carries nothing of another', async () => {
  const { alice, did, peer } = await served()
  const receipt = await peer.say(alice, did, { ...reply, return_route: 'thread', return_route_thread: freshId() })
  expect(receipt).toEqual({ taken: true })
  const thid = freshId()
  await peer.say(alice, did, { ...reply, thid, return_route: 'thread', return_route_thread: thid })
  expect(peer.bodies()).toEqual([{ text: 'replied' }])
})

it('RR-02: a lasting connection for one thread carries nothing of another', async () => {
  const { alice, did, peer, over } = await served()
  const socket = line()
  const thid = freshId()
  await over(socket, { thid, return_route: 'thread', return_route_thread: thid })
  const { id } = (await alice.agent.contact(peer.did)) as { id: string }
  await alice.agent.send(id, { type: note, body: { text: 'of another' } })
  await quiet()
  expect(socket.taken).toEqual([])
  await alice.agent.send(id, { type: note, thid, body: { text: 'of this' } })
  await until(() => socket.taken.length === 1)
  void did
})

it('RR-06: who proves nothing gets nothing back', async () => {
  const { alice, did, peer } = await served()
  const receipt = await peer.say(alice, did, { ...reply, from: undefined as never, return_route: 'all' }, { as: 'anoncrypt' })
  expect(receipt).toEqual({ taken: true })
})

it('RR-03, 10.7: over a connection that lasts, all that waits goes out, and all that follows', async () => {
  const { alice, did, peer, over } = await served()
  await peer.say(alice, did, reply)
  await until(async () => (await alice.rows('outbox')).some(({ attempts }) => attempts > 0))
  const socket = line()
  await over(socket, { ...reply, return_route: 'all' })
  await until(() => socket.taken.length === 2)
  await alice.agent.send(peer.did, { type: note, body: { text: 'later' } })
  await until(() => socket.taken.length === 3)
  await until(async () => (await alice.rows('outbox')).length === 0)
})

it('10.7: what a connection lost is sent over the next one', async () => {
  const { alice, peer, over } = await served()
  const [first, second] = [line(), line()]
  await over(first, { return_route: 'all' })
  first.broken = true
  const { id } = await alice.agent.send(peer.did, { type: note, body: { text: 'kept' } })
  await until(async () => (await alice.agent.where(id)).attempts === 1)
  await over(second, { return_route: 'all' })
  await until(() => second.taken.length === 1)
  first.drop()
  second.drop()
  const later = await alice.agent.send(peer.did, { type: note, body: { text: 'waits' } })
  await until(async () => (await alice.agent.where(later.id)).lastError !== undefined)
  expect((await alice.agent.where(later.id)).lastError?.code).toBe('ERR_DID_NO_ENDPOINT')
})

it('CSC-02, 10.7: a connection that hangs is given up', async () => {
  const { alice, peer, over } = await served()
  const [dead, alive] = [line(), line()]
  await over(dead, { return_route: 'all' })
  dead.hangs = true
  const { id } = await alice.agent.send(peer.did, { type: note, body: { text: 'kept' } })
  await quiet()
  await over(alive, { return_route: 'all' })
  await world.clock.advance(60)
  await until(() => alive.taken.length === 1)
  await until(async () => (await alice.agent.where(id)).state === 'handed-over')
})

it('RR-03, REL-04: who asks again over a connection for one answer gets what was answered, or what waits', async () => {
  const { alice, did, peer } = await served()
  const id = freshId()
  await peer.say(alice, did, { ...reply, id, return_route: 'all' })
  expect(peer.heard).toHaveLength(1)
  // The answer was lost on its way.
  await peer.say(alice, did, { ...reply, id, return_route: 'all' })
  expect(peer.heard).toHaveLength(2)
  expect(peer.heard[1]?.message.id).toBe(peer.heard[0]?.message.id)
  const waiting = await alice.agent.send(peer.did, { type: note, body: { text: 'waiting' } })
  await until(async () => (await alice.agent.where(waiting.id)).lastError !== undefined)
  await peer.say(alice, did, { return_route: 'all' })
  expect(peer.heard.at(-1)?.message.id).toBe(waiting.id)
})

it('RR-03: the answer of a receiver comes back over the connection of the sender', async () => {
  const alice = await world.resident('alice')
  const did = await alice.agent.publish()
  const bob = await world.resident('bob', { endpoints: [] })
  await bob.agent.send(did, { type: note, return_route: 'all', body: { text: 'reply' } })
  await until(() => bob.heard.some(({ detail }) => detail['text'] === 'replied'))
})
