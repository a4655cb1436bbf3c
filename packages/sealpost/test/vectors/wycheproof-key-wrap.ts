import { describe, expect, it } from 'vitest'
import keyWrap from '../../../../vectors/wycheproof/aes_wrap_test.json' with { type: 'json' }
import type { Primitives } from '../../src/jose/primitives/primitives.ts'
import { deviations, fromHex, isTaken, outcomeOf } from './wycheproof-policy.ts'

const ofSize = (fits: (keySize: number) => boolean) =>
  keyWrap.testGroups.filter(({ keySize }) => fits(keySize)).flatMap(({ tests }) => tests)

/** Holds key wrapping to the policy. */
export function describeKeyWrap(name: string, backend: () => Primitives): void {
  describe(`Wycheproof, AES Key Wrap by ${name}`, () => {
    const cases = ofSize((keySize) => keySize === 256)
    const others = ofSize((keySize) => keySize !== 256)
    const unwrap = ({ key, ct }: (typeof cases)[number]): Promise<string> => outcomeOf(() => backend().unwrapKey(fromHex(key), fromHex(ct)))
    const wrap = ({ key, msg }: (typeof cases)[number]): Promise<string> => outcomeOf(() => backend().wrapKey(fromHex(key), fromHex(msg)))

    it('KWA-07: A256KW unwraps what is valid, and refuses the rest', async () => {
      expect(cases.length).toBe(68)
      expect(await deviations(cases, unwrap, ({ msg }) => msg)).toEqual([])
    })

    it('KWA-07: A256KW wraps to the octets of the file', async () => {
      expect(await deviations(cases.filter(isTaken), wrap, ({ ct }) => ct)).toEqual([])
    })

    it('KWA-01: keys of 128 and 192 bits wrap and unwrap nothing', async () => {
      expect(others.length).toBe(97)
      for (const testCase of others) {
        expect(await unwrap(testCase)).toBe('refused')
        expect(await wrap(testCase)).toBe('refused')
      }
    })
  })
}
