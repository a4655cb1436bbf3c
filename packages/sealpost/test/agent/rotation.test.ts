/** Rotation of DIDs as an agent meets it: security.md 5.6. */
import { afterEach, expect, it } from 'vitest'
import type { Did } from '../../src/did/index.ts'
import { createWorld, freshId, note, quiet, type RawPeer, type Resident, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

const empty = 'https://didcomm.org/empty/1.0/empty'

async function acquainted(): Promise<{
  alice: Resident
  peer: RawPeer
  did: Did
  noted: () => unknown[]
  first: Did
  refusals: () => unknown[]
}> {
  const alice = await world.resident('alice')
  const did = await alice.agent.publish()
  const peer = await world.raw('peer')
  await peer.say(alice, did, { body: { text: 'first' } })
  return {
    alice,
    peer,
    did,
    first: peer.did,
    noted: () => alice.heard.filter(({ name }) => name === 'noted').map(({ detail }) => detail['text']),
    refusals: () => alice.heard.filter(({ name }) => name === 'refused').map(({ detail }) => detail['code']),
  }
}

it('ROT-07, ROT-16: after a rotation the relationship goes on with the new DID', async () => {
  const { alice, peer, did, first, noted } = await acquainted()
  peer.did = await peer.another()
  await peer.say(alice, did, { body: { text: 'second' }, from_prior: await peer.prior(first, peer.did, world.now()) })
  await peer.say(alice, did, { body: { text: 'third' } })
  expect(noted()).toEqual(['first', 'second', 'third'])
  const [only, ...others] = await alice.rows('relationships')
  expect(others).toEqual([])
  expect(only?.theirs).toMatchObject({ did: peer.did, retired: [first] })
  expect(alice.names()).toContain('rotated')
  await alice.agent.send(first, { type: note, body: { text: 'to the new one' } })
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message.to).toEqual([peer.did])
})

it('ROT-08, R09: a message of the DID that was left is refused', async () => {
  const { alice, peer, did, first, noted, refusals } = await acquainted()
  peer.did = await peer.another()
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(first, peer.did, world.now()) })
  peer.did = first
  await peer.say(alice, did, { body: { text: 'from the past' } })
  expect(noted()).toEqual(['first'])
  expect(refusals()).toEqual(['ERR_TRUST_ROTATION'])
})

it('R02, ROT-20: a rotation of a DID that is no peer of ours is refused', async () => {
  const { alice, peer, did, refusals, noted } = await acquainted()
  const unknown = await peer.another()
  peer.did = await peer.another()
  await peer.say(alice, did, { body: { text: 'who?' }, from_prior: await peer.prior(unknown, peer.did, world.now()) })
  expect(refusals()).toEqual(['ERR_TRUST_ROTATION'])
  expect(noted()).toEqual(['first'])
  expect(await alice.rows('relationships')).toHaveLength(1)
})

it('R04, ROT-21: an older rotation than the last one is refused, and a replayed one changes nothing', async () => {
  const { alice, peer, did, first, refusals } = await acquainted()
  const [second, third] = [await peer.another(), await peer.another()]
  const earlier = await peer.prior(first, second, world.now() - 10)
  peer.did = second
  await peer.say(alice, did, { type: empty, body: {}, from_prior: earlier })
  peer.did = third
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(second, third, world.now() - 20) })
  expect(refusals()).toEqual(['ERR_TRUST_ROTATION'])
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(second, third, world.now()) })
  peer.did = second
  await peer.say(alice, did, { type: empty, body: {}, from_prior: earlier })
  expect(refusals()).toHaveLength(2)
  expect((await alice.agent.contact(first))?.theirs.did).toBe(third)
})

it('R04: two rotations in one second are both taken, in their order', async () => {
  const { alice, peer, did, first, refusals } = await acquainted()
  const [second, third] = [await peer.another(), await peer.another()]
  peer.did = second
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(first, second, world.now()) })
  peer.did = third
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(second, third, world.now()) })
  expect(refusals()).toEqual([])
  expect((await alice.agent.contact(first))?.theirs.did).toBe(third)
})

