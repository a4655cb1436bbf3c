/** Adversarial cases of messages and threads, as an agent meets them: security.md 5.5. */
import { afterEach, expect, it } from 'vitest'
import { createWorld, freshId, note, quiet, type RawPeer, type Resident, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

const probe = (name: string): string => `https://example.com/probe/1.0/${name}`
const problemType = 'https://didcomm.org/report-problem/2.0/problem-report'

async function alone(): Promise<{
  alice: Resident
  peer: RawPeer
  did: Awaited<ReturnType<Resident['agent']['publish']>>
  noted: () => unknown[]
}> {
  const alice = await world.resident('alice')
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  return { alice, peer, did, noted: () => alice.heard.filter(({ name }) => name === 'noted').map(({ detail }) => detail['text']) }
}

it('J23: the same envelope, written otherwise, is the same message', async () => {
  const { alice, peer, did, noted } = await alone()
  const envelope = await peer.seal(did, {})
  const { protected: head, ...rest } = JSON.parse(envelope)
  await alice.agent.receive(envelope, { transport: 'test' })
  await alice.agent.receive(` ${JSON.stringify({ ...rest, protected: head }, null, 2)} `, { transport: 'test' })
  expect(noted()).toEqual(['hello'])
})

it('M02: another message with the same id is refused, and the application hears of it', async () => {
  const { alice, peer, did, noted } = await alone()
  const id = freshId()
  await peer.say(alice, did, { id, body: { text: 'one' } })
  await peer.say(alice, did, { id, body: { text: 'two' } })
  expect(noted()).toEqual(['one'])
  expect(alice.names()).toContain('id-conflict')
})

it('M03: the same id of two senders is two messages', async () => {
  const { alice, peer, did, noted } = await alone()
  const other = await world.raw('other')
  const id = freshId()
  await peer.say(alice, did, { id, body: { text: 'one' } })
  await other.say(alice, did, { id, body: { text: 'two' } })
  expect(noted()).toEqual(['one', 'two'])
})

it('M04: a copy that comes while the first is handled has no effect', async () => {
  const { alice, peer, did, noted } = await alone()
  const envelope = await peer.seal(did, {})
  await Promise.all(Array.from({ length: 8 }, () => alice.agent.receive(envelope, { transport: 'test' })))
  expect(noted()).toEqual(['hello'])
})

it('M05: a copy after a restart, after 29 days and after 31 days has no effect', async () => {
  const { alice, peer, did, noted } = await alone()
  const envelope = await peer.seal(did, {})
  await alice.agent.receive(envelope, { transport: 'test' })
  expect(noted()).toEqual(['hello'])
  const again = await alice.restart()
  await again.agent.receive(envelope, { transport: 'test' })
  await world.clock.advance(29 * 86_400)
  await again.agent.receive(envelope, { transport: 'test' })
  await world.clock.advance(2 * 86_400 + 7200)
  expect(await again.rows('seen')).toEqual([])
  await again.agent.receive(envelope, { transport: 'test' })
  expect(again.names().filter((name) => name !== 'late')).toEqual([])
  expect(again.names()).toContain('late')
})

it('M06: a copy after a rotation of the sender is a copy', async () => {
  const { alice, peer, did, noted } = await alone()
  const id = freshId()
  await peer.say(alice, did, { id })
  const prior = peer.did
  peer.did = await peer.another()
  await peer.say(alice, did, { id, from_prior: await peer.prior(prior, peer.did, world.now()) })
  expect(noted()).toEqual(['hello'])
  expect(alice.names()).not.toContain('refused')
})

it('M07, M08: what has expired is not handled; what expires far ahead is', async () => {
  const { alice, peer, did, noted } = await alone()
  const now = world.now()
  await peer.say(alice, did, { body: { text: 'old' }, created_time: now - 9000, expires_time: now - 8000 })
  expect(alice.names()).toContain('late')
  await peer.say(alice, did, { body: { text: 'far' }, expires_time: now + 100 * 365 * 86_400 })
  // A clock that is two hours behind ours.
  await peer.say(alice, did, { body: { text: 'behind' }, created_time: now - 7200 })
  expect(noted()).toEqual(['far', 'behind'])
})

it('M09, M10: a body that is missing is an empty one, and unknown headers are no harm', async () => {
  const { alice, peer, did, noted } = await alone()
  await peer.say(alice, did, { type: 'https://didcomm.org/empty/1.0/empty', body: {} })
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-header-${i}`, i]))
  await peer.say(alice, did, many)
  expect(noted()).toEqual(['hello'])
  expect(alice.names()).not.toContain('refused')
})

it('M11, SEM-05: a type that is not known is reported to a proved peer, once for a message, and no report is answered', async () => {
  const { alice, peer, did } = await alone()
  const id = freshId()
  await peer.say(alice, did, { id, type: 'https://example.com/other/1.0/what' })
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message).toMatchObject({ type: problemType, pthid: id, ack: [id], body: { code: 'e.m.msg.unsupported' } })
  expect(alice.names()).toContain('unsupported')
  await peer.say(alice, did, { type: problemType, pthid: freshId(), body: { code: 'e.m.msg.unsupported' } })
  await quiet()
  expect(peer.heard).toHaveLength(1)
})

it('M11: a stranger who proves nothing learns nothing of what is spoken here', async () => {
  const { alice, peer, did } = await alone()
  const { from: _, ...anonymous } = { from: undefined, id: freshId(), type: 'https://example.com/other/1.0/what' }
  await peer.say(alice, did, { ...anonymous, from: undefined as never }, { as: 'anoncrypt' })
  await quiet()
  expect(peer.heard).toEqual([])
})

it('M12, SEM-01: a newer minor version is spoken with, a newer major version is another protocol', async () => {
  const { alice, peer, did, noted } = await alone()
  await peer.say(alice, did, { type: 'https://example.com/probe/1.7/note', body: { text: 'minor', novelty: true } })
  await peer.say(alice, did, { type: 'https://example.com/probe/2.0/note', body: { text: 'major' } })
  expect(noted()).toEqual(['minor'])
  expect(alice.names()).toContain('unsupported')
})

it('M13, THR-12, THR-08: a thread of another peer is not entered by its thid', async () => {
  const { alice, peer, did } = await alone()
  const other = await world.raw('other')
  const id = freshId()
  await peer.say(alice, did, { id, type: probe('question'), body: { text: 'wait' } })
  await other.say(alice, did, { thid: id, type: probe('answer'), body: { text: 'mine' } })
  const threads = (await alice.rows('threads')).filter(({ thid }) => thid === id)
  const ofPeer = threads.find((thread) => Object.values(thread.instances).some(({ state }) => state.at === 'working'))
  expect(ofPeer).toBeDefined()
  expect(threads.filter((thread) => thread !== ofPeer).every((thread) => Object.keys(thread.instances).length === 0)).toBe(true)
})

it('M14: the parent thread of an invitation that was never made is only a name', async () => {
  const { alice, peer, did, noted } = await alone()
  await peer.say(alice, did, { pthid: freshId() })
  expect(noted()).toEqual(['hello'])
  expect((await alice.rows('relationships'))[0]?.invitation).toBeUndefined()
})

it('M15, ACK-07: an acknowledgment that asks for one gets none', async () => {
  const { alice, peer, did } = await alone()
  await peer.say(alice, did, { type: 'https://didcomm.org/empty/1.0/empty', ack: [freshId()], please_ack: [''], body: {} })
  await world.clock.advance(10)
  await quiet()
  expect(peer.heard).toEqual([])
  expect(alice.names()).toEqual(['connected'])
})

it('M16, ACK-06: a forward is not acknowledged', async () => {
  const { alice, peer, did } = await alone()
  const id = freshId()
  await peer.say(alice, did, {
    id,
    type: 'https://didcomm.org/routing/2.0/forward',
    please_ack: [''],
    body: { next: 'did:example:someone' },
    attachments: [{ id: 'a', data: { json: {} } }],
  })
  await world.clock.advance(10)
  await quiet()
  expect(peer.heard.every(({ message }) => message.ack === undefined || message.type === problemType)).toBe(true)
})

it('M17, PRB-04: two agents that report to each other come to rest', async () => {
  const { alice, bob, toAlice } = await world.pair()
  const before = world.wire.length
  await bob.agent.send(toAlice, { type: probe('nonsense'), body: {} })
  await until(() => bob.names().includes('problem'))
  await world.clock.advance(60)
  await quiet()
  expect(world.wire.length - before).toBe(2)
  void alice
})

it('M18: what a problem report says is shown inert', async () => {
  const { alice, peer, did } = await alone()
  await peer.say(alice, did, {
    type: problemType,
    pthid: freshId(),
    body: { code: 'e.m.x', comment: '<b>{1}</b>\u202e', args: ['boo'], escalate_to: 'javascript:alert(1)' },
  })
  const problem = alice.heard.find(({ name }) => name === 'problem')
  expect(problem?.detail['code']).toBe('e.m.x')
  expect(problem?.detail['escalateTo']).toBeUndefined()
  expect(String(problem?.detail['text'])).not.toContain('\u202e')
})

it('M21, THR-02: ids that are paths elsewhere are ids here', async () => {
  const { alice, peer, did, noted } = await alone()
  for (const id of ['..', '.', 'CON', '~']) await peer.say(alice, did, { id, thid: id, body: { text: id } })
  expect(noted()).toEqual(['..', '.', 'CON', '~'])
  for (const id of ['..', '.', 'CON', '~']) expect((await alice.agent.where(id)).state).toBe('handled')
})

it('M25, ADR-04: a message of our own that comes back is refused', async () => {
  const { alice, bob, toAlice } = await world.pair()
  world.law.judge = ({ envelope }) => void caught.push(envelope)
  const caught: string[] = []
  await bob.agent.send(toAlice, { type: note, body: { text: 'mirror' } })
  await until(() => caught.length === 1)
  const reflected = bob.agent.receive(caught[0] as string, { transport: 'test' })
  expect(await reflected).toEqual({ taken: true })
  expect(bob.names()).toContain('refused')
  expect(bob.names()).not.toContain('noted')
  void alice
})

it('M25: what one DID of ours says to another DID of ours is refused', async () => {
  const { alice, did } = await alone()
  const own = await alice.agent.connect(did)
  await alice.agent.send(own.id, { type: note, body: { text: 'to myself' } })
  await until(() => alice.names().includes('refused'))
  expect(alice.heard.find(({ name }) => name === 'refused')?.detail).toMatchObject({ code: 'ERR_TRUST_ADDRESSING', rule: 'ADR-04' })
})

it('SEC-26: a message that needs a proof is not handled without one', async () => {
  const { alice, peer, did, noted } = await alone()
  await peer.say(alice, did, { from: undefined as never }, { as: 'anoncrypt' })
  await quiet()
  expect(noted()).toEqual([])
  expect(alice.names()).toContain('unproven')
})

it('SEC-08, HTTP-07: whoever sent what cannot be opened learns nothing of why', async () => {
  const { alice, peer, did } = await alone()
  const stranger = await world.raw('stranger')
  const elsewhere = await peer.seal(stranger.did, {})
  const broken = (await peer.seal(did, {})).replace(/"tag":"./, '"tag":"A')
  for (const envelope of ['', '{}', 'x'.repeat(100), elsewhere, broken])
    expect(await alice.agent.receive(envelope, { transport: 'test', connection: 'once' })).toEqual({ taken: true })
  expect(alice.names().every((name) => name === 'refused')).toBe(true)
})

it('GEN-08: who sent a message is what its keys prove, whatever connection it came by', async () => {
  const { alice, peer, did } = await alone()
  const socket = { send: async () => undefined, onClose: () => undefined }
  const other = await world.raw('other')
  for (const one of [peer, other]) await alice.agent.receive(await one.seal(did, {}), { transport: 'test', connection: 'lasting', socket })
  expect(alice.heard.filter(({ name }) => name === 'noted').map(({ peer: by }) => by)).toEqual([peer.did, other.did])
})

it('SEC-05: a replay is found by sender and id', async () => {
  const { alice, peer, did, noted } = await alone()
  const envelope = await peer.seal(did, {})
  for (let i = 0; i < 3; i++) await alice.agent.receive(envelope, { transport: 'test' })
  expect(noted()).toEqual(['hello'])
  expect(await alice.rows('seen')).toHaveLength(1)
})
