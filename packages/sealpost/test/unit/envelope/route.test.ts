import { describe, expect, it } from 'vitest'
import { pack, unpack } from '../../../src/envelope/index.ts'
import { checkForward } from '../../../src/message/index.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice, bob, carol, documentWith, everybody, hello, listedOn, mallory, mediator, resolverWith } from '../../parties.ts'

const base = { keys: alice.keys, resolver: everybody }
const of = (options: object) => outcomeOf(pack(hello(), { ...base, ...options }))

describe('routes', () => {
  const at = (serviceEndpoint: unknown) =>
    resolverWith(
      documentWith(
        bob.did,
        { keyAgreement: listedOn(bob, 'X25519') },
        { service: [{ id: '#s', type: 'DIDCommMessaging', serviceEndpoint }] },
      ),
    )

  it('SND-04, SVC-06, PRF-06: endpoints that speak DIDComm v2, in order; none is an error, no service is none', async () => {
    const resolver = at([
      { uri: 'https://a.example', accept: ['didcomm/aip1'] },
      { uri: 'https://b.example', accept: ['didcomm/v2'] },
      { uri: 'wss://c.example' },
    ])
    const [packed] = await pack(hello(), { keys: alice.keys, resolver })
    expect(packed?.endpoints.map(({ uri }) => uri)).toEqual(['https://b.example', 'wss://c.example'])
    expect(await of({ resolver: at([{ uri: 'https://a.example', accept: ['didcomm/aip1'] }]) })).toBe('ERR_UNSUPPORTED_PROFILE PRF-06')
    expect((await pack(hello(), base))[0]?.endpoints).toEqual([])
  })

  it('DEP-01, DEP-04, SEC-41: a DID as endpoint that is unknown, has no service, or is the DID itself', async () => {
    expect(await of({ resolver: at([{ uri: 'did:example:unknown' }]) })).toBe('ERR_DID_NOT_FOUND SEC-27')
    expect(await of({ resolver: at([{ uri: 'did:example:mediator' }]) })).toBe('ERR_DID_NO_ENDPOINT DEP-01')
    expect(await of({ resolver: at([{ uri: bob.did }]) })).toBe('ERR_DID_NO_ENDPOINT DEP-01')
    // Without forwarding nobody is asked.
    expect(await of({ resolver: at([{ uri: bob.did }]), forward: false })).toBe('taken')
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
