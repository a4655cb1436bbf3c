import { describe, expect, it } from 'vitest'
import { seal } from '../../../src/envelope/index.ts'
import { outcomeOf, receive } from '../../hostile/outcome.ts'
import { alice, bob, carol, hello, listedOn } from '../../parties.ts'

describe('seal', () => {
  it('ENC-01, ENC-03, HDR-09, SIG-01, SIG-05: with keys that are given: of one DID, on one curve, and those that the wrapping needs', async () => {
    const x25519 = listedOn(bob, 'X25519')
    const sealed = (options: object) => outcomeOf(seal(hello(), { keys: alice.keys, as: 'authcrypt', ...options }))
    const sender = alice.key('agree-x25519-1').kid
    const signer = alice.method('sign-ed25519-1')
    expect(await sealed({ recipients: x25519, sender })).toBe('taken')
    expect(await sealed({ recipients: [], sender })).toBe('ERR_USAGE_NO_RECIPIENT ENC-01')
    expect(await sealed({ recipients: [...x25519, ...listedOn(bob, 'P-256')], sender })).toBe('ERR_USAGE_NO_RECIPIENT ENC-01')
    expect(await sealed({ recipients: [...x25519, ...listedOn(carol, 'X25519')], sender })).toBe('ERR_USAGE_NO_RECIPIENT ENC-01')
    expect(await sealed({ recipients: x25519 })).toBe('ERR_USAGE_NO_SENDER HDR-09')
    expect(await sealed({ as: 'signed' })).toBe('ERR_USAGE_NO_KEY SIG-05')
    expect(await sealed({ as: 'signed', signer: alice.method('agree-x25519-1') })).toBe('ERR_USAGE_NO_KEY SIG-15')
    const envelope = await seal(hello(), { keys: alice.keys, as: 'authcrypt(signed)', recipients: x25519, sender, signer })
    expect((await receive(envelope)).proof.layers).toEqual(['authcrypt', 'signed'])
  })
})
