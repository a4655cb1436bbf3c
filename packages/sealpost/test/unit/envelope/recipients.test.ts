import { describe, expect, it } from 'vitest'
import { encodeBase64url } from '../../../src/bytes/base64url.ts'
import { apvOf, chooseCurve } from '../../../src/envelope/index.ts'
import { audienceOf } from '../../../src/envelope/recipients.ts'
import { apvOfKids } from '../../hostile/forge.ts'
import { alice, bob, carol, listedOn } from '../../parties.ts'

describe('apv', () => {
  it('1PU-05, ES-02, G-01, G-02: kids in the order of their octets, whatever order they came in', async () => {
    const kids = [
      'did:example:b#key-10',
      'did:example:b#key-2',
      'did:example:b#Key-3',
      'did:example:b#_',
      'did:example:b#é'.normalize('NFD').slice(0, 15),
    ]
    const expected = encodeBase64url(await apvOfKids(kids))
    for (const order of [kids, [...kids].reverse(), [...kids].sort()]) expect(encodeBase64url(await apvOf(order))).toBe(expected)
    expect(encodeBase64url(await apvOf(kids.slice(1)))).not.toBe(expected)
  })
})

describe('chooseCurve', () => {
  const on = (...curves: readonly ('X25519' | 'P-256' | 'P-384' | 'P-521')[]) => curves.flatMap((crv) => listedOn(bob, crv))

  it('CRV-01, CRV-02, ENC-03, G-49: X25519 before P-384 before P-256 before P-521', () => {
    expect(chooseCurve(on('P-521', 'P-256', 'P-384', 'X25519'))).toBe('X25519')
    expect(chooseCurve(on('P-521', 'P-256', 'P-384'))).toBe('P-384')
    expect(chooseCurve(on('P-521', 'P-256'))).toBe('P-256')
    expect(chooseCurve(on('P-521'))).toBe('P-521')
  })

  it('KID-01, G-48: one that both have; none is an error that says what to do', () => {
    expect(chooseCurve(on('P-384', 'P-256', 'P-521'), listedOn(carol, 'P-256'))).toBe('P-256')
    expect(() => chooseCurve(on('P-384'), listedOn(carol, 'X25519'))).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED_CURVE' }))
    expect(() => chooseCurve([], listedOn(alice, 'X25519'))).toThrow(expect.objectContaining({ code: 'ERR_UNSUPPORTED_CURVE' }))
  })
})

it('KID-02, DOC-01, ENC-03: all keys of the curve, and none of another', async () => {
  const keys = (['P-256', 'X25519', 'P-521'] as const).flatMap((crv) => listedOn(bob, crv))
  for (const crv of ['P-256', 'X25519', 'P-521'] as const) {
    // Twice, and frozen, because it is remembered.
    for (const list of [keys, Object.freeze([...keys]), Object.freeze([...keys])]) {
      const { recipients, apv } = await audienceOf(list, crv)
      expect(recipients.map(({ kid }) => kid)).toEqual(
        listedOn(bob, crv)
          .map(({ kid }) => kid)
          .sort(),
      )
      expect(encodeBase64url(apv)).toBe(encodeBase64url(await apvOfKids(recipients.map(({ kid }) => kid))))
    }
  }
})
