import { expect, it } from 'vitest'
import { endpointsBehind } from '../../src/mediation/route.ts'

const mediator = ['did:example:other', 'https://mediator.example', 'wss://mediator.example/ws'].map((uri) => ({
  uri,
  accept: undefined,
  routingKeys: [],
  serviceId: undefined,
}))
const key = 'did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc'

it.each([
  ['DEP-01: a routing DID is the endpoint', ['did:example:m'], [{ uri: 'did:example:m' }]],
  ['FLO-01: several are one for another', ['did:example:m', 'did:example:n'], [{ uri: 'did:example:m' }, { uri: 'did:example:n' }]],
  ['a URL is the endpoint', ['https://m.example/didcomm'], [{ uri: 'https://m.example/didcomm' }]],
  [
    'a key is wrapped for, at the places of the mediator',
    [key],
    [
      { uri: 'https://mediator.example', routingKeys: [key] },
      { uri: 'wss://mediator.example/ws', routingKeys: [key] },
    ],
  ],
  [
    'a URL and a key belong together',
    ['https://m.example', 'did:example:m#key-1'],
    [{ uri: 'https://m.example', routingKeys: ['did:example:m#key-1'] }],
  ],
])('%s', (_, routingDids, endpoints) => {
  expect(endpointsBehind(routingDids, mediator)).toEqual(endpoints)
})
