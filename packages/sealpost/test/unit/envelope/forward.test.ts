import { describe, expect, it } from 'vitest'
import { pack, unpack, wrapForward } from '../../../src/envelope/index.ts'
import { checkForward, type Plaintext } from '../../../src/message/index.ts'
import { alice, bob, carol, everybody, hello, mediator } from '../../parties.ts'

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
