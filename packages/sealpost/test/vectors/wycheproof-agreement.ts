import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import p256 from '../../../../vectors/wycheproof/ecdh_secp256r1_webcrypto_test.json' with { type: 'json' }
import p384 from '../../../../vectors/wycheproof/ecdh_secp384r1_webcrypto_test.json' with { type: 'json' }
import p521 from '../../../../vectors/wycheproof/ecdh_secp521r1_webcrypto_test.json' with { type: 'json' }
import x25519Jwk from '../../../../vectors/wycheproof/x25519_jwk_test.json' with { type: 'json' }
import x25519Raw from '../../../../vectors/wycheproof/x25519_test.json' with { type: 'json' }
import { encodeBase64url } from '../../src/bytes/base64url.ts'
import { checkPrivateJwk, checkPublicJwk } from '../../src/jose/jwk.ts'
import type { Primitives, PrivateJwk, PublicJwk } from '../../src/jose/primitives/primitives.ts'
import { deviations, fromHex, outcomeOf, type Verdict } from './wycheproof-policy.ts'

type JwkCase = Verdict & { readonly public: object; readonly private: object; readonly shared: string }

const casesOf = <Case>({ testGroups }: { testGroups: readonly { tests: readonly Case[] }[] }): Case[] =>
  testGroups.flatMap(({ tests }) => tests)

/**
 * Holds key agreement to the policy.
 *
 * @param step - of the valid cases of the curves of NIST, one of this many is run: in JavaScript each takes milliseconds
 */
export function describeAgreement(name: string, backend: () => Primitives, step = 1): void {
  async function agreeOn(privateJwk: PrivateJwk, publicJwk: PublicJwk): Promise<Uint8Array> {
    const privateKey = await backend().importPrivateKey(privateJwk, 'agree')
    return backend().agree(privateKey, await backend().importPublicKey(publicJwk, 'agree'))
  }

  const agreeAsJwk = (testCase: JwkCase): Promise<string> =>
    outcomeOf(() => agreeOn(checkPrivateJwk(testCase.private), checkPublicJwk(testCase.public)))

  describe(`Wycheproof, key agreement by ${name}`, () => {
    it('CRV-01, CRV-04: X25519 gives the exact secret of all 518 raw cases, and refuses a secret of zeros', {
      timeout: 60_000,
    }, async () => {
      const cases = casesOf(x25519Raw)
      const run = (testCase: (typeof cases)[number]): Promise<string> =>
        outcomeOf(() => {
          const d = fromHex(testCase.private)
          const own = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(x25519.getPublicKey(d)), d: encodeBase64url(d) } as const
          return agreeOn(own, { kty: 'OKP', crv: 'X25519', x: encodeBase64url(fromHex(testCase.public)) })
        })
      expect(cases.length).toBe(x25519Raw.numberOfTests)
      expect(await deviations(cases, run, ({ shared }) => shared)).toEqual([])
    })

    it('CRV-01, CRV-04, CRV-07: X25519 by JWK; keys of another curve or key type are refused', { timeout: 60_000 }, async () => {
      const cases = casesOf<JwkCase>(x25519Jwk)
      expect(cases.length).toBe(x25519Jwk.numberOfTests)
      expect(await deviations(cases, agreeAsJwk, ({ shared }) => shared)).toEqual([])
    })

    const files = { 'P-256': p256, 'P-384': p384, 'P-521': p521 }
    for (const [crv, file] of Object.entries(files)) {
      const cases = casesOf<JwkCase>(file)
      const chosen = cases.filter(({ result, tcId }) => result !== 'valid' || tcId % step === 0)

      it(`CRV-01, CRV-03, CRV-05, CRV-06: ${crv} gives the exact secret, and refuses points off the curve`, {
        timeout: 60_000,
      }, async () => {
        expect(cases.length).toBe(file.numberOfTests)
        expect(await deviations(chosen, agreeAsJwk, ({ shared }) => shared)).toEqual([])
      })

      it(`CRV-03: the primitives refuse points off ${crv} even where nobody has looked at them`, async () => {
        const off = cases.filter((testCase) => testCase.result === 'invalid' && 'crv' in testCase.public && testCase.public.crv === crv)
        expect(off.length).toBeGreaterThanOrEqual(16)
        const unchecked = (testCase: JwkCase): Promise<string> =>
          outcomeOf(() => agreeOn(checkPrivateJwk(testCase.private), testCase.public as PublicJwk))
        expect(await deviations(off, unchecked, ({ shared }) => shared)).toEqual([])
      })
    }
  })
}
