import { describe, expect, it } from 'vitest'
import { encodeBase64url } from '../../../src/bytes/base64url.ts'
import { type Curve, checkPrivateJwk, checkPublicJwk, publicJwkOf } from '../../../src/jose/index.ts'
import { alice } from '../../parties.ts'

const rejects = (value: unknown, rule: string) => expect(() => checkPublicJwk(value)).toThrow(expect.objectContaining({ rule }))

describe('public keys', () => {
  it('CRV-05, CRV-10, KID-09: of what is sent, only what makes the key is kept', () => {
    for (const { kid: _, d, ...jwk } of alice.jwks) {
      expect(checkPublicJwk({ ...jwk, kid: 'internal-7', use: 'enc', alg: 'x', key_ops: [] })).toEqual(jwk)
      rejects({ ...jwk, d }, 'CRV-10')
    }
  })

  it('CRV-03, CRV-05: coordinates have their full length and are on the curve', () => {
    for (const label of ['agree-p-256-1', 'agree-p-384-1', 'agree-p-521-1', 'sign-secp256k1-1']) {
      const { jwk } = alice.method(label)
      rejects({ ...jwk, y: jwk.x }, 'CRV-03')
      for (const x of [jwk.x.slice(4), `AAAA${jwk.x}`, '', 7, undefined, `${jwk.x}=`, 'A'.repeat(1_000_000)])
        rejects({ ...jwk, x }, 'CRV-05')
    }
    const { jwk } = alice.method('agree-x25519-1')
    for (const x of ['', 'AAAA', encodeBase64url(new Uint8Array(33)), null]) rejects({ ...jwk, x }, 'CRV-05')
  })

  it('CRV-07: other key types and curves are no keys of the profile', () => {
    for (const value of [
      { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
      { kty: 'OKP', crv: 'X448', x: 'AA' },
      { kty: 'oct', k: 'AA' },
      { kty: 'AKP', pub: 'AA' },
      {},
      { crv: '__proto__', kty: 'OKP' },
    ])
      rejects(value, 'CRV-07')
    for (const value of [null, [], 'key', 7, undefined]) rejects(value, 'CRV-05')
  })
})

it('CRV-05: a private key has its `d`, of the length of its curve', () => {
  for (const { kid: _, ...jwk } of alice.jwks) {
    expect(checkPrivateJwk({ ...jwk, more: 1 })).toEqual(jwk)
    expect('d' in publicJwkOf(jwk)).toBe(false)
    for (const d of [undefined, '', jwk.d.slice(4), 7])
      expect(() => checkPrivateJwk({ ...jwk, d })).toThrow(expect.objectContaining({ code: 'ERR_MALFORMED_KEY' }))
  }
})

it('CRV-01, CRV-02, SIG-02: the curves of the profile', () => {
  expect(new Set(alice.jwks.map(({ crv }) => crv))).toEqual(new Set<Curve>(['X25519', 'P-256', 'P-384', 'P-521', 'Ed25519', 'secp256k1']))
})