it('R06: a rotation back to a DID that was left is refused', async () => {
  const { alice, peer, did, first, refusals } = await acquainted()
  const second = await peer.another()
  peer.did = second
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(first, second, world.now()) })
  peer.did = first
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(second, first, world.now() + 1) })
  expect(refusals()).toEqual(['ERR_TRUST_ROTATION'])
  expect((await alice.agent.contact(second))?.theirs.did).toBe(second)
})

it('R07: a rotation to the DID of another relationship is refused', async () => {
  const { alice, peer, did, first, refusals } = await acquainted()
  const other = await peer.another()
  peer.did = other
  await peer.say(alice, did, { body: { text: 'I am another' } })
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(first, other, world.now()) })
  expect(await alice.rows('relationships')).toHaveLength(2)
  expect((await alice.agent.contact(first))?.theirs.did).toBe(first)
  void refusals
})

it('R10: a rotation that is repeated until it is answered is taken once', async () => {
  const { alice, peer, did, first, noted, refusals } = await acquainted()
  peer.did = await peer.another()
  const from_prior = await peer.prior(first, peer.did, world.now())
  for (const text of ['a', 'b', 'c']) await peer.say(alice, did, { body: { text }, from_prior })
  expect(noted()).toEqual(['first', 'a', 'b', 'c'])
  expect(refusals()).toEqual([])
  expect(alice.names().filter((name) => name === 'rotated')).toHaveLength(1)
})

it('R11: of two rotations of one DID one is taken, and the other refused', async () => {
  const { alice, peer, did, first, refusals } = await acquainted()
  const [phone, laptop] = [await peer.another(), await peer.another()]
  peer.did = phone
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(first, phone, world.now()) })
  peer.did = laptop
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(first, laptop, world.now() + 5) })
  expect(refusals()).toEqual(['ERR_TRUST_ROTATION'])
  expect((await alice.agent.contact(first))?.theirs.did).toBe(phone)
})

it('R12, ROT-18: a peer ends the relationship; its replay ends no later one', async () => {
  const { alice, peer, did, first, noted } = await acquainted()
  const farewell = await peer.seal(
    did,
    { type: empty, body: {}, from: undefined as never, from_prior: await peer.prior(first, undefined, world.now()) },
    { as: 'anoncrypt' },
  )
  await alice.agent.receive(farewell, { transport: 'test' })
  expect(alice.heard.find(({ name }) => name === 'ended')).toMatchObject({ peer: first, detail: { by: 'peer' } })
  await expect(alice.agent.send(first, { type: note, body: { text: 'still there?' } })).rejects.toMatchObject({ code: 'ERR_PEER_ENDED' })
  await peer.say(alice, did, { body: { text: 'from beyond' } })
  expect(noted()).toEqual(['first'])
  // They meet again.
  const again = await alice.agent.connect(first, { from: did })
  expect(again.state).toBe('active')
  await alice.agent.receive(farewell, { transport: 'test' })
  expect((await alice.agent.contact(again.id))?.state).toBe('active')
  expect(alice.names().filter((name) => name === 'ended')).toHaveLength(1)
})

it('ROT-18, ROT-21: a peer that rotates and leaves within one second has left', async () => {
  const { alice, peer, did, first, refusals } = await acquainted()
  const [second, at] = [await peer.another(), world.now()]
  peer.did = second
  await peer.say(alice, did, { type: empty, body: {}, from_prior: await peer.prior(first, second, at) })
  const farewell = { type: empty, body: {}, from: undefined as never, from_prior: await peer.prior(second, undefined, at) }
  await alice.agent.receive(await peer.seal(did, farewell, { as: 'anoncrypt' }), { transport: 'test' })
  expect(refusals()).toEqual([])
  expect(await alice.agent.contact(second)).toMatchObject({ state: 'ended' })
})

