/**
 * The vectors of did:peer, numalgo 0 to 4, byte for byte.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import numalgo0 from '../../../../vectors/did-peer/numalgo-0.json' with { type: 'json' }
import numalgo1 from '../../../../vectors/did-peer/numalgo-1.json' with { type: 'json' }
import numalgo2 from '../../../../vectors/did-peer/numalgo-2.json' with { type: 'json' }
import numalgo3 from '../../../../vectors/did-peer/numalgo-3.json' with { type: 'json' }
import numalgo4 from '../../../../vectors/did-peer/numalgo-4.json' with { type: 'json' }
import {
  checkDocument,
  createDidPeer2,
  createDidPeer4,
  type Did,
  endpointsOf,
  key,
  keysOf,
  multikeyOf,
  type PeerKey,
  type PeerService,
  peer,
  peer3Of,
  sameSubject,
} from '../../src/did/index.ts'

const documentOf = async (did: string, method = peer()) => {
  const { didDocument, didResolutionMetadata } = await method.resolve(did as Did)
  if (didDocument === null) throw new Error(`no document: ${didResolutionMetadata.error}`)
  return checkDocument(didDocument, did as Did)
}

describe('did:peer:0', () => {
  it.each(numalgo0.vectors)('G-41, G-45: is a did:key by another name: $did', async (vector) => {
    const document = await documentOf(vector.did)
    const { didDocument } = await key().resolve(vector.equivalent_did_key as Did)
    const twin = checkDocument(didDocument, vector.equivalent_did_key as Did)
    expect(keysOf(document, 'authentication').map(({ jwk }) => jwk)).toEqual(keysOf(twin, 'authentication').map(({ jwk }) => jwk))
    expect(keysOf(document, 'keyAgreement').map(({ jwk }) => multikeyOf(jwk))).toEqual([vector.derived_x25519_multikey])
  })

  it.each(numalgo0.invalid)('DOC-05: is refused: $note', async ({ did }) => {
    expect(await peer().resolve(did as Did)).toMatchObject({ didDocument: null, didResolutionMetadata: { error: 'invalidDid' } })
  })
})

describe('did:peer:1', () => {
  it.each(numalgo1.good)('G-42: $name is valid, and not found where its document is not held', async ({ did }) => {
    expect((await peer().resolve(did as Did)).didResolutionMetadata.error).toBe('notFound')
    const document = { id: did, keyAgreement: [] }
    expect((await peer({ genesis: new Map([[did, document]]) }).resolve(did as Did)).didDocument).toEqual(document)
  })

  it.each(numalgo1.bad)('G-42: $name is refused', async ({ did }) => {
    expect((await peer().resolve(did as Did)).didResolutionMetadata.error).toBe('invalidDid')
  })

  it.each(numalgo1.compare)('ADR-07: $name', ({ a, b, equal }) => {
    expect(sameSubject(a as Did, b as Did)).toBe(equal)
  })
})

describe('did:peer:2', () => {
  it.each(numalgo2.vectors)('G-39, G-41: $name', async ({ did, document, input }) => {
    expect(await documentOf(did)).toEqual(document)
    expect(
      createDidPeer2({
        keys: input.keys.map((k) => ({ purpose: k.purpose, multibase: k.publicKeyMultibase }) as PeerKey),
        services: input.services,
      }),
    ).toEqual({
      did,
      document,
    })
    expect(keysOf(await documentOf(did), 'keyAgreement').map(({ kid }) => kid)).toEqual([`${did}#key-2`])
  })

  it.each(numalgo2.service_encoding)('G-43: a service is written as $encoded', ({ service, encoded }) => {
    const { did } = createDidPeer2({
      keys: [{ purpose: 'keyAgreement', multibase: 'z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR' }],
      services: [service as PeerService],
    })
    expect(did.endsWith(`.S${encoded}`)).toBe(true)
  })

  it.each(numalgo2.legacy)('G-39, SVC-05: the older dialect $name', async ({ did, service_decoded }) => {
    const [endpoint] = endpointsOf(await documentOf(did))
    expect(endpoint).toMatchObject({
      uri: service_decoded.s,
      accept: service_decoded.a,
      routingKeys: 'r' in service_decoded ? service_decoded.r : [],
    })
    expect(endpoint?.serviceId).toBe('id' in service_decoded ? `${did}#${service_decoded.id}` : `${did}#service`)
  })
})

describe('did:peer:3', () => {
  it.each(numalgo3.vectors)('D-09, ADR-07, K08: $numalgo_3 resolves once its long form was seen', async ({ numalgo_2, numalgo_3 }) => {
    expect(peer3Of(numalgo_2 as Did)).toBe(numalgo_3)
    expect(sameSubject(numalgo_2 as Did, numalgo_3 as Did)).toBe(true)
    const method = peer()
    expect((await method.resolve(numalgo_3 as Did)).didResolutionMetadata.error).toBe('notFound')
    const long = await documentOf(numalgo_2, method)
    const short = await documentOf(numalgo_3, method)
    expect(short['alsoKnownAs']).toEqual([numalgo_2])
    expect(keysOf(short, 'keyAgreement')).toEqual(
      keysOf(long, 'keyAgreement').map(({ kid, jwk }) => ({ kid: kid.replace(numalgo_2, numalgo_3), jwk })),
    )
    expect(keysOf(short, 'keyAgreement').length).toBeGreaterThan(0)
  })
})

describe('did:peer:4', () => {
  it.each(numalgo4.vectors)('G-40, K08: $name', async ({ input_document, long, short, resolved_long, resolved_short }) => {
    expect(createDidPeer4({ document: input_document })).toEqual({ did: long, shortForm: short, document: resolved_long })
    const method = peer()
    expect((await method.resolve(short as Did)).didResolutionMetadata.error).toBe('notFound')
    expect(await documentOf(long, method)).toEqual(resolved_long)
    expect(await documentOf(short, method)).toEqual(resolved_short)
    expect(sameSubject(long as Did, short as Did)).toBe(true)
  })

  it.each(numalgo4.invalid_input_documents.map((document) => [JSON.stringify(document), document] as const))(
    'G-41: no did:peer:4 is made of %s',
    (_, document) => {
      expect(() => createDidPeer4({ document: document as Record<string, unknown> })).toThrowError(
        expect.objectContaining({ code: 'ERR_MALFORMED_DID_DOCUMENT' }),
      )
    },
  )

  it.each(numalgo4.invalid_dids)('K09: is refused: $reason', async ({ did }) => {
    expect((await peer().resolve(did as Did)).didResolutionMetadata.error).toBe('invalidDid')
  })
})
