/**
 * The vectors of did:web.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import vectors from '../../../../vectors/did-web/vectors.json' with { type: 'json' }
import { checkDocument, type Did, didWebUrl, keysOf, web } from '../../src/did/index.ts'

describe('did:web', () => {
  it.each(vectors.url_mapping)('SEC-40: $did lies at $url', ({ did, url }) => {
    expect(didWebUrl(did as Did)).toBe(url)
  })

  it.each(vectors.documents)('DOC-02, K01: the document of $did', async ({ did, document }) => {
    const asked: string[] = []
    const method = web({
      fetch: async (url) => {
        asked.push(url)
        return Response.json(document)
      },
    })
    const { didDocument } = await method.resolve(did as Did)
    expect(didDocument).toEqual(document)
    expect(asked).toEqual([didWebUrl(did as Did)])
    const checked = checkDocument(didDocument, did as Did)
    expect(keysOf(checked, 'keyAgreement').map(({ jwk }) => jwk.crv)).toEqual(['X25519', 'P-256'])
    expect(keysOf(checked, 'authentication').map(({ jwk }) => jwk.crv)).toEqual(['Ed25519', 'P-256'])
  })

  it.each(vectors.invalid)('K11, SEC-40: is refused before any connection: $reason', async ({ did }) => {
    let connections = 0
    const method = web({
      fetch: async () => {
        connections++
        return Response.json({ id: did })
      },
    })
    expect(await method.resolve(did as Did)).toMatchObject({ didDocument: null, didResolutionMetadata: { error: 'invalidDid' } })
    expect(connections).toBe(0)
  })
})
