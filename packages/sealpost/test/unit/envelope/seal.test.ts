import { describe, expect, it } from 'vitest'
import { pack, seal } from '../../../src/envelope/index.ts'
import { outcomeOf, receive } from '../../hostile/outcome.ts'
import { alice, bob, carol, everybody, hello, listedOn } from '../../parties.ts'

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

  it('PLN-02, JOSE-05: what is deeper than a receiver takes is not sent', async () => {
    const nested = (levels: number, innermost: unknown = 1): unknown => {
      let value = innermost
      for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value }
      return value
    }
    const recipients = listedOn(bob, 'X25519')
    const ways = [
      (body: Record<string, unknown>) =>
        pack(hello({ body }), { keys: alice.keys, resolver: everybody }).then(([packed]) => packed?.envelope ?? ''),
      (body: Record<string, unknown>) => seal(hello({ body }), { as: 'anoncrypt', keys: alice.keys, recipients }),
    ]
    for (const way of ways) {
      // The message and its body are two levels.
      expect(await outcomeOf(way({ a: nested(62) }).then((envelope) => receive(envelope)))).toBe('taken')
      expect(await outcomeOf(way({ a: nested(63) }))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
      expect(await outcomeOf(way({ a: 'b', c: [1, { d: null }, nested(62)] }))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
      expect(await outcomeOf(way({ a: nested(100_000) }))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
      // What is written counts, not what it is written from.
      expect(await outcomeOf(way({ a: nested(62, { toJSON: () => [1] }) }))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
      expect(await outcomeOf(way({ a: nested(62, new Date(0)) }))).toBe('taken')
      expect(await outcomeOf(way({ a: nested(61, { toJSON: () => [1] }) }))).toBe('taken')
    }
  })

  it('HDR-16, HDR-17: milliseconds in place of seconds are not sent', async () => {
    const recipients = listedOn(bob, 'X25519')
    const sealed = (change: object) => outcomeOf(seal(hello(change), { as: 'anoncrypt', keys: alice.keys, recipients }))
    const now = 1_700_000_000_000
    expect(await sealed({ created_time: now })).toBe('ERR_MALFORMED_MESSAGE HDR-16')
    expect(await sealed({ created_time: now, expires_time: now / 1000 })).toBe('ERR_MALFORMED_MESSAGE HDR-16')
    expect(await sealed({ expires_time: now })).toBe('ERR_MALFORMED_MESSAGE HDR-17')
    expect(await sealed({ created_time: now / 1000, expires_time: 99_999_999_999 })).toBe('taken')
    await expect(pack(hello({ created_time: now }), { keys: alice.keys, resolver: everybody })).rejects.toThrow(
      'expected `created_time` to be UTC epoch seconds, found 1700000000000, beyond the year 5000: if it is milliseconds, divide by 1,000',
    )
  })
})
