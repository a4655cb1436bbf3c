/** Messages as they are seen on the wire, of several implementations: each is read, and each that is wrong is refused. */
import { describe, expect, it } from 'vitest'
import { checkBody, messageOf } from '../../../src/machine/index.ts'
import { checkPlaintext, parseMessageType } from '../../../src/message/index.ts'
import * as all from '../../../src/protocols/index.ts'

const protocols = Object.values(all).filter((value) => typeof value === 'object' && 'piuri' in value)

function shapeOf(type: string): NonNullable<ReturnType<typeof messageOf>> {
  const { protocol: piuri, message: name } = parseMessageType(type)
  const protocol = protocols.find((one) => one.piuri === piuri)
  const shape = protocol && messageOf(protocol, name)
  if (shape === undefined) throw new Error(`no protocol has ${type}`)
  return shape
}

const didcomm = 'https://didcomm.org'
const phone = { from: 'did:ex:phone', to: ['did:ex:mediator'] }
const mediator = { from: 'did:ex:mediator', to: ['did:ex:phone'] }
const mine = { recipient_did: 'did:ex:phone-for-bob' }

const golden: readonly (readonly [type: string, message: object])[] = [
  ['trust-ping/2.0/ping', { id: 'p1', from: 'did:ex:alice', to: ['did:ex:bob'], body: { response_requested: true } }],
  ['trust-ping/2.0/ping', { id: 'p2', from: 'did:ex:alice', body: {} }],
  ['trust-ping/2.0/ping', { id: 'p3', from: 'did:ex:alice', body: { response_requested: null, comment: 'hello' } }],
  ['trust-ping/2.0/ping-response', { id: 'p4', thid: 'p1' }],
  [
    'discover-features/2.0/queries',
    {
      id: 'd1',
      body: {
        queries: [
          { 'feature-type': 'protocol', match: `${didcomm}/tictactoe/1.*` },
          { 'feature-type': 'goal-code', match: 'org.didcomm.*' },
        ],
      },
    },
  ],
  ['discover-features/2.0/queries', { id: 'd2', body: { queries: [{ feature_type: 'protocol', match: '*' }] } }],
  [
    'discover-features/2.0/disclose',
    {
      id: 'd3',
      thid: 'd1',
      body: {
        disclosures: [
          { 'feature-type': 'protocol', id: `${didcomm}/tictactoe/1.0`, roles: ['player'] },
          { 'feature-type': 'goal-code', id: 'org.didcomm.sell.goods.consumer' },
        ],
      },
    },
  ],
  [
    'discover-features/2.0/disclose',
    { id: 'd4', body: { disclosures: [{ 'feature-type': 'constraint', id: 'max_receive_bytes', max_receive_bytes: '65536' }] } },
  ],
  ['discover-features/2.0/disclosures', { id: 'd5', thid: 'd1', body: { disclosures: [] } }],
  [
    'basicmessage/2.0/message',
    { id: 'b1', lang: 'en', created_time: 1_547_577_721, body: { content: 'Your hovercraft is full of eels.' } },
  ],
  [
    'user-profile/1.0/profile',
    {
      id: 'u1',
      body: { profile: { displayName: 'John Doe', displayPicture: '#displayPicture', description: null }, send_back_yours: true },
      attachments: [{ id: 'displayPicture', media_type: 'image/png', data: { base64: 'iVBORw0KGgo' } }],
    },
  ],
  ['user-profile/1.0/request-profile', { id: 'u2', body: {} }],
  ['user-profile/1.0/request-profile', { id: 'u3', body: { query: ['displayName'] } }],
  ['coordinate-mediation/3.0/mediate-request', { id: 'm1', ...phone, body: {}, return_route: 'all' }],
  ['coordinate-mediation/3.0/mediate-grant', { id: 'm2', thid: 'm1', ...mediator, body: { routing_did: ['did:ex:mediator'] } }],
  ['coordinate-mediation/3.0/mediate-grant', { id: 'm2', ...mediator, body: { routing_did: 'did:ex:mediator' } }],
  ['coordinate-mediation/3.0/mediate-deny', { id: 'm2', thid: 'm1', ...mediator }],
  [
    'coordinate-mediation/3.0/recipient-update',
    { id: 'm3', ...phone, return_route: 'all', body: { updates: [{ ...mine, action: 'add' }] } },
  ],
  [
    'coordinate-mediation/3.0/recipient-update-response',
    { id: 'm4', thid: 'm3', ...mediator, body: { updated: [{ ...mine, action: 'add', result: 'success' }] } },
  ],
  ['coordinate-mediation/3.0/recipient-query', { id: 'm5', ...phone, body: { paginate: { limit: 30, offset: 0 } } }],
  [
    'coordinate-mediation/3.0/recipient',
    { id: 'm6', thid: 'm5', ...mediator, body: { dids: [mine], pagination: { count: 30, offset: 30, remaining: 100 } } },
  ],
  ['coordinate-mediation/2.0/mediate-grant', { id: 'm7', ...mediator, body: { routing_did: 'did:ex:mediator' } }],
  ['coordinate-mediation/2.0/keylist-update', { id: 'm8', ...phone, body: { updates: [{ ...mine, action: 'add' }] } }],
  [
    'coordinate-mediation/2.0/keylist-update-response',
    { id: 'm9', ...mediator, body: { updated: [{ ...mine, action: 'add', result: 'no_change' }] } },
  ],
  ['coordinate-mediation/2.0/keylist', { id: 'm10', ...mediator, body: { keys: [mine], pagination: null } }],
  [
    'routing/2.0/forward',
    {
      id: 'f1',
      to: ['did:ex:mediator'],
      expires_time: 1_999_999_999,
      body: { next: 'did:ex:phone-for-bob' },
      attachments: [{ data: { json: { protected: '…', recipients: [], iv: '…', ciphertext: '…', tag: '…' } } }],
    },
  ],
  ['message-pickup/4.0/delivery-request', { id: 'q1', ...phone, return_route: 'all', body: { message_count_limit: 10 } }],
  [
    'message-pickup/4.0/delivery',
    { id: 'q2', thid: 'q1', ...mediator, body: {}, attachments: [{ id: 'q-0001', data: { base64: 'eyJwcm90ZWN0ZWQiOi4uLn0=' } }] },
  ],
  ['message-pickup/4.0/messages-received', { id: 'q3', ...phone, body: { message_id_list: ['q-0001'] } }],
  [
    'messagepickup/3.0/status',
    {
      id: 'q4',
      ...mediator,
      body: {
        recipient_did: '<did for messages>',
        message_count: 7,
        longest_waited_seconds: 3600,
        newest_received_time: 1_658_085_169,
        oldest_received_time: 1_658_084_293,
        total_bytes: 8096,
        live_delivery: false,
      },
    },
  ],
  ['messagepickup/3.0/status', { id: 'q5', ...mediator, body: { message_count: 0, recipient_did: null, longest_waited_seconds: null } }],
  ['messagepickup/3.0/delivery-request', { id: 'q6', ...phone, body: { limit: 10 } }],
  ['messagepickup/3.0/live-delivery-change', { id: 'q7', ...phone, body: { live_delivery: true } }],
]

