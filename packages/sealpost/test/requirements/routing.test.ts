import { expect, it } from 'vitest'
import {
  createDidKey,
  createDidPeer2,
  type Did,
  type DidUrl,
  didCommService,
  type Keys,
  type NewEndpoint,
  peer,
} from '../../src/did/index.ts'
import { pack, unpack, wrapForward } from '../../src/envelope/index.ts'
import { createResolver, key, memoryKeys } from '../../src/index.ts'
import { generateKey, publicJwkOf } from '../../src/jose/index.ts'
import { checkForward } from '../../src/message/index.ts'
import { letter, refusal } from './letters.ts'

const resolver = createResolver([peer(), key()])

async function party(endpoint?: NewEndpoint) {
  const jwk = await generateKey('X25519')
  const services = endpoint === undefined ? [] : [didCommService({ endpoints: [endpoint] })]
  const { did } = createDidPeer2({ keys: [{ purpose: 'keyAgreement', jwk: publicJwkOf(jwk) }], services })
  return { did, kid: `${did}#key-1` satisfies DidUrl, jwk: publicJwkOf(jwk), keys: memoryKeys([{ ...jwk, kid: `${did}#key-1` }]) }
}

/** Opens a forward, and gives out what is in it, as a mediator does. */
async function peeled(envelope: string | object, keys: Keys) {
  const { message, proof } = await unpack(envelope, { keys, resolver })
  const { next, payloads } = checkForward(message)
  return { next, payload: payloads[0]?.data.json as object, proof, message }
}

const alice = await party()
const to = async (did: Did) => {
  const [packed] = await pack({ ...letter(), from: alice.did, to: [did] }, { keys: alice.keys, resolver })
  if (packed === undefined) throw new Error('nothing was packed')
  return packed
}

it('SND-02, SND-03, G-36, G-37, G-38: the first routing key is outermost, bare DIDs are keys, and the last `next` is the DID', async () => {
  const jwk = await generateKey('X25519')
  const routingKey = createDidKey(publicJwkOf(jwk))
  const first = memoryKeys([{ ...jwk, kid: `${routingKey}#${routingKey.slice('did:key:'.length)}` }])
  const second = await party()
  const bob = await party({ uri: 'https://example.com/', routingKeys: [routingKey, second.kid] })
  const { envelope } = await to(bob.did)
  const outer = await peeled(envelope, first)
  expect(outer.next).toBe(second.kid)
  const inner = await peeled(outer.payload, second.keys)
  expect(inner.next).toBe(bob.did)
  expect((await unpack(inner.payload, { keys: bob.keys, resolver })).proof.sender?.did).toBe(alice.did)
})

it('FWD-09, FWD-10, PSI-02: a mediator learns no sender, and what it passes on is the envelope as it was made', async () => {
  const mediator = await party()
  const sealedText =
    '{"protected":"e30","recipients":[{"header":{"kid":"a"},"encrypted_key":"AA"}],"iv":"","ciphertext":"AA","tag":"","more":1}'
  const wrapped = await wrapForward(sealedText, { hops: [{ name: mediator.did, keys: [mediator] }], next: 'did:example:bob' })
  const { payload, proof, message } = await peeled(wrapped, mediator.keys)
  expect(JSON.stringify(payload)).toBe(sealedText)
  expect(proof.layers).toEqual(['anoncrypt'])
  expect(message.from).toBeUndefined()
})

it('DEP-01, DEP-02, DEP-03, DEP-05, D-11: a DID as endpoint: its routing keys, then its own keys, and its endpoints', async () => {
  const gate = await party()
  const mediator = await party({ uri: 'https://mediator.example/', routingKeys: [gate.kid] })
  const bob = await party({ uri: mediator.did })
  const { envelope, endpoints } = await to(bob.did)
  expect(endpoints.map(({ uri }) => uri)).toEqual(['https://mediator.example/'])
  const outer = await peeled(envelope, gate.keys)
  expect(outer.next).toBe(mediator.did)
  expect((await peeled(outer.payload, mediator.keys)).next).toBe(bob.did)
})

it('DEP-01, DEP-04, SEC-41: one level of DIDs as endpoints, and a service behind it', async () => {
  const mediator = await party({ uri: 'https://mediator.example/' })
  const behind = await party({ uri: mediator.did })
  const without = await party()
  expect(await refusal(to((await party({ uri: behind.did })).did))).toBe('ERR_DID_NO_ENDPOINT DEP-01')
  expect(await refusal(to((await party({ uri: without.did })).did))).toBe('ERR_DID_NO_ENDPOINT DEP-01')
})

it('REW-02, REW-03: a forward to ourselves is opened, at most twice, and the sender is told by what is inside', async () => {
  const bob = await party()
  const { envelope } = await to(bob.did)
  const hops = [{ name: bob.did, keys: [bob] }]
  const once = await wrapForward(envelope, { hops, next: bob.did })
  const { proof, message } = await unpack(once, { keys: bob.keys, resolver })
  expect(proof.layers).toEqual(['anoncrypt', 'forward', 'authcrypt'])
  expect([message.id, proof.sender?.did]).toEqual([letter().id, alice.did])
  const thrice = await wrapForward(await wrapForward(once, { hops, next: bob.did }), { hops, next: bob.did })
  expect((await unpack(thrice, { keys: bob.keys, resolver })).message.type).toBe('https://didcomm.org/routing/2.0/forward')
})

it('REW-03: a forward for somebody else is a message to us, and not opened further', async () => {
  const [bob, carol] = [await party(), await party()]
  const wrapped = await wrapForward((await to(carol.did)).envelope, { hops: [{ name: bob.did, keys: [bob] }], next: carol.did })
  expect((await unpack(wrapped, { keys: bob.keys, resolver })).proof.layers).toEqual(['anoncrypt'])
})
