/** For every role: a state for each of its places, an input for each of its kinds, and what its host answers. */
import type { AnyRole, Input, Protocol } from '../../../src/machine/index.ts'
import type { Attachment } from '../../../src/message/index.ts'
import { basicMessage } from '../../../src/protocols/basicmessage/index.ts'
import { coordinateMediation, coordinateMediation2 } from '../../../src/protocols/coordinate-mediation/index.ts'
import { discoverFeatures } from '../../../src/protocols/discover-features/index.ts'
import { messagePickup, messagePickup3 } from '../../../src/protocols/message-pickup/index.ts'
import { routing } from '../../../src/protocols/routing/index.ts'
import { trustPing } from '../../../src/protocols/trust-ping/index.ts'
import { userProfile } from '../../../src/protocols/user-profile/index.ts'
import { type AnyState, onCommand, onMessage, onProblem, onTimer } from './table.ts'

export type Example = {
  readonly protocol: Protocol
  readonly role: AnyRole
  readonly states: readonly AnyState[]
  readonly inputs: readonly Input[]
  readonly context?: unknown
}

const example = (protocol: Protocol, role: string, states: readonly AnyState[], inputs: readonly Input[], context?: unknown): Example => ({
  protocol,
  role: protocol.roles[role] as AnyRole,
  states,
  inputs,
  context,
})

/** The attachments of every message that comes. */
export const attachments: readonly Attachment[] = [
  { id: 'q-1', data: { json: { protected: 'e30', recipients: [], iv: '', ciphertext: '', tag: '' } } },
  { id: 'face', media_type: 'image/png', data: { base64: 'AQID' } },
]

const timeoutSeconds = 30
const timeout = onTimer('timeout')
const at = (...places: readonly string[]): readonly AnyState[] => places.map((place) => ({ at: place }))
const one = { recipient_did: 'did:example:1' }
const feature = { 'feature-type': 'protocol', id: 'https://didcomm.org/trust-ping/2.0', roles: ['sender'] }
const own = { profile: { displayName: 'Alice', displayPicture: { id: 'mine', data: { base64: 'AQID' } } } }
const registry = {
  routingDid: 'did:example:m',
  admits: () => true,
  held: new Set(['did:example:1', 'did:example:2']),
  taken: new Set(['did:example:3']),
}
const queue = {
  status: { messageCount: 1, newestReceivedTime: 1_700_000_000 },
  messages: [{ id: 'q-1', envelope: '{}' }],
  isLasting: true,
}

type Names = { readonly update: string; readonly updated: string; readonly query: string; readonly listed: string }

function mediation(protocol: Protocol, { update, updated, query, listed }: Names): readonly Example[] {
  const list = [one]
  return [
    example(
      protocol,
      'mediator',
      at('stranger', 'granted'),
      [
        onMessage('mediate-request'),
        onMessage(update, { updates: [{ ...one, action: 'add' }] }),
        onMessage(query, { paginate: { limit: 1, offset: 0 } }),
      ],
      registry,
    ),
    example(
      protocol,
      'recipient',
      [
        ...at('ready', 'requesting', 'denied', 'updating', 'silent'),
        { at: 'granted', routingDids: ['did:example:m'] },
        { at: 'updated', updated: [] },
        { at: 'querying', recipients: [], pageSize: 1 },
        { at: 'listed', recipients: [] },
      ],
      [
        onCommand('request', { timeoutSeconds }),
        onCommand('update', { add: ['did:example:1'], remove: ['did:example:2'], timeoutSeconds }),
        onCommand('query', { pageSize: 1, timeoutSeconds }),
        onMessage('mediate-grant', { routing_did: ['did:example:m'] }),
        onMessage('mediate-deny'),
        onMessage(updated, { updated: [{ ...one, action: 'add', result: 'success' }] }),
        onMessage(listed, { dids: list, keys: list, pagination: { count: 1, offset: 0, remaining: 1 } }),
        timeout,
      ],
    ),
  ]
}

