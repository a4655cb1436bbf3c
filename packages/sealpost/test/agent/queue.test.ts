import { afterEach, beforeEach, expect, it } from 'vitest'
import { DidcommError } from '../../src/errors.ts'
import { createWorld, note, type RawPeer, type Resident, until, type World } from './world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.close())

const texts = (peer: RawPeer): unknown[] => peer.bodies().map((body) => (body as { text?: unknown }).text)
const say = (from: Resident, to: string, text: string, ack = false) => from.agent.send(to, { type: note, body: { text } }, { ack })

it('10.1: messages that fail together are one failure of the way, after which it is tried again soon', async () => {
  const alice = await world.resident('alice')
  const bob = await world.raw('bob')
  const { id } = await alice.agent.connect(bob.did)
  let isAway = true
  world.law.judge = () => {
    if (isAway) throw new DidcommError('ERR_DELIVERY_UNREACHABLE', 'nobody is there')
  }
  const all = Array.from({ length: 20 }, (_, index) => `n${index}`)
  await Promise.all(all.map((text) => say(alice, id, text)))
  await until(() => alice.heard.length > 0)
  await world.clock.advance(0.1)
  isAway = false
  await world.clock.advance(3)
  await until(() => bob.heard.length === all.length)
  expect(texts(bob).sort()).toEqual(all.sort())
})

it('REL-07: what was handed over and awaits its acknowledgment does not keep back what was never sent', async () => {
  const alice = await world.resident('alice', { limits: { maxParallel: 2, ackTimeoutSeconds: 1, maxBackoffSeconds: 1 } })
  const bob = await world.raw('bob')
  const { id } = await alice.agent.connect(bob.did)
  // Each delivery takes longer than an acknowledgment may; and somewhen all is cut off.
  world.law.judge = () => (world.wire.length < 40 ? world.clock.jump(2) : new Promise(() => undefined))
  for (const text of ['a', 'b', 'c', 'd']) await say(alice, id, text, true)
  for (const text of ['e', 'f']) await say(alice, id, text)
  await world.clock.advance(1)
  await until(() => new Set(texts(bob)).size === 6)
})

it('REL-01, ROT-16: what is on its way when we rotate, and is overtaken, arrives all the same, and once', async () => {
  const { alice, bob, toBob, toAlice } = await world.pair()
  const heardBy = ({ heard }: Resident) => heard.flatMap(({ name, detail }) => (name === 'noted' ? [detail['text']] : []))
  await say(alice, toBob, 'known')
  await until(() => heardBy(bob).includes('known'))
  await say(bob, toAlice, 'seen')
  await until(() => heardBy(alice).includes('seen'))
  let letGo = (): void => undefined
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let isHeld = false
  world.law.judge = ({ from }) => {
    if (from !== 'alice' || isHeld) return undefined
    isHeld = true
    return held
  }
  const { id } = await say(alice, toBob, 'slow')
  await until(() => isHeld)
  await alice.agent.rotate(toBob)
  await say(alice, toBob, 'quick')
  await until(() => heardBy(bob).includes('quick'))
  letGo()
  await until(() => heardBy(bob).includes('slow'))
  await until(async () => (await alice.agent.where(id)).state === 'handed-over')
  expect(heardBy(bob)).toEqual(['known', 'quick', 'slow'])
})
