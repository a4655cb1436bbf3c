/**
 * did:peer:2 beyond its vectors: dialects and limits.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { encodeBase64url, encodeUtf8 } from '../../../../../src/bytes/index.ts'
import {
  createDidPeer2,
  createDidPeer4,
  type Did,
  type DidDocument,
  didCommService,
  endpointsOf,
  jwkOfMultikey,
  keysOf,
} from '../../../../../src/did/index.ts'
import { resolveNumalgo2 } from '../../../../../src/did/methods/peer/numalgo2.ts'

const ed25519 = 'z6Mkj3PUd1WjvaDhNZhhhXQdz5UnZXmS7ehtx8bsPpD47kKc'
const x25519 = 'z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR'
const p256 = 'zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv'
const base = `did:peer:2.E${x25519}.V${ed25519}`
const S = (value: unknown) => `.S${encodeBase64url(encodeUtf8(JSON.stringify(value)))}`
const withServices = (...values: unknown[]): DidDocument => resolveNumalgo2((base + values.map(S).join('')) as Did)
const didDocument = resolveNumalgo2

describe('did:peer:2', () => {
  it('G-39, G-41: keys are numbered in the order of the DID, services not counted', () => {
    const did =
      `did:peer:2.E${x25519}${S({ t: 'dm', s: { uri: 'https://a' } })}.V${ed25519}.E${p256}.A${ed25519}.I${ed25519}.D${ed25519}` as Did
    const document = didDocument(did)
    expect(keysOf(document, 'keyAgreement').map(({ kid }) => kid)).toEqual([`${did}#key-1`, `${did}#key-3`])
    expect(['authentication', 'assertionMethod', 'capabilityInvocation', 'capabilityDelegation'].map((name) => document[name])).toEqual([
      ['#key-2'],
      ['#key-4'],
      ['#key-5'],
      ['#key-6'],
    ])
  })

  it.each([
    ['abbreviated, in an object', { t: 'dm', s: { uri: 'https://a', a: ['didcomm/v2'], r: ['did:example:m#k'] } }],
    [
      'in full',
      { type: 'DIDCommMessaging', serviceEndpoint: { uri: 'https://a', accept: ['didcomm/v2'], routingKeys: ['did:example:m#k'] } },
    ],
    ['half in full', { t: 'dm', s: { uri: 'https://a', accept: ['didcomm/v2'], routingKeys: ['did:example:m#k'] } }],
    ['with an array of endpoints', { t: 'dm', s: [{ uri: 'https://a', a: ['didcomm/v2'], r: ['did:example:m#k'] }] }],
    ['flat and abbreviated', { t: 'dm', s: 'https://a', a: ['didcomm/v2'], r: ['did:example:m#k'] }],
    [
      'flat and in full',
      { type: 'DIDCommMessaging', serviceEndpoint: 'https://a', accept: ['didcomm/v2'], routingKeys: ['did:example:m#k'] },
    ],
    ['flat with routing_keys', { t: 'dm', s: 'https://a', accept: ['didcomm/v2'], routing_keys: ['did:example:m#k'] }],
  ])('G-39, G-43, SVC-05: reads a service %s', (_, service) => {
    const [endpoint, ...more] = endpointsOf(withServices(service))
    expect(more).toEqual([])
    expect(endpoint).toMatchObject({ uri: 'https://a', accept: ['didcomm/v2'], routingKeys: ['did:example:m#k'] })
  })

  it('G-39: several services, in several elements or in one', () => {
    const one = { t: 'dm', s: { uri: 'https://1' } }
    const two = { t: 'dm', s: { uri: 'https://2' } }
    for (const document of [withServices(one, two), withServices([one, two])]) {
      expect(endpointsOf(document).map(({ uri, serviceId }) => [uri, serviceId])).toEqual([
        ['https://1', `${document.id}#service`],
        ['https://2', `${document.id}#service-1`],
      ])
    }
  })

  it('SVC-03: services of other types stay as they are, and ids get their number sign', () => {
    const document = withServices(
      { id: 'own', t: 'LinkedDomains', s: 'https://a' },
      { id: '#x', t: 'dm', s: { uri: 'https://b' } },
      { t: 'dm', s: { uri: 'https://c' } },
    )
    expect(document['service']).toEqual([
      { id: '#own', type: 'LinkedDomains', serviceEndpoint: 'https://a' },
      { id: '#x', type: 'DIDCommMessaging', serviceEndpoint: { uri: 'https://b' } },
      { id: '#service', type: 'DIDCommMessaging', serviceEndpoint: { uri: 'https://c' } },
    ])
  })

  it('G-42: base64url with - and _, and keys of all curves, are read', () => {
    const service = { t: 'dm', s: { uri: 'https://a/???>>>~~~ÿÿ' } }
    expect(S(service)).toMatch(/[-_]/)
    expect(endpointsOf(withServices(service))[0]?.uri).toBe(service.s.uri)
  })

  it('K06, DOC-05: a key of an unknown type does not cost the others', () => {
    const did =
      `${base}.Vz5TcESXuYUE9aZWYwSdrUEGK1HNQFHyTt4aVpaCTVZcDXQmUheFwfNZmRksaAbBneNm5KyE52SdJeRCN1g6PJmF31GsHWwFiqUDujvasK3wTiDr3vvkYwEJHt7H5RGEKYEp1ErtQtcEBgsgY2DA9JZkHj1J9HZ8MRDTguAhoFtR4aTBQhgnkP4SwVbxDYMEZoF2TMYn3s` as Did
    expect(keysOf(didDocument(did), 'authentication')).toHaveLength(1)
  })

  it.each([
    ['no element', 'did:peer:2'],
    ['an empty element', 'did:peer:2.'],
    ['an unknown purpose', `did:peer:2.X${x25519}`],
    ['a key in another base', 'did:peer:2.EuAAAA'],
    ['a key that is not base58btc', 'did:peer:2.Ez0OIl'],
    ['a service that is not base64url', `${base}.S!!`],
    ['a service that is not JSON', `${base}.SAAAA`],
    ['a service that is no object', base + S(7)],
    ['a service with a name twice', `${base}.S${encodeBase64url(encodeUtf8('{"t":"dm","t":"dm"}'))}`],
    ['a service with a name in both forms', base + S({ t: 'dm', type: 'Other', s: 'https://a' })],
  ])('PLN-02, G-39: %s is refused', (_, did) => {
    expect(() => didDocument(did as Did)).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_DID' }))
  })

  it('K10: 500 services are refused, in elements or in one', () => {
    const limit = expect.objectContaining({ code: 'ERR_MALFORMED_LIMIT' })
    expect(() => withServices(...new Array(500).fill({}))).toThrowError(limit)
    expect(() => withServices(new Array(500).fill({}))).toThrowError(limit)
  })

  it('G-39, SVC-04: what is made is read again', () => {
    const { did, document } = createDidPeer2({
      keys: [
        { purpose: 'keyAgreement', jwk: jwkOfMultikey(x25519) },
        { purpose: 'authentication', multibase: ed25519 },
      ],
      services: [didCommService({ id: '#didcomm', endpoints: [{ uri: 'https://a' }] })],
    })
    expect(did.startsWith(base)).toBe(true)
    expect(endpointsOf(document)).toEqual([{ uri: 'https://a', accept: ['didcomm/v2'], routingKeys: [], serviceId: `${did}#didcomm` }])
    expect(() => createDidPeer2({ keys: [] })).toThrowError(expect.objectContaining({ code: 'ERR_USAGE_ARGUMENT' }))
  })

  it('JOSE-05, K10: what is too long, or too much, to be read again is not made', () => {
    const usage = expect.objectContaining({ code: 'ERR_USAGE_ARGUMENT' })
    const key = { purpose: 'keyAgreement', multibase: x25519 } as const
    expect(() => createDidPeer2({ keys: [key], services: [{ type: 'dm', serviceEndpoint: 'x'.repeat(9000) }] })).toThrowError(usage)
    expect(() => createDidPeer2({ keys: new Array<typeof key>(65).fill(key) })).toThrowError(usage)
    expect(() => createDidPeer2({ keys: [key], services: new Array(33).fill({ type: 'x', serviceEndpoint: 'x' }) })).toThrowError(usage)
  })

  it.each([
    ['a further key', `${x25519}.V${ed25519}`],
    ['a service', `${x25519}.SeyJ0IjoiZG0ifQ`],
    ['no multibase', 'zzz!'],
    ['nothing', ''],
    ['octets that are no key', 'z2'],
    ['a long text', 'z'.repeat(100_000)],
  ])('DOC-05, G-39: a key that is given as a Multikey is one, not %s', (_, multibase) => {
    expect(() => createDidPeer2({ keys: [{ purpose: 'keyAgreement', multibase }] })).toThrowError(
      expect.objectContaining({ family: 'malformed' }),
    )
  })

  it('SVC-02: services that are made have ids of their own', () => {
    const keys = [{ purpose: 'keyAgreement', multibase: x25519 }] as const
    const service = didCommService({ endpoints: [{ uri: 'https://a' }] })
    const unnamed = { type: 'LinkedDomains', serviceEndpoint: 'https://b' }
    for (const services of [
      [service, service],
      [service, unnamed, service],
      [unnamed, service, { ...service, id: '#service-1' }],
      [unnamed, unnamed],
    ]) {
      for (const { document } of [createDidPeer2({ keys, services }), createDidPeer4({ keys, services })]) {
        const ids = (document['service'] as readonly { readonly id: string }[]).map(({ id }) => id)
        expect(new Set(ids).size).toBe(services.length)
        expect(ids[0]).toBe('#service')
      }
    }
  })
})
