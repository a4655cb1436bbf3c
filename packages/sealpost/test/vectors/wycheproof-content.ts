import { describe, expect, it } from 'vitest'
import cbcHs512 from '../../../../vectors/wycheproof/a256cbc_hs512_test.json' with { type: 'json' }
import cbc from '../../../../vectors/wycheproof/aes_cbc_pkcs5_test.json' with { type: 'json' }
import gcm from '../../../../vectors/wycheproof/aes_gcm_test.json' with { type: 'json' }
import xchacha from '../../../../vectors/wycheproof/xchacha20_poly1305_test.json' with { type: 'json' }
import { type ContentAlgorithm, contentAlgorithms } from '../../src/jose/algorithms.ts'
import type { Primitives } from '../../src/jose/primitives/primitives.ts'
import { asCharacters, deviations, fromHex, isTaken, outcomeOf, toHex, type Verdict } from './wycheproof-policy.ts'

type AeadCase = Verdict & Record<'key' | 'iv' | 'aad' | 'msg' | 'ct' | 'tag', string>
type Group = { readonly keySize: number; readonly ivSize: number; readonly tagSize: number; readonly tests: readonly AeadCase[] }

const inProfile = (enc: ContentAlgorithm, groups: readonly Group[]): AeadCase[] => {
  const { keyOctets, ivOctets, tagOctets } = contentAlgorithms[enc]
  const fitting = groups.filter(
    ({ keySize, ivSize, tagSize }) => keySize === keyOctets * 8 && ivSize === ivOctets * 8 && tagSize === tagOctets * 8,
  )
  return fitting.flatMap(({ tests }) => tests)
}

const files: readonly [ContentAlgorithm, { testGroups: readonly Group[] }, number][] = [
  ['A256CBC-HS512', cbcHs512, 94],
  ['A256GCM', gcm, 66],
  ['XC20P', xchacha, 306],
]

/** Holds content encryption to the policy. */
export function describeContent(name: string, backend: () => Primitives): void {
  const opened = (enc: ContentAlgorithm, { key, iv, aad, ct, tag }: AeadCase): Promise<string> =>
    outcomeOf(() => backend().decrypt(enc, fromHex(key), fromHex(iv), asCharacters(fromHex(aad)), fromHex(ct), fromHex(tag)))

  async function sealed(enc: ContentAlgorithm, { key, iv, aad, msg }: AeadCase): Promise<string> {
    const { ciphertext, tag } = await backend().encrypt(enc, fromHex(key), fromHex(iv), asCharacters(fromHex(aad)), fromHex(msg))
    return `${toHex(ciphertext)} ${toHex(tag)}`
  }

  describe(`Wycheproof, content encryption by ${name}`, () => {
    for (const [enc, { testGroups }, size] of files) {
      const cases = inProfile(enc, testGroups)

      it(`CEA-01, CEA-02, CEA-03, CEA-08: ${enc} opens what is valid, and refuses the rest`, async () => {
        expect(cases.length).toBe(size)
        expect(
          await deviations(
            cases,
            (testCase) => opened(enc, testCase),
            ({ msg }) => msg,
          ),
        ).toEqual([])
      })

      it(`CEA-01, CEA-02, CEA-03: ${enc} seals to the octets of the file`, async () => {
        expect(
          await deviations(
            cases.filter(isTaken),
            (testCase) => sealed(enc, testCase),
            ({ ct, tag }) => `${ct} ${tag}`,
          ),
        ).toEqual([])
      })

      it(`CEA-07: ${enc} refuses a tag that is cut, empty, or borrows octets of the ciphertext`, async () => {
        const { tagOctets } = contentAlgorithms[enc]
        for (const valid of cases.filter((testCase) => isTaken(testCase) && testCase.ct.length >= 32).slice(0, 8)) {
          for (const octets of [0, 1, 8, 12, tagOctets / 2, tagOctets - 1]) {
            expect(await opened(enc, { ...valid, tag: valid.tag.slice(0, 2 * octets) })).toBe('refused')
            const moved = { ...valid, ct: valid.ct + valid.tag.slice(0, -2 * octets), tag: valid.tag.slice(-2 * octets) }
            if (octets > 0) expect(await opened(enc, moved)).toBe('refused')
          }
          expect(await opened(enc, { ...valid, ct: valid.ct.slice(0, -2), tag: valid.ct.slice(-2) + valid.tag })).toBe('refused')
        }
      })
    }

    it('CEA-05: A256GCM has no keys of 128 and 192 bits', async () => {
      const short = gcm.testGroups.filter(({ keySize, ivSize }) => keySize !== 256 && ivSize === 96).flatMap(({ tests }) => tests)
      expect(short.length).toBe(131)
      for (const testCase of short) expect(await opened('A256GCM', testCase)).toBe('refused')
    })
  })

  describe(`Wycheproof, AES-CBC inside of A256CBC-HS512 by ${name}`, () => {
    const cases = cbc.testGroups.filter(({ keySize }) => keySize === 256).flatMap(({ tests }) => tests)
    const macKey = new Uint8Array(32).fill(7)
    const keyOf = (hex: string): Uint8Array => Uint8Array.of(...macKey, ...fromHex(hex))

    /** The tag that A256CBC-HS512 has for these octets with no AAD, whatever their padding is. */
    async function tagOf(iv: string, ct: string): Promise<Uint8Array> {
      const key = await crypto.subtle.importKey('raw', macKey, { name: 'HMAC', hash: 'SHA-512' }, false, ['sign'])
      return new Uint8Array(await crypto.subtle.sign('HMAC', key, fromHex(`${iv}${ct}0000000000000000`)), 0, 32)
    }

    it('CEA-01, CEA-08: with a right tag, right padding is taken off and wrong padding is refused', async () => {
      expect(cases.length).toBe(72)
      const run = ({ key, iv, ct }: (typeof cases)[number]): Promise<string> =>
        outcomeOf(async () => backend().decrypt('A256CBC-HS512', keyOf(key), fromHex(iv), '', fromHex(ct), await tagOf(iv, ct)))
      expect(await deviations(cases, run, ({ msg }) => msg)).toEqual([])
    })
  })
}
