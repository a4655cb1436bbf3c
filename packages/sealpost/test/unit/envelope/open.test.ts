import { describe, expect, it } from 'vitest'
import { open, pack, rulesOf } from '../../../src/envelope/index.ts'
import { forgeJwe } from '../../hostile/forge.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice, bob, everybody, hello } from '../../parties.ts'

describe('open', () => {
  it('SEC-07, KID-06: with keys that are given, nobody is resolved; who knows no key proves nothing', async () => {
    const [packed] = await pack(hello(), { keys: alice.keys, resolver: everybody, as: 'authcrypt(signed)' })
    const text = packed?.envelope ?? ''
    const rules = rulesOf({}, () => 0)
    const asked: string[] = []
    const publicKeys = (kid: string) => {
      asked.push(kid)
      return alice.jwks.some((jwk) => jwk.kid === kid) ? alice.method(kid.slice(alice.did.length + 1)) : undefined
    }
    expect((await open(text, { keys: bob.keys, publicKeys, rules })).proof.sender?.did).toBe(alice.did)
    expect(asked).toEqual([alice.key('agree-x25519-1').kid, alice.key('sign-ed25519-1').kid])
    expect(await outcomeOf(open(text, { keys: bob.keys, publicKeys: () => undefined, rules }))).toBe('ERR_TRUST_KEY HDR-12')
  })

  it('1PU-05, ES-02, KID-07: two recipients cannot be made to look like one whose kid is theirs joined', async () => {
    const { kid, jwk } = bob.method('agree-x25519-1')
    const others = [`${bob.did}#b`, `${bob.did}#c`]
    const { envelope } = await forgeJwe({ plaintext: hello(), recipients: [kid, ...others].map((one) => ({ kid: one, jwk })) })
    const opened = (recipients: object[]) =>
      outcomeOf(open({ ...envelope, recipients }, { keys: bob.keys, publicKeys: () => undefined, rules: rulesOf({}, () => 0) }))
    expect(await opened(envelope.recipients)).toBe('taken')
    const joined = { header: { kid: others.join('.') }, encrypted_key: envelope.recipients[1]?.encrypted_key }
    expect(await opened([...envelope.recipients.slice(0, 1), joined])).toBe('ERR_MALFORMED_ENVELOPE KID-07')
  })

  it.each([
    ['b', 'taken'],
    ['b%20c', 'taken'],
    ['b/c?d', 'taken'],
    ['b.c_d~e-f', 'taken'],
    ['b%2', 'ERR_MALFORMED_ENVELOPE KID-07'],
    ['b#c', 'ERR_MALFORMED_ENVELOPE KID-07'],
    ['b c', 'ERR_MALFORMED_ENVELOPE KID-07'],
    ['b\u00e9', 'ERR_MALFORMED_ENVELOPE KID-07'],
    ['b\u{1f600}c', 'ERR_MALFORMED_ENVELOPE KID-07'],
    ['b'.repeat(9000), 'ERR_MALFORMED_ENVELOPE KID-07'],
  ])('KID-07: the fragment %s among others, in order and out of order', async (fragment, expected) => {
    const { kid, jwk } = bob.method('agree-x25519-1')
    const kids = [kid, `${bob.did}#${fragment}`, `${bob.did}#c`]
    for (const order of [kids, [...kids].reverse()]) {
      const { envelope } = await forgeJwe({ plaintext: hello(), recipients: order.map((one) => ({ kid: one, jwk })) })
      const opened = open(envelope, { keys: bob.keys, publicKeys: () => undefined, rules: rulesOf({}, () => 0) })
      expect(await outcomeOf(opened)).toBe(expected)
    }
  })
})
