import { describe, expect, it } from 'vitest'
import { type PackOptions, pack, seal, type Wrapping } from '../../../src/envelope/index.ts'
import type { Plaintext } from '../../../src/message/index.ts'
import { outcomeOf, receive } from '../../hostile/outcome.ts'
import { alice, bob, carol, everybody, hello } from '../../parties.ts'

const base = { keys: alice.keys, resolver: everybody }
const of = (message: unknown, options: Partial<PackOptions> | object = {}) => outcomeOf(pack(message as Plaintext, { ...base, ...options }))

describe('what pack writes', () => {
  it('MED-03, MED-12, MED-13, ENC-04, ENC-06, ENC-07: authcrypt where there is a sender, else anoncrypt; each wrapping when asked', async () => {
    expect((await pack(hello(), base))[0]).toMatchObject({
      wrapping: 'authcrypt',
      to: bob.did,
      mediaType: 'application/didcomm-encrypted+json',
    })
    const { from: _, ...anonymous } = hello()
    // GEN-06: nobody is named, and it is taken.
    const [packed] = await pack(anonymous, base)
    expect([packed?.wrapping, (await receive(packed?.envelope ?? '')).proof.sender]).toEqual(['anoncrypt', undefined])
    for (const as of ['anoncrypt', 'authcrypt', 'anoncrypt(signed)', 'authcrypt(signed)', 'anoncrypt(authcrypt)'] as const) {
      const [one] = await pack(hello(), { ...base, as })
      expect([one?.wrapping, one?.mediaType, JSON.parse(one?.envelope ?? '').ciphertext !== undefined]).toEqual([
        as,
        'application/didcomm-encrypted+json',
        true,
      ])
    }
  })

  it('MED-01, MED-02, MED-04, MED-05, MED-06, HDR-20, DIF-08: media types, `typ` in each layer, `body` always', async () => {
    const { body: _, typ: __, ...bare } = hello()
    const [plain] = await pack(bare, { ...base, as: 'plaintext' })
    expect([plain?.mediaType, JSON.parse(plain?.envelope ?? '')]).toEqual([
      'application/didcomm-plain+json',
      { ...bare, typ: 'application/didcomm-plain+json', body: {} },
    ])
    const [signed] = await pack(bare, { ...base, as: 'signed' })
    expect(signed).toMatchObject({ mediaType: 'application/didcomm-signed+json', kids: [alice.key('sign-ed25519-1').kid], endpoints: [] })
    const header = (envelope: string): { typ: string } =>
      JSON.parse(
        atob(
          (JSON.parse(envelope) as { protected?: string; signatures?: { protected: string }[] }).protected ??
            JSON.parse(envelope).signatures[0].protected,
        ),
      )
    expect(header(signed?.envelope ?? '').typ).toBe('application/didcomm-signed+json')
    const [encrypted] = await pack(bare, base)
    expect(header(encrypted?.envelope ?? '').typ).toBe('application/didcomm-encrypted+json')
  })

  it('KID-05, SIG-03, SIG-04: `from` picks the key to encrypt with, `signBy` the one to sign with', async () => {
    const [packed] = await pack(hello(), {
      ...base,
      as: 'authcrypt(signed)',
      from: alice.key('agree-p-521-1').kid,
      signBy: alice.key('sign-secp256k1-1').kid,
    })
    const { proof } = await receive(packed?.envelope ?? '')
    expect([proof.sender?.kid, proof.signature?.kid, proof.evidence[1]]).toEqual([
      alice.key('agree-p-521-1').kid,
      alice.key('sign-secp256k1-1').kid,
      expect.objectContaining({ alg: 'ES256K' }),
    ])
  })

  it('HDR-09, ADR-01, MED-21: it writes the `from` that a key proves, and the `to` that a signature needs', async () => {
    const { from: _, to: __, ...bare } = hello()
    const [packed] = await pack(bare, { ...base, from: alice.did, to: bob.did, as: 'authcrypt(signed)' })
    expect((await receive(packed?.envelope ?? '')).message).toMatchObject({ from: alice.did, to: [bob.did] })
    const [anonymous] = await pack(bare, { ...base, from: alice.did, to: bob.did, as: 'anoncrypt' })
    expect((await receive(anonymous?.envelope ?? '')).message.from).toBeUndefined()
  })

  it('ENC-01, ENC-02: each DID once, however often it is named', async () => {
    expect((await pack(hello({ to: [bob.did, `${bob.did}/path`, carol.did, bob.did] }), base)).map(({ to }) => to)).toEqual([
      bob.did,
      carol.did,
    ])
  })
})