it('R13: while our rotation is on its way, what comes to the old DID is taken', async () => {
  const { alice, bob, toAlice, toBob } = await world.pair()
  await bob.agent.send(toAlice, { type: note, body: { text: 'reply' } })
  await until(() => bob.heard.some(({ detail }) => detail['text'] === 'replied'))
  await bob.agent.send(toAlice, { type: note, body: { text: 'to the DID of our own' } })
  await until(async () => (await alice.agent.contact(toBob))?.ours.rotation === undefined)
  const before = (await alice.agent.contact(toBob))?.ours.did
  let held: (() => void) | undefined
  world.law.judge = ({ from }) =>
    from === 'alice'
      ? new Promise<void>((resolve) => {
          held = resolve
        })
      : undefined
  const now = await alice.agent.rotate(toBob)
  expect(now).not.toBe(before)
  await bob.agent.send(toAlice, { type: note, body: { text: 'to the old one' } })
  await until(() => alice.heard.some(({ detail }) => detail['text'] === 'to the old one'))
  expect((await alice.agent.contact(toBob))?.ours.rotation).toBeDefined()
  world.law.judge = () => undefined
  held?.()
  await until(() => bob.names().filter((name) => name === 'rotated').length === 2)
  await bob.agent.send(toAlice, { type: note, body: { text: 'to the new one' } })
  await until(() => alice.heard.some(({ detail }) => detail['text'] === 'to the new one'))
  expect((await alice.agent.contact(toBob))?.ours.rotation).toBeUndefined()
})

it('ROT-01, ROT-15: our rotation goes with every message until the peer writes to the new DID', async () => {
  const alice = await world.resident('alice')
  const peer = await world.raw('peer')
  const { id } = await alice.agent.connect(peer.did)
  await alice.agent.send(id, { type: note, body: { text: 'one' } })
  await until(() => peer.heard.length === 1)
  const first = peer.heard[0]?.message.from as Did
  await peer.say(alice, first, {})
  const now = await alice.agent.rotate(id)
  await alice.agent.send(id, { type: note, body: { text: 'two' } })
  await until(() => peer.heard.length === 3)
  for (const { message, proof } of peer.heard.slice(1)) {
    expect(message.from).toBe(now)
    expect(proof.rotation).toMatchObject({ prior: first, next: now })
  }
  await peer.say(alice, now, {})
  await alice.agent.send(id, { type: note, body: { text: 'three' } })
  await until(() => peer.heard.length === 4)
  expect(peer.heard[3]?.message.from_prior).toBeUndefined()
})

it('ROT-22: a rotation waits for the answer to the last one, or a peer who missed one in between is lost', async () => {
  const alice = await world.resident('alice')
  const peer = await world.raw('peer')
  const { id } = await alice.agent.connect(peer.did)
  await alice.agent.send(id, { type: note, body: { text: 'one' } })
  await expect(alice.agent.rotate(id)).rejects.toMatchObject({ code: 'ERR_USAGE_OUT_OF_ORDER' })
  await until(() => peer.heard.length === 1)
  await peer.say(alice, peer.heard[0]?.message.from as Did, {})
  await alice.agent.rotate(id)
  await expect(alice.agent.rotate(id)).rejects.toMatchObject({ code: 'ERR_USAGE_OUT_OF_ORDER', rule: 'ROT-22' })
})

it('PSI-03, OOB-02: who answers an invitation, and who made it, have a DID for each other alone; a public DID stays', async () => {
  const { alice, bob, toAlice, toBob } = await world.pair()
  const shown = (await alice.agent.contact(toBob))?.ours
  expect(shown?.wantsOwn).toBe(true)
  await alice.agent.send(toBob, { type: note, body: { text: 'hello' } })
  await until(() => bob.heard.some(({ name }) => name === 'noted'))
  const [own] = await alice.rows('relationships')
  expect(own?.ours.did).not.toBe(shown?.did)
  expect((await bob.agent.contact(toAlice))?.theirs.did).toBe(own?.ours.did)

  const peer = await world.raw('peer')
  const publicDid = await alice.agent.publish()
  await peer.say(alice, publicDid, { body: { text: 'reply' } })
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.message.from).toBe(publicDid)
  expect(peer.heard[0]?.message.from_prior).toBeUndefined()
})

