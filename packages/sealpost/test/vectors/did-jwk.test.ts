/**
 * The vectors of did:jwk.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import vectors from '../../../../vectors/did-jwk/vectors.json' with { type: 'json' }
import { checkDocument, type Did, type DidUrl, jwk, keyOf, keysOf, relationships } from '../../src/did/index.ts'

const resolve = (did: string) => jwk().resolve(did as Did)

describe('did:jwk', () => {
  it.each(vectors.vectors)('G-44, KID-04: the document of $name', async ({ did, document, key_id }) => {
    const { didDocument } = await resolve(did)
    expect(didDocument).toEqual(document)
    expect(keyOf(checkDocument(didDocument, did as Did), 'keyAgreement', key_id as DidUrl)?.kid).toBe(key_id)
  })

  it.each(vectors.computed)('G-44, CRV-07: the relationships of $name', async ({ did, relationships: expected }) => {
    const document = checkDocument((await resolve(did)).didDocument, did as Did)
    expect(relationships.filter((name) => document[name] !== undefined).sort()).toEqual([...expected].sort())
    for (const name of expected) expect(document[name]).toEqual([`${did}#0`])
    // An Ed25519 key that is listed for key agreement is never used for it.
    for (const { jwk: key } of keysOf(document, 'keyAgreement')) expect(key.crv).toBe('X25519')
  })

  it.each(vectors.invalid)('CRV-03, DOC-05: is refused: $reason', async ({ did }) => {
    expect(await resolve(did)).toMatchObject({ didDocument: null, didResolutionMetadata: { error: 'invalidDid' } })
  })
})
