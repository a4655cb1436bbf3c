import { describe, expect, it } from 'vitest'
import { decodeBase64url } from '../../../src/bytes/base64url.ts'
import { compressPoint, decompressPoint, type EcCurve, generateKey, isOnCurve, publicJwkOf } from '../../../src/jose/index.ts'

describe.each(['P-256', 'P-384', 'P-521', 'secp256k1'] as const satisfies readonly EcCurve[])('points of %s', (crv) => {
  it('CRV-03, DOC-03: compressed and back, both signs', async () => {
    const signs = new Set<number>()
    for (let i = 0; i < 12; i++) {
      const jwk = publicJwkOf(await generateKey(crv))
      const compressed = compressPoint(jwk)
      signs.add(compressed[0] as number)
      expect(decompressPoint(crv, compressed)).toEqual(jwk)
      expect(isOnCurve(crv, decodeBase64url(jwk.x), decodeBase64url(jwk.y ?? ''))).toBe(true)
    }
    expect([...signs].every((sign) => sign === 2 || sign === 3)).toBe(true)
  })

  it('CRV-03, CRV-05: other forms and lengths, coordinates beyond p, and those of no point', async () => {
    const compressed = compressPoint(publicJwkOf(await generateKey(crv)))
    const refused = (bytes: Uint8Array) =>
      expect(() => decompressPoint(crv, bytes)).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED_KEY' }))
    for (const sign of [0, 1, 4, 5, 255]) refused(Uint8Array.of(sign, ...compressed.subarray(1)))
    refused(compressed.subarray(1))
    refused(Uint8Array.of(...compressed, 0))
    refused(new Uint8Array(0))
    refused(Uint8Array.of(2, ...new Uint8Array(compressed.length - 1).fill(0xff)))
    // Of eight coordinates in a row, some belong to no point.
    let none = 0
    for (let x = 1; x <= 24; x++) {
      const candidate = new Uint8Array(compressed.length)
      candidate[0] = 2
      candidate[candidate.length - 1] = x
      try {
        decompressPoint(crv, candidate)
      } catch {
        none++
      }
    }
    expect(none).toBeGreaterThan(0)
    expect(none).toBeLessThan(24)
    const zeros = new Uint8Array(compressed.length - 1)
    expect(isOnCurve(crv, zeros, zeros)).toBe(false)
  })
})
