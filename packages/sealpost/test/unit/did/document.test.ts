/**
 * DID documents as they are seen in the wild, and as an attacker would write them.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import recipient from '../../../../../vectors/didcomm-v2.1/diddoc-recipient.json' with { type: 'json' }
import sender from '../../../../../vectors/didcomm-v2.1/diddoc-sender.json' with { type: 'json' }
import { checkDocument, type Did, type DidDocument, type DidUrl, keyOf, keysOf } from '../../../src/did/index.ts'

const did: Did = 'did:example:alice'
const x25519 = { kty: 'OKP', crv: 'X25519', x: '3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08' }
const ed25519 = { kty: 'OKP', crv: 'Ed25519', x: 'O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik' }
const p256 = { kty: 'EC', crv: 'P-256', x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns', y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM' }
const method = (id: unknown, publicKeyJwk: unknown = x25519, more: object = {}) => ({
  id,
  type: 'JsonWebKey2020',
  controller: did,
  publicKeyJwk,
  ...more,
})
const withAgreement = (...keyAgreement: unknown[]): DidDocument => ({ id: did, keyAgreement })
const agreementKids = (...entries: unknown[]) => keysOf(withAgreement(...entries), 'keyAgreement').map(({ kid }) => kid)

describe('checkDocument', () => {
  it.each([
    ['another DID', { id: 'did:example:mallory' }],
    ['no id', {}],
    ['an id that is no string', { id: [did] }],
    ['a DID URL', { id: `${did}#key` }],
    ['null', null],
    ['an array', [{ id: did }]],
    ['text', did],
  ])('K01, SEC-24: %s is refused', (_, document) => {
    expect(() => checkDocument(document, did)).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_DID_DOCUMENT', rule: 'SEC-24' }))
  })

  it('DOC-06: an unknown @context is no error', () => {
    expect(checkDocument({ '@context': ['https://www.w3.org/ns/did/v2', { own: 'https://example.com' }], id: did }, did).id).toBe(did)
  })

  it('K10: services and entries have limits', () => {
    const limit = expect.objectContaining({ code: 'ERR_MALFORMED_LIMIT' })
    expect(() => checkDocument({ id: did, service: new Array(500).fill({}) }, did)).toThrowError(limit)
    expect(() => checkDocument({ id: did, keyAgreement: new Array(10_001).fill('#1') }, did)).toThrowError(limit)
  })
})

describe('keysOf', () => {
  it('DOC-03, DOC-04: the documents of the specification have embedded methods alone', () => {
    for (const document of [sender, recipient]) {
      const keys = keysOf(checkDocument(document, document.id as Did), 'keyAgreement')
      expect(keys.map(({ kid }) => kid)).toEqual(document.keyAgreement.map(({ id }) => id))
    }
    expect(keysOf(checkDocument(sender, sender.id as Did), 'authentication').map(({ jwk }) => jwk.crv)).toEqual([
      'Ed25519',
      'P-256',
      'secp256k1',
    ])
  })

  it('DOC-04, KID-03, KID-06, K03: entries are references or embedded, ids relative or absolute', () => {
    const document: DidDocument = {
      id: did,
      verificationMethod: [method('#a'), method(`${did}#b`)],
      keyAgreement: ['#a', '#b', method('#c'), `${did}#a`, '#absent'],
    }
    expect(keysOf(document, 'keyAgreement').map(({ kid }) => kid)).toEqual([`${did}#a`, `${did}#b`, `${did}#c`])
  })

  it('DOC-04: documents from before DID Core have their methods in `publicKey`', () => {
    const document: DidDocument = { id: did, publicKey: [method('#a')], keyAgreement: ['#a'] }
    expect(keysOf(document, 'keyAgreement').map(({ kid }) => kid)).toEqual([`${did}#a`])
    expect(keysOf({ ...document, verificationMethod: [] }, 'keyAgreement')).toEqual([])
  })

  it('DOC-02, KID-04: a method serves only the relationships that list it', () => {
    const document: DidDocument = {
      id: did,
      verificationMethod: [method('#a', p256), method('#b', p256)],
      keyAgreement: ['#a'],
      authentication: ['#b'],
    }
    expect(keysOf(document, 'keyAgreement').map(({ kid }) => kid)).toEqual([`${did}#a`])
    expect(keyOf(document, 'authentication', `${did}#a`)).toBeUndefined()
    expect(keyOf(document, 'authentication', `${did}#b`)?.jwk).toEqual(p256)
    expect(keysOf(document, 'assertionMethod')).toEqual([])
  })

  it('KID-08, D-08, K02: methods of another DID are ignored, referenced or embedded', () => {
    const foreign: Did = 'did:example:mallory'
    const document: DidDocument = {
      id: did,
      verificationMethod: [method(`${foreign}#a`)],
      keyAgreement: [`${foreign}#a`, method(`${foreign}#b`), method(`${did}x#c`), method(`${did}/path#d`), method(`${did}?q=1#e`)],
    }
    expect(keysOf(document, 'keyAgreement')).toEqual([])
    expect(keyOf(document, 'keyAgreement', `${foreign}#a`)).toBeUndefined()
  })

  it('SEC-24, K02: a method that another DID controls is not used', () => {
    expect(
      agreementKids(method('#a', x25519, { controller: 'did:example:mallory' }), method('#b', x25519, { controller: undefined })),
    ).toEqual([`${did}#b`])
    for (const controller of [
      ['did:example:mallory', did],
      ['did:example:mallory'],
      [],
      'did:example:mallory#a',
      `${did}x#a`,
      7,
      '/',
      [7],
      [[did]],
    ])
      expect(agreementKids(method('#a', x25519, { controller })), JSON.stringify(controller)).toEqual([])
  })

  it('DIF-04, DOC-03: a controller is the DID in other spellings: the id of the key, as v2.0 had it, a relative one, an array', () => {
    for (const controller of [`${did}#a`, `${did}#other`, '#a', '', [did], [`${did}#a`, did]])
      expect(agreementKids(method('#a', x25519, { controller })), JSON.stringify(controller)).toEqual([`${did}#a`])
  })

  it('DOC-03, DOC-04: a relationship with one key, or the one method, may stand there without an array', () => {
    const one: DidDocument = { id: did, verificationMethod: method('#a'), keyAgreement: '#a', authentication: method('#b', ed25519) }
    expect(keysOf(one, 'keyAgreement').map(({ kid }) => kid)).toEqual([`${did}#a`])
    expect(keysOf(one, 'authentication').map(({ kid }) => kid)).toEqual([`${did}#b`])
    expect(keyOf(one, 'keyAgreement', `${did}#a`)?.jwk).toEqual(x25519)
    expect(keysOf({ ...one, keyAgreement: 7 }, 'keyAgreement')).toEqual([])
  })

  it('KID-07: a method without fragment is none', () => {
    expect(agreementKids(method(did), method('#'), method(''), method(undefined), method(7), method('#a b'), method('key-1'))).toEqual([])
  })

  it('CRV-07, K05: keyAgreement has no Ed25519 and no secp256k1, authentication no X25519', () => {
    const secp256k1 = {
      kty: 'EC',
      crv: 'secp256k1',
      x: 'h0wVx_2iDlOcblulc8E5iEw1EYh5n1RYtLQfeSTyNc0',
      y: 'O2EATIGbu6DezKFptj5scAIRntgfecanVNXxat1rnwE',
    }
    const all = [
      method('#1', ed25519),
      method('#2', x25519),
      method('#3', p256),
      method('#4', secp256k1),
      method('#5', { kty: 'OKP', crv: 'X448', x: 'AA' }),
    ]
    const document: DidDocument = { id: did, keyAgreement: all, authentication: all }
    expect(keysOf(document, 'keyAgreement').map(({ jwk }) => jwk.crv)).toEqual(['X25519', 'P-256'])
    expect(keysOf(document, 'authentication').map(({ jwk }) => jwk.crv)).toEqual(['Ed25519', 'P-256', 'secp256k1'])
  })

  it('DOC-05, K06: what is unknown or broken is skipped, and does not cost the usable key beside it', () => {
    const broken = [
      method('#1', { kty: 'AKP', alg: 'ML-KEM-768', pub: 'AA' }),
      method('#2', { ...p256, y: p256.x }),
      method('#3', { ...x25519, x: 'AA' }),
      method('#4', { ...x25519, d: x25519.x }),
      method('#5', null),
      method('#6', 'text'),
      { id: '#7', type: 'Multikey', publicKeyMultibase: 'zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBm' },
      { id: '#8', type: 'Multikey', publicKeyMultibase: 'not multibase' },
      { id: '#9', type: 'Multikey', publicKeyMultibase: `z${'1'.repeat(5000)}` },
      { id: '#10', type: 'X25519KeyAgreementKey2020', publicKeyMultibase: 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK' },
      { id: '#11', type: 'Ed25519VerificationKey2018', publicKeyJwk: x25519 },
      { id: '#12', type: 'JsonWebKey2020', publicKeyJwk: x25519, publicKeyMultibase: 'z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p' },
      { id: '#13', type: 'X25519KeyAgreementKey2019', publicKeyBase58: '0OIl' },
      null,
      42,
      [],
    ]
    expect(agreementKids(...broken, method('#good'))).toEqual([`${did}#good`])
  })

  it.each([
    ['X25519KeyAgreementKey2020', { publicKeyMultibase: 'z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p' }],
    ['X25519KeyAgreementKey2019', { publicKeyBase58: '4Dy8E9UaZscuPUf2GLxV44RCNL7oxmEXXkgWXaug1WKV' }],
    ['X25519KeyAgreementKey2020', { publicKeyMultibase: 'z4Dy8E9UaZscuPUf2GLxV44RCNL7oxmEXXkgWXaug1WKV' }],
    ['X25519KeyAgreementKey2019', { publicKeyBase58: '6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p' }],
    ['P256Key2021', { publicKeyBase58: 'ekVhkcBFq3w7jULLkBVye6PwaTuMbhJYuzwFnNcgQAPV' }],
    ['Multikey', { publicKeyMultibase: 'zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv' }],
    ['SomethingNew2031', { publicKeyMultibase: 'z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p' }],
    ['SomethingNew2031', { publicKeyJwk: p256 }],
    ['JsonWebKey', { publicKeyJwk: x25519 }],
  ])('DOC-03: reads %s with %o', (type, material) => {
    expect(agreementKids({ id: '#a', type, ...material })).toEqual([`${did}#a`])
  })

  it('DOC-04: where an id stands twice, the first counts', () => {
    const document: DidDocument = {
      id: did,
      verificationMethod: [method('#a', x25519), method('#a', p256)],
      keyAgreement: ['#a', method('#a', p256)],
    }
    expect(keysOf(document, 'keyAgreement')).toEqual([{ kid: `${did}#a`, jwk: x25519 }])
    expect(keyOf(document, 'keyAgreement', `${did}#a`)?.jwk).toEqual(x25519)
  })

  it('DOC-05: a document that is changed in place is read again', () => {
    const verificationMethod = [method('#a')]
    const keyAgreement: unknown[] = ['#a', '#b']
    const document = { id: did, verificationMethod, keyAgreement }
    expect(keysOf(document, 'keyAgreement')).toHaveLength(1)
    expect(keysOf(document, 'keyAgreement')).toBe(keysOf(document, 'keyAgreement'))
    verificationMethod.push(method('#b'))
    expect(keysOf(document, 'keyAgreement')).toHaveLength(2)
    keyAgreement[0] = method('#c')
    expect(keysOf(document, 'keyAgreement').map(({ kid }) => kid)).toEqual([`${did}#c`, `${did}#b`])
    document.keyAgreement = []
    expect(keysOf(document, 'keyAgreement')).toEqual([])
  })

  it('DOC-01: thousands of keys are read in order', () => {
    const entries = Array.from({ length: 3000 }, (_, i) => method(`#${i}`))
    expect(agreementKids(...entries)).toEqual(entries.map(({ id }) => `${did}${id}`))
  })
})

describe('keyOf', () => {
  const key2 = 'did:peer:2.Vz6Mkj3PUd1WjvaDhNZhhhXQdz5UnZXmS7ehtx8bsPpD47kKc.Ez6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR' as Did
  const multibase = 'z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR'
  const document2: DidDocument = { id: key2, keyAgreement: [{ id: '#key-2', type: 'Multikey', publicKeyMultibase: multibase }] }

  it.each([multibase, multibase.slice(1), 'key-2'])('G-39: did:peer:2 keys are found under #%s', (fragment) => {
    expect(keyOf(document2, 'keyAgreement', `${key2}#${fragment}`)?.kid).toBe(`${key2}#${fragment}`)
    expect(keyOf(document2, 'authentication', `${key2}#${fragment}`)).toBeUndefined()
    expect(keysOf(document2, 'keyAgreement').map(({ kid }) => kid)).toEqual([`${key2}#key-2`])
  })

  it('G-39, KID-04: no other method has such second names', () => {
    const document = withAgreement({ id: '#a', type: 'Multikey', publicKeyMultibase: multibase })
    expect(keyOf(document, 'keyAgreement', `${did}#${multibase}`)).toBeUndefined()
  })

  it('G-40, D-09: a kid with the short form finds the key of a document of the long form', () => {
    const short = 'did:peer:4zQmd8CpeFPci817KDsbSAKWcXAE2mjvCQSasRewvbSF54Bd'
    const long = `${short}:z2M1k7h4psgp4CmJcnQn2Ljp7Pz7ktsd7oBhMU3dWY5s4fhFNj17`
    const document: DidDocument = { id: long, keyAgreement: [{ id: '#k', type: 'Multikey', publicKeyMultibase: multibase }] }
    expect(keyOf(document, 'keyAgreement', `${short}#k` as DidUrl)?.kid).toBe(`${short}#k`)
    expect(checkDocument(document, short as Did)).toBe(document)
    expect(keyOf(document, 'keyAgreement', `${short}x#k` as DidUrl)).toBeUndefined()
  })

  it('KID-07, KID-09: a kid without fragment, or that is no DID URL, finds nothing', () => {
    const document = withAgreement(method('#a'))
    for (const kid of [did, `${did}#`, '#a', 'a', '', `${did}?x=1#a`])
      expect(keyOf(document, 'keyAgreement', kid as DidUrl)).toBeUndefined()
    expect(keyOf(document, 'keyAgreement', `${did}#a`)?.jwk).toEqual(x25519)
  })
})
