import { describe, expect, it } from 'vitest'
import es256k from '../../../../vectors/wycheproof/ecdsa_secp256k1_sha256_p1363_test.json' with { type: 'json' }
import es256 from '../../../../vectors/wycheproof/ecdsa_secp256r1_sha256_p1363_test.json' with { type: 'json' }
import ed25519 from '../../../../vectors/wycheproof/ed25519_test.json' with { type: 'json' }
import { encodeBase64url } from '../../src/bytes/base64url.ts'
import type { SignatureAlgorithm } from '../../src/jose/algorithms.ts'
import { checkPublicJwk } from '../../src/jose/jwk.ts'
import type { Primitives, PublicJwk } from '../../src/jose/primitives/primitives.ts'
import { deviations, fromHex, type Verdict } from './wycheproof-policy.ts'

type Group = {
  readonly publicKeyJwk?: object
  readonly publicKey: { readonly curve: string; readonly uncompressed?: string }
  readonly tests: readonly (Verdict & { readonly msg: string; readonly sig: string })[]
}

/** The public key of a group: a few have no JWK, and a point alone. */
function jwkOf({ publicKeyJwk, publicKey: { curve, uncompressed = '' } }: Group): PublicJwk {
  const [x, y] = [uncompressed.slice(2, 66), uncompressed.slice(66)].map((hex) => encodeBase64url(fromHex(hex)))
  return checkPublicJwk(publicKeyJwk ?? { kty: 'EC', crv: curve === 'secp256r1' ? 'P-256' : curve, x, y })
}

const count = (groups: readonly Group[]): number => groups.reduce((sum, { tests }) => sum + tests.length, 0)

/** Holds signatures to the policy. */
export function describeSignatures(name: string, backend: () => Primitives): void {
  async function deviationsOf(alg: SignatureAlgorithm, groups: readonly Group[]): Promise<string[]> {
    const found: string[] = []
    for (const group of groups) {
      const { tests } = group
      const key = await backend().importPublicKey(jwkOf(group), 'sign')
      const run = async ({ msg, sig }: (typeof tests)[number]): Promise<string> =>
        (await backend().verify(alg, key, fromHex(msg), fromHex(sig))) ? 'verified' : 'refused'
      found.push(...(await deviations(tests, run, () => 'verified')))
    }
    return found
  }

  describe(`Wycheproof, signatures by ${name}`, () => {
    it('SIG-02, SIG-19: EdDSA is verified strictly', { timeout: 60_000 }, async () => {
      expect(count(ed25519.testGroups)).toBe(ed25519.numberOfTests)
      expect(await deviationsOf('EdDSA', ed25519.testGroups)).toEqual([])
    })

    it('SIG-02, SIG-16, SIG-19: ES256 is r || s of 64 octets, with the higher s too', { timeout: 60_000 }, async () => {
      expect(count(es256.testGroups)).toBe(es256.numberOfTests)
      expect(await deviationsOf('ES256', es256.testGroups)).toEqual([])
    })

    it('SIG-02, SIG-16, SIG-19: ES256K is r || s of 64 octets, with the higher s too', { timeout: 60_000 }, async () => {
      expect(count(es256k.testGroups)).toBe(es256k.numberOfTests)
      expect(await deviationsOf('ES256K', es256k.testGroups)).toEqual([])
    })
  })
}