it('THR-12: somebody else who writes to the DID of a relationship is refused', async () => {
  const { alice, toBob } = await world.pair()
  await alice.agent.send(toBob, { type: note, body: { text: 'hello' } })
  await until(async () => (await alice.agent.contact(toBob))?.ours.wantsOwn === undefined)
  const own = (await alice.agent.contact(toBob))?.ours.did as Did
  const intruder = await world.raw('intruder')
  const before = alice.names().filter((name) => name === 'noted').length
  await intruder.say(alice, own, {})
  expect(alice.heard.at(-1)).toMatchObject({ name: 'refused', detail: { code: 'ERR_TRUST_POLICY', rule: 'THR-12' } })
  expect(alice.names().filter((name) => name === 'noted')).toHaveLength(before)
})

it('ROT-18: we end a relationship: the peer hears of it, and nothing is sent or taken any more', async () => {
  const { alice, bob, toAlice, toBob } = await world.pair()
  await bob.agent.end(toAlice)
  await until(() => alice.names().includes('ended'))
  expect((await alice.agent.contact(toBob))?.state).toBe('ended')
  await expect(bob.agent.send(toAlice, { type: note, body: { text: 'no' } })).rejects.toMatchObject({ code: 'ERR_PEER_ENDED' })
  await expect(alice.agent.send(toBob, { type: note, body: { text: 'no' } })).rejects.toMatchObject({ code: 'ERR_PEER_ENDED' })
  await quiet()
  expect(alice.names()).not.toContain('refused')
})

it('SEC-28: a change of the keys of a peer is told, and what waits is packed anew for the new keys', async () => {
  const alice = await world.resident('alice')
  const peer = await world.raw('peer')
  const did = await alice.agent.publish()
  const web: Did = 'did:web:peer.example'
  const publishKeys = async (): Promise<void> => {
    const [agreement, authentication] = [await peer.keys.generate('X25519', 'agree'), await peer.keys.generate('Ed25519', 'sign')]
    const name = freshId()
    const [a, b] = [`${web}#a${name}`, `${web}#b${name}`] as const
    await peer.keys.name(agreement, a)
    await peer.keys.name(authentication, b)
    const method = (kid: string, jwk: object): object => ({ id: kid, type: 'JsonWebKey2020', controller: web, publicKeyJwk: jwk })
    world.documents.set(web, {
      id: web,
      keyAgreement: [method(a, agreement)],
      authentication: [method(b, authentication)],
      service: [{ id: `${web}#s`, type: 'DIDCommMessaging', serviceEndpoint: [{ uri: peer.uri }] }],
    } as never)
  }
  await publishKeys()
  peer.did = web
  await peer.say(alice, did, {})
  const contact = await alice.agent.contact(web)
  expect(contact).toBeDefined()
  let isDown = true
  world.law.judge = () => {
    if (isDown) throw new Error('down')
  }
  const { id } = await alice.agent.send(web, { type: note, body: { text: 'packed late' } })
  await until(async () => (await alice.agent.where(id)).attempts === 1)
  await publishKeys()
  isDown = false
  await world.clock.advance(30)
  await until(() => peer.heard.length === 1)
  expect(peer.heard[0]?.proof.recipient?.kid).toBe(
    (world.documents.get(web) as unknown as { keyAgreement: { id: string }[] }).keyAgreement[0]?.id,
  )
  await peer.say(alice, did, {})
  expect(alice.heard.find(({ name }) => name === 'keys-changed')).toMatchObject({ peer: web })
})
