import { describe, expect, it } from 'vitest'
import type { Did } from '../../../src/did/index.ts'
import { type LayerEvidence, rulesOf } from '../../../src/envelope/index.ts'
import { checkAddressing } from '../../../src/envelope/proof.ts'
import { outcomeOf } from '../../hostile/outcome.ts'
import { alice, bob, carol, hello } from '../../parties.ts'

const party = (did: Did) => ({ did, kid: `${did}#1` as const })
const anoncrypt: LayerEvidence = {
  layer: 'anoncrypt',
  alg: 'ECDH-ES+A256KW',
  enc: 'A256CBC-HS512',
  crv: 'X25519',
  kids: [`${bob.did}#1`],
  recipient: party(bob.did),
}
const authcrypt = (by: Did): LayerEvidence => ({ ...anoncrypt, layer: 'authcrypt', alg: 'ECDH-1PU+A256KW', sender: party(by) })
const signed = (by: Did): LayerEvidence => ({ layer: 'signed', alg: 'EdDSA', signer: party(by), jws: {} })
const { to: _, ...toNobody } = hello()
const { from: __, ...fromNobody } = hello()

describe('checkAddressing', () => {
  const check = async (message: object, layers: readonly LayerEvidence[], strict = false): Promise<string> => {
    let warnings: readonly { rule: string }[] = []
    const outcome = await outcomeOf(() => {
      warnings = checkAddressing(
        message as never,
        layers,
        rulesOf({ strict }, () => 0),
      )
    })
    return warnings.length > 0 ? `warned ${warnings.map(({ rule }) => rule).join(' ')}` : outcome
  }

  it('ADR-01, ADR-03, ADR-04, G-26, MED-15: who sends, who signs and `from` are one', async () => {
    expect(await check(hello(), [authcrypt(alice.did)])).toBe('taken')
    expect(await check(hello(), [authcrypt(carol.did)])).toBe('ERR_TRUST_ADDRESSING ADR-01')
    expect(await check(fromNobody, [authcrypt(alice.did)])).toBe('ERR_TRUST_ADDRESSING HDR-09')
    expect(await check(hello(), [anoncrypt, signed(carol.did)])).toBe('ERR_TRUST_ADDRESSING ADR-03')
    expect(await check(fromNobody, [signed(alice.did)])).toBe('ERR_TRUST_ADDRESSING ADR-03')
    for (const message of [hello(), hello({ from: carol.did })])
      expect(await check(message, [authcrypt(alice.did), signed(carol.did)])).toBe('ERR_TRUST_ADDRESSING MED-15')
    expect(await check(hello(), [anoncrypt, authcrypt(alice.did), signed(alice.did)])).toBe('taken')
    // Those outside of a forward are the mediator's.
    expect(await check(hello(), [])).toBe('taken')
  })

  it('ADR-02, HDR-06, HDR-07, MED-21, MED-22, MED-23, D-02: `to`', async () => {
    expect(await check(toNobody, [authcrypt(alice.did)])).toBe('taken')
    expect(await check(hello({ to: [carol.did] }), [anoncrypt])).toBe('warned HDR-07')
    expect(await check(hello({ to: [carol.did] }), [anoncrypt], true)).toBe('ERR_TRUST_ADDRESSING ADR-02')
    expect(await check(hello({ to: [] }), [anoncrypt])).toBe('warned HDR-07')
    expect(await check(hello({ to: [carol.did] }), [anoncrypt, signed(alice.did)])).toBe('ERR_TRUST_ADDRESSING ADR-02')
    expect(await check(toNobody, [anoncrypt, signed(alice.did)])).toBe('ERR_TRUST_ADDRESSING MED-22')
    expect(await check(toNobody, [signed(alice.did)])).toBe('warned MED-23')
    expect(await check(hello({ to: [carol.did, `${bob.did}/inbox?a=1`] }), [anoncrypt, signed(alice.did)])).toBe('taken')
  })
})
