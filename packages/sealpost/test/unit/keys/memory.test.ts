import { afterEach, describe, expect, it, vi } from 'vitest'
import { primitives } from '#primitives'
import type { DidUrl } from '../../../src/did/index.ts'
import { generateKey } from '../../../src/jose/index.ts'
import { memoryKeys } from '../../../src/keys/memory.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice, bob } from '../../parties.ts'

afterEach(() => vi.restoreAllMocks())

describe('memoryKeys', () => {
  it('KID-09, KID-07: each key has a kid of its own that is a DID URL with a fragment', async () => {
    const jwk = await generateKey('X25519')
    const of = (...kids: unknown[]) => outcomeOf(() => memoryKeys(kids.map((kid) => ({ ...jwk, kid: kid as string }))))
    expect(await of('did:example:a#1')).toBe('taken')
    expect(await of('did:example:a#1', 'did:example:a#1')).toBe('ERR_USAGE_ARGUMENT KID-09')
    expect(await of('did:example:a')).toBe('ERR_USAGE_ARGUMENT KID-09')
    expect(await of(undefined)).toBe('ERR_USAGE_ARGUMENT KID-09')
    expect(await of('key-1')).toBe('ERR_MALFORMED_DID')
  })

  it('JOSE-07: it tells what it holds in the order that was asked', async () => {
    const kids: DidUrl[] = ['did:example:x#1', alice.key('sign-ed25519-1').kid, alice.key('agree-x25519-1').kid]
    expect(await alice.keys.held(kids)).toEqual(kids.slice(1))
    expect(await alice.keys.held([])).toEqual([])
  })

  it('CRV-09, SIG-15: keys of other curves and uses, and keys that are not held', async () => {
    const kid = alice.key('agree-x25519-1').kid
    expect(await outcomeOf(() => alice.keys.agree(kid, bob.method('agree-p-256-1').jwk, false))).toBe('ERR_MALFORMED_KEY CRV-09')
    expect(await outcomeOf(() => alice.keys.agree('did:example:x#1', bob.method('agree-x25519-1').jwk, false))).toBe('ERR_USAGE_NO_KEY')
    expect(await outcomeOf(() => alice.keys.sign(kid, new Uint8Array(1)))).toBe('ERR_USAGE_NO_KEY SIG-15')
    expect(await outcomeOf(() => alice.keys.sign('did:example:x#1', new Uint8Array(1)))).toBe('ERR_USAGE_NO_KEY')
  })

  it('CEA-06: the secret between static keys is kept, one with an ephemeral key never, and none where that is switched off', async () => {
    const agree = vi.spyOn(primitives, 'agree')
    const { kid } = alice.key('agree-x25519-1')
    const theirs = bob.method('agree-x25519-1').jwk
    for (const [options, lasting, calls] of [
      [{}, true, 1],
      [{}, false, 3],
      [{ keepSecrets: false }, true, 3],
    ] as const) {
      const keys = memoryKeys(alice.jwks, options)
      agree.mockClear()
      const secrets: string[] = []
      for (let i = 0; i < 3; i++) secrets.push(String(await keys.agree(kid, theirs, lasting)))
      expect([new Set(secrets).size, agree.mock.calls.length]).toEqual([1, calls])
    }
  })

  it('CRV-06: both sides have one secret, of the octets of the curve', async () => {
    for (const [label, octets] of [
      ['agree-x25519-1', 32],
      ['agree-p-256-1', 32],
      ['agree-p-384-1', 48],
      ['agree-p-521-1', 66],
    ] as const) {
      const [one, other] = [
        await alice.keys.agree(alice.key(label).kid, bob.method(label).jwk, true),
        await bob.keys.agree(bob.key(label).kid, alice.method(label).jwk, false),
      ]
      expect([[...one], one.length]).toEqual([[...other], octets])
    }
  })
})
