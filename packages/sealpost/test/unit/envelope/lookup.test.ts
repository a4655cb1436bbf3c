import { describe, expect, it } from 'vitest'
import { lookupOf, ownKeys } from '../../../src/envelope/lookup.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice, bob, resolverWith } from '../../parties.ts'

describe('lookup', () => {
  it('SEC-27, K13, KID-04: one resolution for a DID, one more where it does not list the key', async () => {
    const resolver = resolverWith()
    const { publicKeys } = lookupOf(resolver, 8)
    const { kid } = alice.key('agree-x25519-1')
    expect((await publicKeys(kid, 'keyAgreement'))?.kid).toBe(kid)
    await publicKeys(alice.key('agree-p-256-1').kid, 'keyAgreement')
    expect(resolver.asked).toEqual([alice.did])
    expect(await publicKeys(kid, 'authentication')).toBeUndefined()
    expect(resolver.asked).toEqual([alice.did, alice.did])
    expect(await outcomeOf(() => lookupOf(resolver, 1).publicKeys(kid, 'authentication'))).toBe('ERR_MALFORMED_LIMIT SEC-27')
  })
})

describe('ownKeys', () => {
  it('KID-01, HDR-11, SIG-04, KID-09: keys that the document lists and the port holds; by a DID URL, that one alone', async () => {
    const lookup = lookupOf(resolverWith(), 8)
    const kids = async (...args: Parameters<typeof ownKeys>) => (await ownKeys(...args)).map(({ kid }) => kid)
    expect(await kids(alice.did, 'authentication', alice.keys, lookup)).toEqual(
      alice.jwks.filter(({ kid }) => kid.includes('#sign-')).map(({ kid }) => kid),
    )
    const { kid } = alice.key('agree-p-384-1')
    expect(await kids(kid, 'keyAgreement', alice.keys, lookup)).toEqual([kid])
    expect(await outcomeOf(ownKeys(kid, 'authentication', alice.keys, lookup))).toBe('ERR_USAGE_NO_KEY SIG-04')
    expect(await outcomeOf(ownKeys(alice.did, 'keyAgreement', bob.keys, lookup))).toBe('ERR_USAGE_NO_KEY HDR-11')
    expect(await outcomeOf(ownKeys('alice' as never, 'keyAgreement', alice.keys, lookup))).toBe('ERR_MALFORMED_DID')
  })
})