const wrong: readonly (readonly [name: string, type: string, body: unknown, found: RegExp])[] = [
  ['a ping with a text for a boolean', 'trust-ping/2.0/ping', { response_requested: 'yes' }, /^body\.response_requested: /],
  ['queries that are no list', 'discover-features/2.0/queries', { queries: { match: '*' } }, /^body\.queries: /],
  ['a message without content', 'basicmessage/2.0/message', {}, /^body\.content: /],
  ['a profile that is none', 'user-profile/1.0/profile', { profile: 'Bob' }, /^body\.profile: /],
  [
    'an update with an unknown action',
    'coordinate-mediation/3.0/recipient-update',
    { updates: [{ ...mine, action: 'steal' }] },
    /^body\.updates\.0\.action: /,
  ],
  ['a grant of nothing', 'coordinate-mediation/3.0/mediate-grant', { routing_did: [] }, /^body\.routing_did: /],
  [
    'a query that counts backwards',
    'coordinate-mediation/3.0/recipient-query',
    { paginate: { limit: -1, offset: 0 } },
    /^body\.paginate\.limit: /,
  ],
  ['a delivery request without a limit', 'message-pickup/4.0/delivery-request', {}, /^body\.message_count_limit: /],
  ['a receipt of numbers', 'message-pickup/4.0/messages-received', { message_id_list: [1] }, /^body\.message_id_list\.0: /],
  ['a forward to nowhere', 'routing/2.0/forward', { next: '' }, /^body\.next: /],
  ['a body that is a text', 'trust-ping/2.0/ping', 'ping', /^body: /],
]

describe('golden messages', () => {
  it.each(golden.map(([type, more], index) => [`${index} ${type}`, { ...more, type: `${didcomm}/${type}` }] as const))('%s', (_, one) => {
    const message = checkPlaintext(one)
    expect(checkBody(shapeOf(message.type).body, message.body)).toEqual({ body: message.body ?? {} })
  })

  it('every protocol is among them', () => {
    const seen = new Set(golden.map(([type]) => type.replace(/\/[^/]*$/, '')))
    expect([...seen].sort()).toEqual(protocols.map(({ piuri }) => piuri.slice(didcomm.length + 1)).sort())
  })

  it.each(wrong)('%s is refused', (_, type, body, found) =>
    expect(checkBody(shapeOf(`${didcomm}/${type}`).body, body).wrong).toMatch(found),
  )
})
