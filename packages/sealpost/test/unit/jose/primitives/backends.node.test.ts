import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { encodeBase64url } from '../../../../src/bytes/base64url.ts'
import {
  agreementCurves,
  type ContentAlgorithm,
  type Curve,
  contentAlgorithms,
  curves,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from '../../../../src/jose/algorithms.ts'
import { checkPrivateJwk, checkPublicJwk, publicJwkOf } from '../../../../src/jose/jwk.ts'
import { primitives as node } from '../../../../src/jose/primitives/node.ts'
import type { Primitives, PrivateJwk, PublicJwk } from '../../../../src/jose/primitives/primitives.ts'
import { fromHex, outcomeOf, toHex } from '../../../vectors/wycheproof-policy.ts'
import { bareCrypto } from './bare-crypto.ts'

const backends: readonly (readonly [string, () => Crypto | undefined])[] = [
  ['WebCrypto', () => undefined],
  ['a WebCrypto without curves', bareCrypto],
]

const octets = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })
const anyOctets = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })
const ascii = fc.string({ unit: fc.constantFrom(...'ABCxyz019-_.'), maxLength: 80 })
const encs = Object.keys(contentAlgorithms) as ContentAlgorithm[]
const algs = Object.keys(signatureAlgorithms) as SignatureAlgorithm[]
const crvs = Object.keys(curves) as Curve[]

const isAgreement = (crv: Curve): boolean => (agreementCurves as readonly string[]).includes(crv)
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((octet, i) => (i === at % bytes.length ? octet ^ 1 : octet))

