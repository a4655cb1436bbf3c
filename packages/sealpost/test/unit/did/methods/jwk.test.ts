/**
 * did:jwk beyond its vectors.
 *
 * @module
 */
import { expect, it } from 'vitest'
import { encodeBase64url, encodeUtf8 } from '../../../../src/bytes/index.ts'
import { createDidJwk, type Did, jwk, keysOf } from '../../../../src/did/index.ts'

const x25519 = { kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' } as const
const ed25519 = { kty: 'OKP', crv: 'Ed25519', x: 'O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik' } as const
const p256 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns',
  y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM',
} as const

it.each([
  [x25519, undefined, ['X25519'], []],
  [ed25519, undefined, [], ['Ed25519']],
  [p256, undefined, ['P-256'], ['P-256']],
  [p256, 'sig', [], ['P-256']],
  [p256, 'enc', ['P-256'], []],
] as const)('G-44, CRV-07: a key that is made is found where it can be used', async (key, use, agreement, authentication) => {
  const { didDocument } = await jwk().resolve(use === undefined ? createDidJwk(key) : createDidJwk(key, use))
  if (didDocument === null) throw new Error('no document')
  expect(keysOf(didDocument, 'keyAgreement').map((found) => found.jwk.crv)).toEqual(agreement)
  expect(keysOf(didDocument, 'authentication').map((found) => found.jwk.crv)).toEqual(authentication)
})

it('JOSE-05, CRV-05: what is made holds the key alone, whatever else the JWK has, and so fits a DID', () => {
  expect(createDidJwk({ ...x25519, kid: 'x'.repeat(9000) } as typeof x25519)).toBe(createDidJwk(x25519))
})

it.each([
  '[]',
  '"x"',
  '{}',
  '{"kty":"oct","k":"AA"}',
  '{"kty":"OKP","kty":"OKP"}',
  `{"kty":"OKP","crv":"X25519","x":"${x25519.x}","x":"${ed25519.x}"}`,
])('PLN-02, DOC-05: %s is no key', async (text) => {
  const did = `did:jwk:${encodeBase64url(encodeUtf8(text))}` as Did
  expect((await jwk().resolve(did)).didResolutionMetadata.error).toBe('invalidDid')
})
