/** Acknowledgments and order: v2.1, ACKs; Advanced Sequencing; security.md 10.4, 10.5. */
import { afterEach, expect, it } from 'vitest'
import type { Did } from '../../src/did/index.ts'
import type { Protocol } from '../../src/machine/index.ts'
import { probe } from './probe.ts'
import { createWorld, freshId, note, quiet, type RawPeer, type Resident, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

const empty = 'https://didcomm.org/empty/1.0/empty'
const ordered: Protocol = { ...probe, sequenced: true }

type Party = { alice: Resident; peer: RawPeer; did: Did; noted: () => unknown[] }
async function met(sequenced = false): Promise<Party> {
  const alice = await world.resident('alice', sequenced ? { protocols: [ordered] } : {})
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  return { alice, peer, did, noted: () => alice.heard.filter(({ name }) => name === 'noted').map(({ detail }) => detail['text']) }
}

it('ACK-03, ACK-05: acknowledgments go with the next message, in the order in which the messages came', async () => {
  const { alice, peer, did } = await met()
  const ids = [freshId(), freshId(), freshId()]
  for (const id of ids) await peer.say(alice, did, { id, please_ack: [''] })
  expect(peer.heard).toEqual([])
  await alice.agent.send(peer.did, { type: note, body: { text: 'by the way' } })
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message).toMatchObject({ ack: ids, body: { text: 'by the way' } })
  await world.clock.advance(60)
  await quiet()
  expect(peer.heard).toHaveLength(1)
})

it('ACK-09, 10.5: where nothing else is said, one empty message acknowledges all that came', async () => {
  const { alice, peer, did } = await met()
  const ids = [freshId(), freshId(), freshId()]
  for (const id of ids) await peer.say(alice, did, { id, please_ack: [''] })
  await world.clock.advance(1)
  expect(peer.heard).toEqual([])
  await world.clock.advance(2)
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message).toMatchObject({ type: empty, ack: ids })
  expect(peer.heard[0]?.message.please_ack).toBeUndefined()
  await quiet()
  expect(peer.heard).toHaveLength(1)
})

it('ACK-02, ACK-04: what came before can be acknowledged later, and what never came is not', async () => {
  const { alice, peer, did } = await met()
  const [known, unknown] = [freshId(), freshId()]
  await peer.say(alice, did, { id: known })
  await peer.say(alice, did, { please_ack: [known, unknown] })
  await world.clock.advance(3)
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message.ack).toEqual([known])
})

it('ACK-03: a copy of a message that was acknowledged is acknowledged again', async () => {
  const { alice, peer, did, noted } = await met()
  const id = freshId()
  await peer.say(alice, did, { id, please_ack: [''] })
  await alice.agent.send(peer.did, { type: note, body: { text: 'lost' } })
  await until(() => peer.heard.length === 1)
  await peer.say(alice, did, { id, please_ack: [''] })
  await world.clock.advance(3)
  await until(() => peer.heard.length === 2)
  expect(peer.heard[1]?.message.ack).toEqual([id])
  expect(noted()).toEqual(['hello'])
})

it('ACK-08, ACK-11: whatever has `ack` acknowledges, in any case of letters; so does a problem report', async () => {
  const { alice, peer, did } = await met()
  await peer.say(alice, did, {})
  for (const type of [empty, note, 'https://didcomm.org/report-problem/2.0/problem-report']) {
    const { id } = await alice.agent.send(peer.did, { type: note, body: { text: type } }, { ack: true })
    await until(async () => (await alice.agent.where(id)).state === 'awaiting-ack')
    const report = type.endsWith('report') ? { pthid: id, body: { code: 'w.m.x' } } : {}
    await peer.say(alice, did, { type, ack: [id.toUpperCase()], ...report })
    await until(async () => (await alice.agent.where(id)).state === 'acknowledged')
  }
})

it('ACK-01, 10.5: what is not acknowledged is sent again with the same id, until it is', async () => {
  const { alice, peer, did } = await met()
  await peer.say(alice, did, {})
  const { id } = await alice.agent.send(peer.did, { type: note, body: { text: 'hear me' } }, { ack: true })
  await until(() => peer.heard.length === 1)
  const again = await alice.restart()
  await world.clock.advance(121)
  await until(() => peer.heard.length === 2)
  expect(peer.heard.map(({ message }) => message.id)).toEqual([id, id])
  await peer.say(again, did, { type: empty, ack: [id], body: {} })
  await until(async () => (await again.agent.where(id)).state === 'acknowledged')
  await world.clock.advance(3600)
  await quiet()
  expect(peer.heard).toHaveLength(2)
})

