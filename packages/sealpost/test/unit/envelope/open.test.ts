import { describe, expect, it } from 'vitest'
import { open, pack, rulesOf } from '../../../src/envelope/index.ts'
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
})
