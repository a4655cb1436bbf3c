/** Invitations as an agent meets them: security.md 5.7. */
import { afterEach, expect, it } from 'vitest'
import type { Did } from '../../src/did/index.ts'
import { createWorld, freshId, note, quiet, until, type World } from './world.ts'

let world: World = createWorld()
afterEach(async () => {
  await world.close()
  world = createWorld()
})

it('OOB-03, OOB-17: the first message after an invitation names it as its parent thread', async () => {
  const { alice, toBob, bob } = await world.pair()
  const [invitation] = await alice.rows('invitations')
  expect((await alice.agent.contact(toBob))?.invitation).toEqual({ id: invitation?.key, role: 'inviter' })
  const sent = (await bob.rows('sent'))[0]?.message
  expect(sent?.pthid).toBe(invitation?.key)
})

it('O01: what an invitation says of itself is kept as it is, and bounded', async () => {
  const alice = await world.resident('alice')
  await expect(alice.agent.invite({ goal: 'x'.repeat(1_000_000) })).rejects.toMatchObject({ name: 'DidcommError' })
})

it('O02, OOB-18: an invitation for one is answered by one, and not after its time', async () => {
  const alice = await world.resident('alice')
  const { invitation } = await alice.agent.invite()
  const [first, second] = [await world.raw('first'), await world.raw('second')]
  const did = invitation.from as Did
  await first.say(alice, did, { pthid: invitation.id })
  await second.say(alice, did, { pthid: invitation.id })
  expect(alice.heard.filter(({ name }) => name === 'noted').map(({ peer }) => peer)).toEqual([first.did])
  expect(alice.heard.at(-1)).toMatchObject({ name: 'refused', detail: { rule: 'OOB-18' } })

  const { invitation: short } = await alice.agent.invite({ expiresInSeconds: 60 })
  await world.clock.advance(100)
  await second.say(alice, short.from as Did, { pthid: short.id })
  expect(alice.heard.at(-1)).toMatchObject({ name: 'refused', detail: { rule: 'OOB-18' } })
  const bob = await world.resident('bob')
  await expect(bob.agent.accept(short)).rejects.toMatchObject({ code: 'ERR_TRUST_POLICY', rule: 'HDR-18' })
})

it('O02: an invitation for many is answered by many, until it is withdrawn', async () => {
  const alice = await world.resident('alice')
  const { invitation } = await alice.agent.invite({ uses: 'many', label: 'visitor' })
  const did = invitation.from as Did
  const peers = [await world.raw('a'), await world.raw('b'), await world.raw('c')]
  for (const peer of peers.slice(0, 2)) await peer.say(alice, did, { pthid: invitation.id })
  await alice.agent.withdraw(invitation.id)
  await peers[2]?.say(alice, did, { pthid: invitation.id })
  expect(alice.heard.filter(({ name }) => name === 'connected')).toHaveLength(2)
  expect((await alice.rows('relationships')).every(({ label }) => label === 'visitor')).toBe(true)
})

it('O02: an invitation of a public DID is for as many as it says, too', async () => {
  const alice = await world.resident('alice', { strangers: false })
  const did = await alice.agent.publish()
  const { invitation } = await alice.agent.invite({ from: did })
  const [first, second] = [await world.raw('first'), await world.raw('second')]
  await first.say(alice, did, { pthid: invitation.id })
  await second.say(alice, did, { pthid: invitation.id })
  await second.say(alice, did, {})
  expect(alice.heard.filter(({ name }) => name === 'connected').map(({ peer }) => peer)).toEqual([first.did])
  expect((await alice.rows('relationships'))[0]?.ours).toMatchObject({ did, via: did })
  expect((await alice.rows('relationships'))[0]?.ours.wantsOwn).toBeUndefined()
})

it('OOB-16: strangers are refused where the options say so', async () => {
  const alice = await world.resident('alice', { strangers: false })
  const did = await alice.agent.publish()
  const stranger = await world.raw('stranger')
  await stranger.say(alice, did, {})
  expect(alice.names()).toEqual(['refused'])
  expect(await alice.rows('relationships')).toEqual([])
})

it('M14, OOB-03: an answer that names another invitation is refused', async () => {
  const alice = await world.resident('alice')
  const { invitation } = await alice.agent.invite()
  const peer = await world.raw('peer')
  await peer.say(alice, invitation.from as Did, { pthid: freshId() })
  expect(alice.names()).toEqual(['refused'])
})

it('O06, OOB-06: an attached message is taken only where the application said so', async () => {
  const [alice, bob, carol] = [await world.resident('alice'), await world.resident('bob'), await world.resident('carol')]
  const attachments = [{ id: 'first', data: { json: { id: freshId(), type: note, body: { text: 'attached' } } } }]
  const { invitation } = await alice.agent.invite({ attachments, uses: 'many' })
  await bob.agent.accept(invitation)
  await carol.agent.accept(invitation, { begin: true })
  await quiet()
  expect(bob.names()).toEqual(['connected'])
  expect(carol.heard.find(({ name }) => name === 'noted')?.detail['text']).toBe('attached')
})

it('O07: who answers by another DID than the one that saw the invitation is visible by it', async () => {
  const alice = await world.resident('alice')
  const { invitation } = await alice.agent.invite()
  const thief = await world.raw('thief')
  await thief.say(alice, invitation.from as Did, { pthid: invitation.id })
  expect(alice.heard.find(({ name }) => name === 'connected')).toMatchObject({ peer: thief.did, detail: { invitation: invitation.id } })
  const friend = await world.resident('friend')
  const { id } = await friend.agent.accept(invitation)
  await friend.agent.send(id, { type: note, body: { text: 'me' } })
  await until(() => alice.names().includes('refused'))
})

it('O03, O05, O10: an invitation that is none, or that speaks no profile of ours, is refused by its code', async () => {
  const bob = await world.resident('bob')
  for (const url of [
    'https://a.example/?_oob=%%%',
    `https://a.example/?_oob=${'A'.repeat(3_000_000)}`,
    'https://a.example/?_oob=e30&_oob=e30',
  ])
    await expect(bob.agent.accept(url)).rejects.toMatchObject({ name: 'DidcommError' })
  const { invitation } = await (await world.resident('alice')).agent.invite()
  const foreign = { ...invitation, body: { ...invitation.body, accept: ['didcomm/v9'] } }
  await expect(bob.agent.accept(foreign)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_PROFILE' })
  expect(await bob.rows('relationships')).toEqual([])
})

it('OOB-10: who accepts the same invitation again, by its URL too, has the same relationship', async () => {
  const [alice, bob] = [await world.resident('alice'), await world.resident('bob')]
  const { invitation, url } = await alice.agent.invite({ url: 'https://alice.example/talk' })
  const [one, two] = await Promise.all([bob.agent.accept(invitation), bob.agent.accept(url as string)])
  expect(one.id).toBe(two.id)
  expect((await (await bob.restart()).agent.accept(invitation)).id).toBe(one.id)
})

it('O07: an invitation with the id of another, of somebody else, leads to somebody else', async () => {
  const [alice, mallory, bob] = [await world.resident('alice'), await world.resident('mallory'), await world.resident('bob')]
  const { invitation } = await alice.agent.invite()
  const { invitation: other } = await mallory.agent.invite()
  const first = await bob.agent.accept(invitation)
  const second = await bob.agent.accept({ ...other, id: invitation.id })
  expect(second.id).not.toBe(first.id)
  expect(second.theirs.did).toBe(other.from)
})
