/**
 * From Ed25519 to X25519.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import vectors from '../../../../../vectors/did-key/ed25519-x25519.json' with { type: 'json' }
import { encodeBase64url } from '../../../src/bytes/index.ts'
import { x25519Of } from '../../../src/did/index.ts'

const ed25519 = (bytes: readonly number[]) => ({ kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(Uint8Array.from(bytes)) }) as const

describe('x25519Of', () => {
  it.each(vectors.vectors)('G-45: $did', ({ ed25519_jwk, x25519_jwk }) => {
    expect(x25519Of({ kty: 'OKP', crv: 'Ed25519', x: ed25519_jwk.x }).x).toBe(x25519_jwk.x)
  })

  it.each([
    ['the neutral point, which has no u', [1, ...new Array(31).fill(0)]],
    ['a point of order 2', [0xec, ...new Array(30).fill(0xff), 0x7f]],
    ['a point of order 4', new Array(32).fill(0)],
    ['a coordinate that is not below p', new Array(32).fill(0xff)],
    ['a coordinate that no point has', [2, ...new Array(31).fill(0)]],
    ['31 octets', new Array(31).fill(9)],
  ])('CRV-04, G-45: %s is refused', (_, bytes) => {
    expect(() => x25519Of(ed25519(bytes))).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_KEY' }))
  })
})