it('REL-08: acknowledgments that went out alone are not remembered', async () => {
  const { alice, peer, did } = await met()
  for (let i = 0; i < 5; i++) {
    await peer.say(alice, did, { please_ack: [''] })
    await world.clock.advance(3)
    await until(() => peer.heard.length === i + 1)
  }
  await until(async () => (await alice.rows('outbox')).length === 0)
  await alice.agent.send(peer.did, { type: note, body: { text: 'at last' } })
  await until(() => peer.heard.length === 6)
  expect(peer.heard[5]?.message.ack).toBeUndefined()
})

it('SEQ-02: our messages of a thread are numbered from 1', async () => {
  const { alice, peer, did } = await met(true)
  const thid = freshId()
  for (const sender_order of [1, 2, 3]) await peer.say(alice, did, { thid, sender_order, body: { text: 'reply' } })
  await until(() => peer.heard.length === 3)
  expect(peer.heard.map(({ message }) => message.sender_order)).toEqual([1, 2, 3])
})

it('M19, SEQ-05, SEQ-06, 10.4: a message waits for those before it, and what is missing is asked for once', async () => {
  const { alice, peer, did, noted } = await met(true)
  const thid = freshId()
  const say = (sender_order: number) => peer.say(alice, did, { thid, sender_order, body: { text: String(sender_order) } })
  for (const order of [1, 2, 4, 5]) await say(order)
  expect(noted()).toEqual(['1', '2'])
  const [held] = await alice.rows('held')
  expect(await alice.agent.where(held?.message.id as string)).toMatchObject({ direction: 'in', state: 'held' })
  await world.clock.advance(6)
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message).toMatchObject({ type: empty, thid, received_orders: [{ id: peer.did, last: 5, gaps: [3] }] })
  alice.agent.on('tick', () => undefined)
  for (let i = 0; i < 4; i++) {
    await peer.say(alice, did, { please_ack: [''] })
    await world.clock.advance(4)
  }
  expect(peer.heard.filter(({ message }) => message.thid === thid)).toHaveLength(1)
  await say(3)
  expect(noted().filter((text) => text !== 'hello')).toEqual(['1', '2', '3', '4', '5'])
  expect(await alice.rows('held')).toEqual([])
})

it('M19, 10.4: what does not come is waited for no longer than half a minute; and where it comes late, it is taken', async () => {
  const { alice, peer, did, noted } = await met(true)
  const thid = freshId()
  const say = (sender_order: number) => peer.say(alice, did, { thid, sender_order, body: { text: String(sender_order) } })
  for (const order of [1, 3, 4, 6]) await say(order)
  await world.clock.advance(31)
  await until(() => noted().length === 4)
  expect(noted()).toEqual(['1', '3', '4', '6'])
  await say(7)
  await say(2)
  expect(noted()).toEqual(['1', '3', '4', '6', '7', '2'])
})

it('SEQ-04: another message of an order that was seen is ignored', async () => {
  const { alice, peer, did, noted } = await met(true)
  const thid = freshId()
  for (const text of ['one', 'other']) await peer.say(alice, did, { thid, sender_order: 1, body: { text } })
  expect(noted()).toEqual(['one'])
})

it('REL-08, 10.4: no more than 200 messages wait for one', async () => {
  const { alice, peer, did } = await met(true)
  const thid = freshId()
  for (let order = 2; order <= 210; order++) await peer.say(alice, did, { thid, sender_order: order, body: { text: String(order) } })
  expect((await alice.rows('held')).length).toBeLessThanOrEqual(200)
})

it('SEQ-03, M20: what the peer misses is sent again with its id and how often it was sent, and no more than was sent', async () => {
  const { alice, peer, did } = await met(true)
  const thid = freshId()
  for (const sender_order of [1, 2]) await peer.say(alice, did, { thid, sender_order, body: { text: 'reply' } })
  await until(() => peer.heard.length === 2)
  await until(async () => (await alice.rows('outbox')).length === 0)
  const ours = peer.heard[0]?.message.from as Did
  await peer.say(alice, did, { thid, type: empty, body: {}, received_orders: [{ id: ours, last: 1_000_000_000, gaps: [1] }] })
  await until(() => peer.heard.length === 3)
  await quiet()
  expect(peer.heard).toHaveLength(3)
  expect(peer.heard[2]?.message).toMatchObject({ id: peer.heard[0]?.message.id, sender_order: 1, sent_count: 2 })
})
