/**
 * Random and twisted DIDs, documents and URLs: nothing but errors of ours, and nothing that hangs.
 *
 * @module
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import numalgo2 from '../../../../vectors/did-peer/numalgo-2.json' with { type: 'json' }
import numalgo4 from '../../../../vectors/did-peer/numalgo-4.json' with { type: 'json' }
import {
  checkDocument,
  createResolver,
  type Did,
  type DidDocument,
  type DidUrl,
  documentOf,
  endpointsOf,
  jwk,
  key,
  keyOf,
  keysOf,
  peer,
  relationships,
  vetUrl,
  web,
} from '../../src/did/index.ts'
import { isDidcommError } from '../../src/errors.ts'

const did: Did = 'did:example:a'

/** Runs, and lets through errors of ours alone. */
function onlyOurs<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (!isDidcommError(error)) throw error
    return undefined
  }
}

const samples = [
  ...numalgo2.vectors.map((vector) => vector.did),
  ...numalgo2.legacy.map((vector) => vector.did),
  ...numalgo4.vectors.map((vector) => vector.long),
  'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK',
  'did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ1c2UiOiJlbmMiLCJ4IjoiM3A3YmZYdDl3YlRUVzJIQzdPUTFOei1EUThoYmVHZE5yZngtRkctSUswOCJ9',
  'did:web:example.com%3A3000:user:alice',
]
const twisted = fc
  .tuple(fc.constantFrom(...samples), fc.nat(), fc.nat({ max: 4 }), fc.string({ maxLength: 4 }))
  .map(([sample, at, cut, text]) => sample.slice(0, at % sample.length) + text + sample.slice((at % sample.length) + cut))

const name = fc.constantFrom(
  'id',
  'type',
  'controller',
  'publicKeyJwk',
  'publicKeyMultibase',
  'publicKeyBase58',
  'serviceEndpoint',
  'uri',
  'accept',
  'routingKeys',
  'kty',
  'crv',
  'x',
  'y',
  'd',
)
const text = fc.oneof(
  fc.constantFrom(
    '#a',
    `${did}#a`,
    'did:example:b#a',
    did,
    'Multikey',
    'JsonWebKey2020',
    'DIDCommMessaging',
    'OKP',
    'EC',
    'X25519',
    'P-256',
    'https://a',
    'z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p',
  ),
  fc.string(),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom(null, undefined, 0, true, Number.NaN),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
}))
const documents = fc.record({
  id: fc.constant(did),
  verificationMethod: value,
  keyAgreement: fc.oneof(value, fc.array(value)),
  authentication: fc.oneof(value, fc.array(value)),
  service: fc.oneof(value, fc.array(value)),
})

describe('hostile DIDs', () => {
  it('SEC-27, SEC-63: resolution of twisted DIDs ends in a document of that DID, or an error of ours', async () => {
    const fetch = async () => Response.json({})
    const resolver = createResolver([key(), jwk(), peer(), web({ fetch })], { cache: { maxEntries: 10 } })
    await fc.assert(
      fc.asyncProperty(fc.oneof(twisted, fc.string(), fc.constantFrom(...samples)), async (asked) => {
        try {
          expect((await documentOf(resolver, asked as Did)).id).toBe(asked)
        } catch (error) {
          if (!isDidcommError(error)) throw error
        }
      }),
      { numRuns: 400 },
    )
  })

  it('DOC-05, SEC-24, SEC-63: whatever a document holds, its keys are its own and its endpoints have URIs', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const checked = onlyOurs(() => checkDocument(document, did))
        if (checked === undefined) return
        for (const relationship of relationships) {
          for (const found of keysOf(checked, relationship)) {
            expect(found.kid.startsWith(`${did}#`)).toBe(true)
            expect(keyOf(checked, relationship, found.kid)).toEqual(found)
          }
        }
        for (const { uri, routingKeys } of endpointsOf(checked)) expect([typeof uri, Array.isArray(routingKeys)]).toEqual(['string', true])
      }),
      { numRuns: 500 },
    )
  })

  it('KID-07: whatever kid is asked for, it is an answer', () => {
    const document: DidDocument = {
      id: did,
      keyAgreement: [{ id: '#a', type: 'Multikey', publicKeyMultibase: 'z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p' }],
    }
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (kid) => {
        expect(keyOf(document, 'keyAgreement', kid as DidUrl) === undefined).toBe(kid !== `${did}#a`)
      }),
    )
  })

  it('SEC-40: whatever URL is vetted is one of an allowed scheme without userinfo, or an error of ours', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.ipV4Extended().map((ip) => `https://${ip}/`),
          fc.ipV6().map((ip) => `https://[${ip}]/`),
        ),
        (url) => {
          const vetted = onlyOurs(() => vetUrl(url))
          if (vetted !== undefined) expect([vetted.protocol, vetted.username, vetted.port]).toEqual(['https:', '', ''])
        },
      ),
      { numRuns: 1000 },
    )
  })
})
