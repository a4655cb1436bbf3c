/**
 * Services in all shapes that are seen.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import {
  type DidDocument,
  didCommService,
  endpointsOf,
  sameProfile,
  schemeOf,
  speaksProfile,
  usableEndpoints,
} from '../../../src/did/index.ts'

const did = 'did:example:bob'
const documentWith = (...service: unknown[]): DidDocument => ({ id: did, service })
const uris = (...service: unknown[]) => endpointsOf(documentWith(...service)).map(({ uri }) => uri)
const messaging = (serviceEndpoint: unknown, more: object = {}) => ({ id: '#s', type: 'DIDCommMessaging', serviceEndpoint, ...more })
const full = { uri: 'https://a.example', accept: ['didcomm/v2'], routingKeys: ['did:example:mediator#key'] }

describe('endpointsOf', () => {
  it.each([
    ['an object', full],
    ['an array of objects', [full]],
  ])('SVC-04, SVC-08, SVC-09, SVC-10: %s', (_, serviceEndpoint) => {
    expect(endpointsOf(documentWith(messaging(serviceEndpoint)))).toEqual([{ ...full, serviceId: `${did}#s` }])
  })

  it('SVC-05, G-46: a string with accept and routingKeys beside it is the older form', () => {
    const flat = { accept: full.accept, routingKeys: full.routingKeys }
    const endpoint = { ...full, serviceId: `${did}#s`, legacy: true }
    expect(endpointsOf(documentWith(messaging(full.uri, flat)))).toEqual([endpoint])
    expect(endpointsOf(documentWith(messaging(full.uri, { accept: full.accept, routing_keys: full.routingKeys })))).toEqual([endpoint])
    expect(
      endpointsOf(documentWith(messaging([full.uri, { uri: 'https://b.example' }], flat))).map(({ uri, routingKeys }) => [
        uri,
        routingKeys,
      ]),
    ).toEqual([
      [full.uri, full.routingKeys],
      ['https://b.example', full.routingKeys],
    ])
  })

  it('SVC-02: the id of a service says nothing, and may be missing, or be there twice', () => {
    const other = { uri: 'https://b.example' }
    expect(uris(messaging(full), messaging(other))).toEqual([full.uri, other.uri])
    expect(uris(messaging(full, { id: undefined }), messaging(other, { id: 7 }))).toEqual([full.uri, other.uri])
  })

  it('SVC-09: `accept` keeps the order of preference, and an endpoint without one says nothing', () => {
    const accept = ['didcomm/aip2;env=rfc587', 'didcomm/v2', 'didcomm/aip1']
    const endpoints = endpointsOf(documentWith(messaging([{ uri: full.uri, accept }, { uri: full.uri }])))
    expect(endpoints.map((endpoint) => endpoint.accept)).toEqual([accept, undefined])
  })

  it('SVC-03: the type is DIDCommMessaging, alone or among others', () => {
    expect(uris({ ...messaging(full), type: ['Other', 'DIDCommMessaging'] })).toEqual([full.uri])
    expect(
      uris({ ...messaging(full), type: 'did-communication' }, { ...messaging(full), type: undefined }, { ...messaging(full), type: ['x'] }),
    ).toEqual([])
  })

  it('SVC-08: an endpoint without uri is skipped', () => {
    expect(uris(messaging([{ accept: ['didcomm/v2'] }, { uri: '' }, { uri: 7 }, null, 7, { uri: 'no-scheme' }, full]))).toEqual([full.uri])
    expect(uris(messaging(undefined), null, 'text', messaging(full))).toEqual([full.uri])
  })

  it('SVC-06, SVC-12: the order is that of the document', () => {
    const services = [
      messaging([{ uri: 'https://1.example' }, { uri: 'https://2.example' }]),
      { type: 'Other', serviceEndpoint: 'https://x.example' },
      messaging({ uri: 'did:web:3.example' }),
    ]
    expect(uris(...services)).toEqual(['https://1.example', 'https://2.example', 'did:web:3.example'])
  })

  it('SVC-10, SND-05: an endpoint with a routing key that is no DID is not used without it', () => {
    expect(uris(messaging({ ...full, routingKeys: ['did:key:z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p'] }))).toEqual([full.uri])
    expect(
      uris(
        messaging({ ...full, routingKeys: ['8HH5gYEeNc3z7PYXmd54d4x6qAfCNrqQqEB3nS7Zfu7K'] }),
        messaging({ ...full, routingKeys: [{}] }),
      ),
    ).toEqual([])
    expect(endpointsOf(documentWith(messaging({ ...full, routingKeys: null })))[0]?.routingKeys).toEqual([])
    expect(uris(messaging({ ...full, routingKeys: new Array(17).fill('did:example:m') }))).toEqual([])
  })

  it('SVC-01: a document may have no service', () => {
    expect(endpointsOf({ id: did })).toEqual([])
    expect(endpointsOf({ id: did, service: 'text' })).toEqual([])
  })

  it('SVC-06: their number is bounded', () => {
    expect(uris(messaging(new Array(5000).fill(full)))).toHaveLength(32)
  })
})

describe('usableEndpoints', () => {
  const endpoint = (uri: string, accept?: readonly string[]) => ({ uri, accept, routingKeys: [], serviceId: undefined })

  it('SVC-13: https, wss, DIDs and queues by default, http and ws by option', () => {
    const all = [
      'https://a',
      'http://b',
      'WSS://c',
      'ws://d',
      'did:web:e',
      'didcomm:transport/queue',
      'ftp://f',
      'javascript:alert(1)',
      'file:///etc/passwd',
    ].map((uri) => endpoint(uri))
    expect(usableEndpoints(all).map(({ uri }) => uri)).toEqual(['https://a', 'WSS://c', 'did:web:e', 'didcomm:transport/queue'])
    expect(usableEndpoints(all, ['http', 'ws']).map(({ uri }) => uri)).toEqual(['http://b', 'ws://d'])
    expect(schemeOf('nothing')).toBeUndefined()
  })

  it('PRF-06: an accept without didcomm/v2 excludes the endpoint', () => {
    const all = [
      endpoint('https://a', ['didcomm/aip1']),
      endpoint('https://b', ['didcomm/aip2;env=rfc587', 'didcomm/v2']),
      endpoint('https://c'),
      endpoint('https://d', []),
    ]
    expect(usableEndpoints(all).map(({ uri }) => uri)).toEqual(['https://b', 'https://c', 'https://d'])
  })

  it('PRF-01, PRF-02, PRF-05: parameters compare in any order, names in any case, unknown profiles are no error', () => {
    expect(sameProfile('didcomm/aip2;env=rfc587', 'didcomm/aip2; ENV=rfc587')).toBe(true)
    expect(sameProfile('x;a=1;b=2', 'x;B=2;A=1')).toBe(true)
    expect(sameProfile('didcomm/aip2;env=rfc587', 'didcomm/aip2;env=rfc19')).toBe(false)
    expect(speaksProfile({ accept: ['didcomm/v9', 'didcomm/v2'] }, 'didcomm/v2')).toBe(true)
  })
})

describe('didCommService', () => {
  it('SVC-02, SVC-03, SVC-04: writes the array form, and reads it again', () => {
    const service = didCommService({ endpoints: [{ uri: full.uri, routingKeys: full.routingKeys }] })
    expect(service).toEqual({ id: '#service', type: 'DIDCommMessaging', serviceEndpoint: [full] })
    expect(endpointsOf(documentWith(service))).toEqual([{ ...full, serviceId: `${did}#service` }])
  })

  it('G-47: writes the object form for peers that need it', () => {
    expect(didCommService({ id: '#1', endpoints: [full], form: 'object' }).serviceEndpoint).toEqual(full)
  })
})