for (const [name, cryptoOf] of backends) {
  describe(`node:crypto and ${name}`, { timeout: 60_000 }, () => {
    let web: Primitives
    let both: readonly Primitives[]
    beforeAll(async () => {
      const stub = cryptoOf()
      if (stub !== undefined) vi.stubGlobal('crypto', stub)
      vi.resetModules()
      web = (await import('../../../../src/jose/primitives/web.ts')).primitives
      both = [node, web]
    })
    afterAll(() => {
      vi.unstubAllGlobals()
    })

    /** Runs on both backends, and expects the same octets or the same refusal. */
    async function same(run: (backend: Primitives) => Uint8Array | Promise<Uint8Array>): Promise<string> {
      const [first, second] = [await outcomeOf(() => run(node)), await outcomeOf(() => run(web))]
      expect(second).toBe(first)
      return first
    }

    const agreeOn = async (backend: Primitives, mine: PrivateJwk, theirs: PublicJwk): Promise<Uint8Array> =>
      backend.agree(await backend.importPrivateKey(mine, 'agree'), await backend.importPublicKey(theirs, 'agree'))

    const verifyOn = async (backend: Primitives, alg: SignatureAlgorithm, key: PublicJwk, data: Uint8Array, signature: Uint8Array) =>
      backend.verify(alg, await backend.importPublicKey(key, 'sign'), data, signature)

    it('PLN-02: hash alike, and give as many random octets as they are asked for', async () => {
      await fc.assert(
        fc.asyncProperty(anyOctets(300), async (data) => {
          expect(await same((backend) => backend.sha256(data))).toHaveLength(64)
        }),
        { numRuns: 30 },
      )
      // What is long is hashed by another way than what is short.
      for (const length of [1023, 1024, 1025, 5000])
        expect(await same((backend) => backend.sha256(new Uint8Array(length).fill(7)))).toHaveLength(64)
      for (const backend of both) {
        for (const length of [0, 1, 64, 257, 65_537, 200_000]) expect(backend.randomBytes(length)).toHaveLength(length)
        expect(toHex(backend.randomBytes(32))).not.toBe(toHex(backend.randomBytes(32)))
        // The last chunk is filled too.
        expect(
          backend
            .randomBytes(70_000)
            .subarray(-32)
            .some((octet) => octet !== 0),
        ).toBe(true)
      }
    })

    for (const crv of crvs) {
      it(`CRV-05: make keys of ${crv} that both take, with coordinates of full length`, async () => {
        for (const maker of both) {
          for (let i = 0; i < 4; i++) {
            const jwk = await maker.generatePrivateJwk(crv)
            expect(checkPrivateJwk(jwk)).toEqual(jwk)
            for (const user of both) {
              await user.importPrivateKey(jwk, isAgreement(crv) ? 'agree' : 'sign')
              await user.importPublicKey(publicJwkOf(jwk), isAgreement(crv) ? 'agree' : 'sign')
            }
          }
        }
      })
    }

    for (const crv of agreementCurves) {
      it(`CRV-01, CRV-06: agree alike on ${crv}, with ephemeral keys too`, async () => {
        for (let i = 0; i < 4; i++) {
          const [a, b] = [await node.generatePrivateJwk(crv), await web.generatePrivateJwk(crv)]
          const secret = await same((backend) => agreeOn(backend, a, publicJwkOf(b)))
          expect(secret).toHaveLength(2 * curves[crv].octets)
          expect(await same((backend) => agreeOn(backend, b, publicJwkOf(a)))).toBe(secret)
          for (const maker of both) {
            const { publicJwk, privateKey } = await maker.generateEphemeralKey(crv)
            expect(checkPublicJwk(publicJwk)).toEqual(publicJwk)
            const mine = await maker.agree(privateKey, await maker.importPublicKey(publicJwkOf(a), 'agree'))
            expect(await same((backend) => agreeOn(backend, a, publicJwk))).toBe(toHex(mine))
          }
        }
      })
    }

    it('CRV-04: read every 32 octets as the same key of X25519, or refuse them alike', async () => {
      const own = await node.generatePrivateJwk('X25519')
      const lowOrder = ['00'.repeat(32), `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(31)}`]
      for (const hex of lowOrder) {
        const theirs = { kty: 'OKP', crv: 'X25519', x: encodeBase64url(fromHex(hex)) } as const
        expect(await same((backend) => agreeOn(backend, own, theirs))).toBe('refused')
      }
      await fc.assert(
        fc.asyncProperty(octets(32), async (x) => {
          await same((backend) => agreeOn(backend, own, { kty: 'OKP', crv: 'X25519', x: encodeBase64url(x) }))
        }),
        { numRuns: 40 },
      )
    })

    it('CRV-03, CRV-05, G-11: refuse points off the curve and coordinates of other lengths', async () => {
      for (const crv of ['P-256', 'P-384', 'P-521'] as const) {
        const { octets: length } = curves[crv]
        const own = await node.generatePrivateJwk(crv)
        const sound = publicJwkOf(await node.generatePrivateJwk(crv))
        await fc.assert(
          fc.asyncProperty(octets(length), octets(length), async (x, y) => {
            const theirs = { kty: 'EC', crv, x: encodeBase64url(x), y: encodeBase64url(y) } as const
            expect(await same((backend) => agreeOn(backend, own, theirs))).toBe('refused')
          }),
          { numRuns: 10 },
        )
        for (const wrong of [sound.x.slice(4), `AAAA${sound.x}`, '']) {
          expect(await same((backend) => agreeOn(backend, own, { ...sound, x: wrong }))).toBe('refused')
        }
      }
    })

    it('CRV-05: refuse the halves of two keys, whichever were imported before, and take a key that was imported before', async () => {
      for (const crv of ['X25519', 'P-256', 'P-521'] as const) {
        const [mine, other] = [await node.generatePrivateJwk(crv), await node.generatePrivateJwk(crv)]
        const agreed = await same((backend) => agreeOn(backend, mine, publicJwkOf(other)))
        expect(await same((backend) => agreeOn(backend, { ...mine }, publicJwkOf(other)))).toBe(agreed)
        expect(await same((backend) => agreeOn(backend, other, publicJwkOf(mine)))).toBe(agreed)
        for (const backend of both) {
          await expect(async () => backend.importPrivateKey({ ...mine, d: other.d }, 'agree')).rejects.toThrow()
        }
      }
    })

    it('CRV-09: refuse a key of another curve', async () => {
      const [x, p] = [await node.generatePrivateJwk('X25519'), await node.generatePrivateJwk('P-256')]
      expect(await same((backend) => agreeOn(backend, x, publicJwkOf(p)))).toBe('refused')
      expect(await same((backend) => agreeOn(backend, p, publicJwkOf(x)))).toBe('refused')
    })

    it('KWA-07: wrap alike, unwrap alike, and refuse what was changed', async () => {
      await fc.assert(
        fc.asyncProperty(octets(32), fc.constantFrom(16, 24, 32, 40, 64, 128), fc.nat(), async (kek, length, at) => {
          const key = node.randomBytes(length)
          const wrapped = fromHex(await same((backend) => backend.wrapKey(kek, key)))
          expect(await same((backend) => backend.unwrapKey(kek, wrapped))).toBe(toHex(key))
          expect(await same((backend) => backend.unwrapKey(kek, flipped(wrapped, at)))).toBe('refused')
        }),
        { numRuns: 40 },
      )
      await fc.assert(
        fc.asyncProperty(octets(32), anyOctets(90), async (kek, wrapped) => {
          expect(await same((backend) => backend.unwrapKey(kek, wrapped))).toBe('refused')
        }),
        { numRuns: 60 },
      )
      for (const length of [1, 7, 8, 15, 17, 33]) {
        expect(await same((backend) => backend.wrapKey(new Uint8Array(32), new Uint8Array(length)))).toBe('refused')
      }
      for (const length of [0, 16, 24, 31, 33, 64]) {
        expect(await same((backend) => backend.wrapKey(new Uint8Array(length), new Uint8Array(32)))).toBe('refused')
        expect(await same((backend) => backend.unwrapKey(new Uint8Array(length), new Uint8Array(40)))).toBe('refused')
      }
    })

    for (const enc of encs) {
      const { keyOctets, ivOctets, tagOctets } = contentAlgorithms[enc]

      it(`CEA-01, CEA-02, CEA-03, CEA-07, CEA-08: encrypt alike with ${enc}, decrypt alike, and refuse what was changed`, async () => {
        const plaintexts = fc.oneof(anyOctets(100), fc.string({ unit: 'binary', maxLength: 50 }), octets(5000))
        await fc.assert(
          fc.asyncProperty(octets(keyOctets), octets(ivOctets), ascii, plaintexts, fc.nat(), async (key, iv, aad, plaintext, at) => {
            const sealed = fromHex(
              await same(async (backend) => {
                const { ciphertext, tag } = await backend.encrypt(enc, key, iv, aad, plaintext)
                return Uint8Array.of(...ciphertext, ...tag)
              }),
            )
            const [ciphertext, tag] = [sealed.subarray(0, -tagOctets), sealed.subarray(-tagOctets)]
            const expected = typeof plaintext === 'string' ? new TextEncoder().encode(plaintext) : plaintext
            expect(await same((backend) => backend.decrypt(enc, key, iv, aad, ciphertext, tag))).toBe(toHex(expected))

            const opened = (changed: Partial<{ key: Uint8Array; iv: Uint8Array; aad: string; ciphertext: Uint8Array; tag: Uint8Array }>) =>
              same((backend) => {
                const all = { key, iv, aad, ciphertext, tag, ...changed }
                return backend.decrypt(enc, all.key, all.iv, all.aad, all.ciphertext, all.tag)
              })
            // The tag is under the first 32 octets of the key alone; under a wrong second half, garbage is well padded once in 256 times.
            expect(await opened({ key: flipped(key, at % 32) })).toBe('refused')
            await opened({ key: flipped(key, at) })
            expect(await opened({ iv: flipped(iv, at) })).toBe('refused')
            expect(await opened({ aad: `${aad}x` })).toBe('refused')
            expect(await opened({ tag: flipped(tag, at) })).toBe('refused')
            expect(await opened({ tag: tag.subarray(0, at % tagOctets) })).toBe('refused')
            expect(await opened({ tag: Uint8Array.of(...tag, 0) })).toBe('refused')
            expect(await opened({ key: key.subarray(0, at % keyOctets) })).toBe('refused')
            if (ciphertext.length > 0) {
              expect(await opened({ ciphertext: flipped(ciphertext, at) })).toBe('refused')
              expect(await opened({ ciphertext: ciphertext.subarray(0, -1) })).toBe('refused')
            }
          }),
          { numRuns: 25 },
        )
      })
    }

    for (const alg of algs) {
      const { crv } = signatureAlgorithms[alg]

      it(`SIG-02, SIG-16, SIG-19: sign with ${alg} what both verify, and both refuse what was changed`, async () => {
        const jwk = await web.generatePrivateJwk(crv)
        await fc.assert(
          fc.asyncProperty(anyOctets(100), fc.nat(), async (data, at) => {
            for (const signer of both) {
              const signature = await signer.sign(alg, await signer.importPrivateKey(jwk, 'sign'), data)
              expect(signature).toHaveLength(64)
              // Of ES256K the lower s goes out: its first bit is never set.
              if (alg === 'ES256K') expect(signature[32]).toBeLessThan(0x80)
              for (const verifier of both) {
                const verified = (changed: Uint8Array, other = data): Promise<boolean> =>
                  verifyOn(verifier, alg, publicJwkOf(jwk), other, changed)
                expect(await verified(signature)).toBe(true)
                expect(await verified(flipped(signature, at))).toBe(false)
                expect(await verified(signature, Uint8Array.of(...data, 1))).toBe(false)
                expect(await verified(signature.subarray(0, at % 64))).toBe(false)
                expect(await verified(Uint8Array.of(...signature, 0))).toBe(false)
                expect(await verified(new Uint8Array(64))).toBe(false)
              }
            }
          }),
          { numRuns: 12 },
        )
      })
    }

    it('SIG-19: EdDSA is deterministic, and the same on both', async () => {
      const jwk = await node.generatePrivateJwk('Ed25519')
      await fc.assert(
        fc.asyncProperty(anyOctets(200), async (data) => {
          await same(async (backend) => backend.sign('EdDSA', await backend.importPrivateKey(jwk, 'sign'), data))
        }),
        { numRuns: 20 },
      )
    })

    it('SIG-15: verify nothing under a key of another curve', async () => {
      for (const alg of algs) {
        const other = publicJwkOf(await node.generatePrivateJwk(alg === 'EdDSA' ? 'P-256' : 'Ed25519'))
        for (const backend of both) {
          const answer = Promise.resolve(verifyOn(backend, alg, other, new Uint8Array(3), new Uint8Array(64)))
          expect(await answer.catch(() => false)).toBe(false)
        }
      }
    })

    it('SIG-19: with keys of mixed order both verify without the cofactor', async () => {
      const { Point } = ed25519
      // A point of order 8.
      const torsion = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
      const integer = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.toReversed())}`)
      const little = (value: bigint): Uint8Array => fromHex(value.toString(16).padStart(64, '0')).toReversed()
      let held = 0
      for (let i = 1n; i <= 40n; i++) {
        const [secret, nonce] = [1000n + i, 2000n + i]
        const a = Point.BASE.multiply(secret).add(torsion).toBytes()
        const r = Point.BASE.multiply(nonce).toBytes()
        const data = Uint8Array.of(Number(i))
        const k = Point.Fn.create(integer(sha512(Uint8Array.of(...r, ...a, ...data))))
        const signature = Uint8Array.of(...r, ...little(Point.Fn.add(nonce, Point.Fn.mul(k, secret))))
        const key = { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(a) } as const
        const [first, second] = [await verifyOn(node, 'EdDSA', key, data, signature), await verifyOn(web, 'EdDSA', key, data, signature)]
        expect(second).toBe(first)
        expect(first).toBe(k % 8n === 0n)
        if (first) held++
      }
      expect(held).toBeGreaterThan(0)
      expect(held).toBeLessThan(40)
    })

    it('SIG-19: refuse A and R of small order or with a coordinate that is not reduced, and S that is not', async () => {
      const unsound = [
        '00'.repeat(32),
        `${'00'.repeat(31)}80`,
        `01${'00'.repeat(31)}`,
        `01${'00'.repeat(30)}80`,
        `ec${'ff'.repeat(30)}7f`,
        `ec${'ff'.repeat(31)}`,
        `ed${'ff'.repeat(30)}7f`,
        `ee${'ff'.repeat(30)}7f`,
        `ff${'ff'.repeat(31)}`,
        '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
        '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
        'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
        'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
      ]
      const jwk = await node.generatePrivateJwk('Ed25519')
      const data = Uint8Array.of(1, 2, 3)
      const signature = await node.sign('EdDSA', await node.importPrivateKey(jwk, 'sign'), data)
      for (const backend of both) {
        const verified = async (key: PublicJwk, changed: Uint8Array): Promise<boolean> => {
          try {
            return await verifyOn(backend, 'EdDSA', key, data, changed)
          } catch {
            return false
          }
        }
        for (const hex of unsound) {
          expect(await verified({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(fromHex(hex)) }, signature)).toBe(false)
          // With S = 0 and A of small order, R of small order verifies where nobody looks at it.
          for (const r of unsound) {
            const forged = Uint8Array.of(...fromHex(r), ...new Uint8Array(32))
            expect(await verified({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(fromHex(hex)) }, forged)).toBe(false)
            expect(await verified(publicJwkOf(jwk), forged)).toBe(false)
          }
        }
        const order = 2n ** 252n + 27742317777372353535851937790883648493n
        const s = BigInt(`0x${toHex(signature.subarray(32).toReversed())}`)
        const raised = fromHex((s + order).toString(16).padStart(64, '0')).toReversed()
        expect(await verified(publicJwkOf(jwk), signature)).toBe(true)
        expect(await verified(publicJwkOf(jwk), Uint8Array.of(...signature.subarray(0, 32), ...raised))).toBe(false)
      }
    })
  })
}
