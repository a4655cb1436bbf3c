/**
 * did:key beyond its vectors.
 *
 * @module
 */
import { expect, it } from 'vitest'
import { createDidKey, type Did, key } from '../../../../src/did/index.ts'

it('SEC-27: the method never rejects, and is immutable', async () => {
  const method = key()
  expect([method.method, method.immutable]).toEqual(['key', true])
  for (const did of ['did:key:z', 'did:web:z6Mk', 'text', '', `did:key:z${'6'.repeat(8000)}`]) {
    expect((await method.resolve(did as Did)).didResolutionMetadata.error, did).toBe('invalidDid')
  }
})

it('DOC-05: no DID is made of a private key or of none', () => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik' } as const
  expect(createDidKey(jwk)).toBe('did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp')
  expect(() => createDidKey({ ...jwk, x: 'AA' })).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_KEY' }))
})