function pickup(protocol: Protocol, limit: object, places: readonly string[]): readonly Example[] {
  const status = { messageCount: 1 }
  const states = [
    { at: 'told', status },
    { at: 'delivered', ids: ['q-1'] },
    { at: 'switched', liveDelivery: true, status },
  ]
  return [
    example(
      protocol,
      'recipient',
      [...at('ready', 'asking', 'fetching', 'acknowledged', 'switching', 'refused', 'silent', ...places), ...states],
      [
        onCommand('status', { recipientDid: 'did:example:1', timeoutSeconds }),
        onCommand('deliver', { limit: 10, timeoutSeconds }),
        onCommand('acknowledge', { ids: ['q-1'] }),
        onCommand('live', { liveDelivery: true, timeoutSeconds }),
        onMessage('status', { message_count: 1, newest_received_time: 1_700_000_000, live_delivery: true }),
        onMessage('delivery', { recipient_did: 'did:example:1' }),
        onProblem('e.m.live-mode-not-supported'),
        timeout,
      ],
    ),
    example(
      protocol,
      'mediator',
      at('serving'),
      [
        onMessage('status-request', one),
        onMessage('delivery-request', { ...limit, ...one }),
        onMessage('messages-received', { message_id_list: ['q-1'] }),
        onMessage('live-delivery-change', { live_delivery: true }),
        onCommand('push', { messages: queue.messages, recipientDid: 'did:example:1' }),
      ],
      queue,
    ),
  ]
}

export const examples: readonly Example[] = [
  example(
    trustPing,
    'sender',
    [...at('ready', 'silent'), { at: 'waiting', since: 0 }, { at: 'answered', seconds: 0 }],
    [onCommand('ping', { timeoutSeconds }), onMessage('ping-response'), timeout],
  ),
  example(trustPing, 'receiver', at('listening'), [onMessage('ping', { response_requested: true })]),
  example(
    discoverFeatures,
    'requester',
    [...at('ready', 'asked', 'silent'), { at: 'disclosed', disclosures: [] }],
    [
      onCommand('query', { queries: [{ featureType: 'protocol', match: '*' }], timeoutSeconds }),
      onMessage('disclose', { disclosures: [feature] }),
      onMessage('disclosures', { disclosures: [feature] }),
      timeout,
    ],
  ),
  example(
    discoverFeatures,
    'responder',
    at('listening'),
    [
      onMessage('queries', { queries: [{ 'feature-type': 'protocol', match: 'https://*' }] }),
      onCommand('disclose', { queries: [{ 'feature-type': 'protocol', match: '*' }] }),
    ],
    { features: [feature], random: () => 0.5 },
  ),
  example(basicMessage, 'sender', at('ready'), [onCommand('send', { content: 'Bonjour', lang: 'fr', attachments })]),
  example(basicMessage, 'receiver', at('listening'), [onMessage('message', { content: 'Bonjour' })]),
  example(
    userProfile,
    'sender',
    at('listening'),
    [
      onCommand('send', { profile: { ...own.profile, description: null }, sendBackYours: true }),
      onMessage('request-profile', { query: ['displayName'] }),
    ],
    own,
  ),
  example(
    userProfile,
    'receiver',
    [
      { at: 'listening', profile: {} },
      { at: 'requesting', profile: { displayName: 'Bob' } },
    ],
    [
      onCommand('request', { query: ['displayName'], timeoutSeconds }),
      onMessage('profile', { profile: { displayName: 'Bob', displayPicture: '#face', displayIcon: '#q-1' }, send_back_yours: true }),
      timeout,
    ],
    own,
  ),
  ...mediation(coordinateMediation, {
    update: 'recipient-update',
    updated: 'recipient-update-response',
    query: 'recipient-query',
    listed: 'recipient',
  }),
  ...mediation(coordinateMediation2, {
    update: 'keylist-update',
    updated: 'keylist-update-response',
    query: 'keylist-query',
    listed: 'keylist',
  }),
  ...pickup(messagePickup, { message_count_limit: 10 }, []),
  ...pickup(messagePickup3, { limit: 10 }, ['acknowledging']),
  example(routing, 'mediator', at('passing'), [onMessage('forward', { next: 'did:example:bob' })]),
]
