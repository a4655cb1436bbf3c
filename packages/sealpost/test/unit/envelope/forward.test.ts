import { describe, expect, it } from 'vitest'
import { pack, unpack, wrapForward } from '../../../src/envelope/index.ts'
import { checkForward, type Plaintext } from '../../../src/message/index.ts'
import { alice, bob, carol, documentWith, everybody, hello, listedOn, mallory, mediator, resolverWith } from '../../parties.ts'

const hop = (party: typeof bob) => ({ name: party.method('agree-x25519-1').kid, keys: [party.method('agree-x25519-1')] })
const envelope = async (): Promise<string> => (await pack(hello(), { keys: alice.keys, resolver: everybody }))[0]?.envelope ?? ''
const peel = async (wrapped: string | object, by: typeof bob): Promise<Plaintext> =>
  (await unpack(wrapped, { keys: by.keys, resolver: everybody })).message

describe('wrapForward', () => {
  it('SND-02, SND-03, G-38, FWD-09, FWD-10: the first mediator is outermost; `next` is the next key, and at last the recipient', async () => {
    const inner = await envelope()
    expect(await wrapForward(inner, { hops: [], next: bob.did })).toBe(inner)
    const wrapped = await wrapForward(inner, { hops: [hop(mediator), hop(carol)], next: bob.did, expiresTime: 2_000_000_000 })
    const outer = await peel(wrapped, mediator)
    expect(outer).toMatchObject({
      typ: 'application/didcomm-plain+json',
      to: [mediator.did],
      expires_time: 2_000_000_000,
      body: { next: carol.method('agree-x25519-1').kid },
    })
    expect(['from' in outer, 'created_time' in outer, 'please_ack' in outer]).toEqual([false, false, false])
    const { payloads } = checkForward(outer)
    expect(payloads[0]).toMatchObject({
      id: expect.any(String),
      media_type: 'application/didcomm-encrypted+json',
      data: { json: expect.any(Object) },
    })
    const second = checkForward(await peel(payloads[0]?.data.json as object, carol))
    expect(second.next).toBe(bob.did)
    // To the octet: a mediator passes on what was sealed.
    expect(JSON.stringify(second.payloads[0]?.data.json)).toBe(inner)
  })

  it('FWD-09, PSI-02, SEC-07: a mediator learns neither who sends nor what', async () => {
    const { proof } = await unpack(await wrapForward(await envelope(), { hops: [hop(mediator)], next: bob.did }), {
      keys: mediator.keys,
      resolver: everybody,
    })
    expect([proof.layers, proof.sender]).toEqual([['anoncrypt'], undefined])
  })
})

describe('pack for mediators', () => {
  const service = (serviceEndpoint: object) => ({ service: [{ id: '#s', type: 'DIDCommMessaging', serviceEndpoint }] })
  const bobAt = (endpoint: object) => documentWith(bob.did, { keyAgreement: listedOn(bob, 'X25519') }, service(endpoint))
  const mediatorAt = (endpoint: object) => documentWith(mediator.did, { keyAgreement: listedOn(mediator, 'X25519') }, service(endpoint))
  const route = async (resolver: ReturnType<typeof resolverWith>, parties: readonly (typeof bob)[]): Promise<readonly unknown[]> => {
    const [packed] = await pack(hello(), { keys: alice.keys, resolver })
    const nexts: unknown[] = [packed?.endpoints.map(({ uri }) => uri)]
    let current: string | object = packed?.envelope ?? ''
    for (const party of parties) {
      const { message } = await unpack(current, { keys: party.keys, resolver })
      const { next, payloads } = checkForward(message)
      nexts.push(next)
      current = payloads[0]?.data.json as object
    }
    const { message, proof } = await unpack(current, { keys: bob.keys, resolver })
    expect([message.id, proof.sender?.did]).toEqual([hello().id, alice.did])
    return nexts
  }

  it('SND-02, SND-04, SND-05, G-37: routing keys as DID URLs, and as bare DIDs', async () => {
    for (const routingKey of [mediator.method('agree-x25519-1').kid, mediator.did])
      expect(await route(resolverWith(bobAt([{ uri: 'https://m.example', routingKeys: [routingKey] }])), [mediator])).toEqual([
        ['https://m.example'],
        bob.did,
      ])
  })

  it('DEP-01, DEP-02, DEP-03, G-36: a DID as endpoint is the first mediator, and its endpoint is where it goes', async () => {
    expect(await route(resolverWith(bobAt({ uri: mediator.did }), mediatorAt({ uri: 'https://m.example' })), [mediator])).toEqual([
      ['https://m.example'],
      bob.did,
    ])
    const behind = carol.method('agree-x25519-1').kid
    expect(
      await route(resolverWith(bobAt({ uri: mediator.did, routingKeys: [behind] }), mediatorAt({ uri: 'https://m.example' })), [
        mediator,
        carol,
      ]),
    ).toEqual([['https://m.example'], behind, bob.did])
  })

  it("D-11, DEP-05: the routing keys of the mediator's own service come before it", async () => {
    const first = mallory.method('agree-x25519-1').kid
    const resolver = resolverWith(bobAt({ uri: mediator.did }), mediatorAt([{ uri: 'https://m.example', routingKeys: [first] }]))
    expect(await route(resolver, [mallory, mediator])).toEqual([['https://m.example'], mediator.did, bob.did])
  })

  it('DEP-04, FLO-01: a mediator that is behind a DID is not followed; the next endpoint is taken', async () => {
    const deep = mediatorAt({ uri: carol.did })
    await expect(pack(hello(), { keys: alice.keys, resolver: resolverWith(bobAt({ uri: mediator.did }), deep) })).rejects.toMatchObject({
      code: 'ERR_DID_NO_ENDPOINT',
      rule: 'DEP-01',
    })
    const [packed] = await pack(hello(), {
      keys: alice.keys,
      resolver: resolverWith(bobAt([{ uri: mediator.did }, { uri: 'https://b.example' }]), deep),
    })
    expect(packed?.endpoints.map(({ uri }) => uri)).toEqual(['https://b.example'])
    expect((await unpack(packed?.envelope ?? '', { keys: bob.keys, resolver: everybody })).message.id).toBe(hello().id)
  })
})
