import { expect, it } from 'vitest'
import { defaultLimits, rulesOf } from '../../../src/envelope/index.ts'
import { forgeJwe } from '../../hostile/forge.ts'
import { outcome, receive } from '../../hostile/outcome.ts'
import { bob, hello } from '../../parties.ts'

it('MED-16, MED-20, D-01: by default all but plaintext is taken; the strict take no three layers', () => {
  const { wrappings } = rulesOf({}, () => 7)
  expect(wrappings).toEqual([
    'signed',
    'anoncrypt',
    'authcrypt',
    'anoncrypt(signed)',
    'authcrypt(signed)',
    'anoncrypt(authcrypt)',
    'anoncrypt(authcrypt(signed))',
  ])
  expect(rulesOf({ strict: true }, () => 7).wrappings).toEqual(wrappings.slice(0, -1))
  expect(rulesOf({ strict: true, wrappings: ['plaintext'] }, () => 7).wrappings).toEqual(['plaintext'])
})

it('JOSE-05, HDR-18: limits one by one, and one time for a message', () => {
  expect(rulesOf({ limits: { maxDepth: 3 } }, () => 7)).toMatchObject({
    limits: { ...defaultLimits, maxDepth: 3 },
    now: 7,
    strict: false,
    clockSkewSeconds: 600,
  })
  expect(rulesOf({ nowSeconds: () => 9 }, () => 7).now).toBe(9)
})

it('HDR-18, D-07, HDR-16: expired messages are taken and say so; times of the future are warned of', async () => {
  const of = async (more: object, nowSeconds: number) => {
    const { envelope } = await forgeJwe({ plaintext: hello(more), recipients: [bob.method('agree-x25519-1')] })
    const { proof } = await receive(envelope, { policy: { nowSeconds: () => nowSeconds } })
    return [proof.expired, proof.warnings.map(({ rule }) => rule)]
  }
  expect(await of({ expires_time: 100 }, 100)).toEqual([true, []])
  expect(await of({ expires_time: 100 }, 99)).toEqual([false, []])
  expect(await of({}, 2 ** 40)).toEqual([false, []])
  expect(await of({ created_time: 1000 }, 399)).toEqual([false, ['HDR-16']])
  expect(await of({ created_time: 1000 }, 400)).toEqual([false, []])
})

it('CEA-02, D-03: the receiver chooses content encryptions, and the strict take short ids alone', async () => {
  const recipients = [bob.method('agree-x25519-1')]
  const { envelope } = await forgeJwe({ plaintext: hello(), recipients, enc: 'A256GCM' })
  expect(await outcome(envelope, { policy: { encs: ['A256CBC-HS512', 'XC20P'] } })).toBe('ERR_TRUST_POLICY CEA-02')
  expect(await outcome(envelope, { policy: { encs: ['A256GCM'] } })).toBe('taken')
  const uuid = await forgeJwe({ plaintext: hello({ id: '0f0c9a2e-5b7d-4b0e-9d0a-3f5c2b1a0d9e' }), recipients })
  expect([await outcome(uuid.envelope), await outcome(uuid.envelope, { policy: { strict: true } })]).toEqual([
    'taken',
    'ERR_MALFORMED_MESSAGE THR-02',
  ])
})
