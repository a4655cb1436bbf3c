/**
 * did:peer:4 beyond its vectors.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { encodeMultibase, encodeUtf8 } from '../../../../../src/bytes/index.ts'
import { checkDocument, createDidPeer4, type Did, didCommService, endpointsOf, keysOf } from '../../../../../src/did/index.ts'
import { formOf, resolveLongForm } from '../../../../../src/did/methods/peer/numalgo4.ts'
import { multihashOf } from '../../../../../src/did/subject.ts'

const longFormOf = (text: string, code: readonly number[] = [0x80, 0x04]): Did => {
  const encoded = encodeMultibase(Uint8Array.of(...code, ...encodeUtf8(text)), 'z')
  return `did:peer:4${multihashOf(encoded)}:${encoded}` as Did
}
const multibase = 'z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR'

describe('did:peer:4', () => {
  it('G-40, G-41, K03: what is made of keys and services is read in both forms', () => {
    const { did, shortForm, document } = createDidPeer4({
      keys: [{ purpose: 'keyAgreement', multibase }],
      services: [didCommService({ endpoints: [{ uri: 'https://a' }] })],
    })
    expect(keysOf(checkDocument(document, did), 'keyAgreement').map(({ kid }) => kid)).toEqual([`${did}#key-1`])
    const short = checkDocument(resolveLongForm(did, shortForm), shortForm)
    expect(keysOf(short, 'keyAgreement').map(({ kid }) => kid)).toEqual([`${shortForm}#key-1`])
    expect(endpointsOf(short)[0]?.serviceId).toBe(`${shortForm}#service`)
    expect(short['alsoKnownAs']).toEqual([did])
  })

  it('SEC-24, K01: an `id` inside of the document does not count, an own controller stays', () => {
    const did = longFormOf(
      '{"id":"did:example:mallory","verificationMethod":[{"id":"#a","controller":"did:example:b"}],"keyAgreement":[{"id":"#b"}],"alsoKnownAs":["x:y"]}',
    )
    const document = resolveLongForm(did)
    expect(document).toMatchObject({
      id: did,
      verificationMethod: [{ controller: 'did:example:b' }],
      keyAgreement: [{ controller: did }],
      alsoKnownAs: ['x:y', did.slice(0, did.lastIndexOf(':'))],
    })
  })

  it.each([
    ['no JSON', longFormOf('text')],
    ['duplicate members', longFormOf('{"a":1,"a":2}')],
    ['an array', longFormOf('[]')],
    ['another codec', longFormOf('{}', [0x71])],
    ['a short form', 'did:peer:4zQmd8CpeFPci817KDsbSAKWcXAE2mjvCQSasRewvbSF54Bd'],
    ['a hash of another document', `${longFormOf('{"a":1}').split(':z')[0]}:z${longFormOf('{"a":2}').split(':z')[1]}`],
    ['a third part', `${longFormOf('{"a":1}')}:z1`],
  ])('K09, PLN-02: %s is refused', (_, did) => {
    expect(() => resolveLongForm(did as Did)).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_DID' }))
  })

  it('JOSE-05: a document that does not fit a DID is refused when it is made', () => {
    for (const length of [8000, 10_000_000])
      expect(() => createDidPeer4({ document: { text: 'x'.repeat(length) } })).toThrowError(
        expect.objectContaining({ code: 'ERR_USAGE_ARGUMENT' }),
      )
    const { did } = createDidPeer4({ document: { text: 'x'.repeat(5500) } })
    expect(resolveLongForm(did)['text']).toHaveLength(5500)
    expect(formOf(did).shortForm).toBe(did.slice(0, did.lastIndexOf(':')))
  })
})
