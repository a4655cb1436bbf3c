/**
 * The vectors of did:key: the same kids and the same keys as the documents of the method, in whatever suite those are written.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import ed25519 from '../../../../vectors/did-key/ed25519-x25519.json' with { type: 'json' }
import invalid from '../../../../vectors/did-key/invalid.json' with { type: 'json' }
import multikey from '../../../../vectors/did-key/multikey-document.json' with { type: 'json' }
import nist from '../../../../vectors/did-key/nist-curves.json' with { type: 'json' }
import secp256k1 from '../../../../vectors/did-key/secp256k1.json' with { type: 'json' }
import x25519 from '../../../../vectors/did-key/x25519.json' with { type: 'json' }
import { checkDocument, createDidKey, type Did, type DidUrl, key, keyOf, keysOf, multikeyOf, relationships } from '../../src/did/index.ts'
import type { PublicJwk } from '../../src/jose/primitives/primitives.ts'

const documentOf = async (did: string) => {
  const { didDocument } = await key().resolve(did as Did)
  if (didDocument === null) throw new Error(`no document for ${did}`)
  return checkDocument(didDocument, did as Did)
}

const publicOf = ({ kty, crv, x, y }: { kty: string; crv: string; x: string; y?: string }) =>
  ({ kty, crv, x, ...(y && { y }) }) as PublicJwk

describe('did:key', () => {
  it('G-45: the document in Multikey form is the one of the method', async () => {
    expect(await documentOf(multikey.did)).toEqual(multikey.document)
  })

  it.each(ed25519.vectors)('G-45, KID-03, DOC-03: Ed25519 gives X25519: $did', async (vector) => {
    const document = await documentOf(vector.did)
    expect(keysOf(document, 'keyAgreement')).toEqual([{ kid: vector.key_agreement_key_id, jwk: publicOf(vector.x25519_jwk) }])
    expect(keysOf(document, 'authentication')).toEqual([{ kid: vector.verification_key_id, jwk: publicOf(vector.ed25519_jwk) }])
    expect(multikeyOf(publicOf(vector.x25519_jwk))).toBe(vector.x25519_multikey)
    expect(createDidKey(publicOf(vector.ed25519_jwk))).toBe(vector.did)
  })

  it.each(nist.vectors)('DOC-03, CRV-07: one NIST key serves all relationships, as far as its curve can: $did', async (vector) => {
    const document = await documentOf(vector.did)
    const own = { kid: vector.key_id, jwk: publicOf(vector.private_jwk) }
    expect(keysOf(document, 'keyAgreement')).toEqual([own])
    expect(keysOf(document, 'authentication')).toEqual(vector.crv === 'P-256' ? [own] : [])
    expect(createDidKey(own.jwk)).toBe(vector.did)
  })

  it.each(secp256k1.vectors)('CRV-07: secp256k1 is for signatures alone: $did', async (vector) => {
    const document = await documentOf(vector.did)
    expect(keysOf(document, 'keyAgreement')).toEqual([])
    expect(keyOf(document, 'authentication', vector.key_id as DidUrl)).toEqual({ kid: vector.key_id, jwk: publicOf(vector.jwk) })
    expect(createDidKey(publicOf(vector.jwk))).toBe(vector.did)
  })

  it.each(x25519.vectors)('DOC-03: X25519 is for encryption alone: $did', async (vector) => {
    const document = await documentOf(vector.did)
    expect(keysOf(document, 'keyAgreement').map(({ kid }) => kid)).toEqual([vector.key_id])
    expect(keysOf(document, 'authentication')).toEqual([])
  })

  const written = [...ed25519.vectors, ...nist.vectors, ...x25519.vectors]
  it.each(written)('DOC-03, DOC-04: documents in older suites say the same keys: $did', async ({ did, legacy_document }) => {
    const ours = await documentOf(did)
    const theirs = checkDocument(legacy_document, did as Did)
    for (const relationship of relationships) expect(keysOf(ours, relationship), relationship).toEqual(keysOf(theirs, relationship))
    expect(keysOf(theirs, 'keyAgreement')).toHaveLength(1)
  })

  it.each(invalid.vectors)('DOC-05: is refused: $reason', async ({ did }) => {
    const { didDocument, didResolutionMetadata } = await key().resolve(did as Did)
    expect(didDocument).toBeNull()
    expect(didResolutionMetadata.error).toBe('invalidDid')
  })
})