describe('what pack refuses', () => {
  it('MED-12, CEA-04, CEA-05, ENC-08: combinations that are none', async () => {
    for (const as of ['signed(anoncrypt)', 'anoncrypt(authcrypt(signed))', 'toString', 'constructor', ''])
      expect(await of(hello(), { as })).toBe('ERR_USAGE_WRAPPING MED-12')
    for (const enc of ['A256GCM', 'XC20P'])
      for (const as of ['authcrypt', 'authcrypt(signed)', undefined])
        expect(await of(hello(), { enc, as })).toBe('ERR_USAGE_WRAPPING CEA-04')
    for (const enc of ['A128CBC-HS256', 'toString']) expect(await of(hello(), { enc, as: 'anoncrypt' })).toBe('ERR_USAGE_WRAPPING CEA-05')
    await expect(seal(hello(), { as: 'toString' as Wrapping, keys: alice.keys })).rejects.toMatchObject({ code: 'ERR_USAGE_WRAPPING' })
  })

  it('HDR-04, HDR-05, ENC-01, ADR-02, D-02: nobody, nobody that is a DID, or somebody whom a signature does not name', async () => {
    const { to: _, ...toNobody } = hello()
    expect(await of(toNobody)).toBe('ERR_USAGE_NO_RECIPIENT ENC-01')
    expect(await of(toNobody, { to: [] })).toBe('ERR_USAGE_NO_RECIPIENT ENC-01')
    expect(await of(toNobody, { as: 'anoncrypt(signed)' })).toBe('ERR_USAGE_NO_RECIPIENT MED-21')
    expect(await of(hello({ to: bob.did as never }))).toBe('ERR_MALFORMED_MESSAGE HDR-04')
    expect(await of(hello({ to: [7 as never] }))).toBe('ERR_MALFORMED_MESSAGE HDR-05')
    for (const to of [7, [7], ['bob'], [undefined], [null], {}]) expect(await of(hello(), { to })).toBe('ERR_MALFORMED_DID HDR-05')
    for (const as of ['anoncrypt(signed)', 'authcrypt(signed)'])
      expect(await of(hello(), { as, to: carol.did })).toBe('ERR_USAGE_NO_RECIPIENT ADR-02')
    expect(await of(hello(), { to: carol.did })).toBe('taken')
  })

  it('HDR-09, HDR-11, ADR-01, ADR-03, SIG-05: a sender without keys, without name, or of another name', async () => {
    const { from: _, ...fromNobody } = hello()
    for (const as of ['authcrypt', 'signed']) expect(await of(fromNobody, { as })).toBe('ERR_USAGE_NO_SENDER HDR-09')
    expect(await of(hello(), { keys: bob.keys })).toBe('ERR_USAGE_NO_KEY HDR-11')
    expect(await of(hello(), { keys: bob.keys, as: 'signed' })).toBe('ERR_USAGE_NO_KEY SIG-04')
    expect(await of(hello({ from: carol.did }), { from: alice.did })).toBe('ERR_USAGE_NO_SENDER ADR-01')
    expect(await of(hello({ from: carol.did }), { from: alice.did, as: 'signed' })).toBe('ERR_USAGE_NO_SENDER ADR-03')
    expect(await of(hello(), { signBy: alice.key('agree-x25519-1').kid, as: 'signed' })).toBe('ERR_USAGE_NO_KEY SIG-04')
    expect(await of(hello(), { from: alice.key('sign-ed25519-1').kid })).toBe('ERR_USAGE_NO_KEY HDR-11')
  })

  it('HDR-01, HDR-03, HDR-16, PLN-01: messages that a receiver would refuse', async () => {
    for (const change of [
      { id: '' },
      { id: undefined },
      { type: 'hello' },
      { created_time: 1.5 },
      { body: [] },
      { from: `${alice.did}#key` },
      { body: { big: 1n } },
    ])
      expect(await of(hello(change as never), { from: alice.did })).toMatch(/^ERR_(MALFORMED_MESSAGE|USAGE_ARGUMENT)/)
  })
})
