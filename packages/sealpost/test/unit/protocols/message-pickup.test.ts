import { describe, expect, it } from 'vitest'
import { advance, type Effect, emit, report, startTimer, stopTimer } from '../../../src/machine/index.ts'
import { acknowledgedAfterSeconds } from '../../../src/protocols/message-pickup/client.ts'
import { type Mediator, mediator, type Queue } from '../../../src/protocols/message-pickup/mediator.ts'
import { mediator3 } from '../../../src/protocols/message-pickup/mediator3.ts'
import { noLiveMode } from '../../../src/protocols/message-pickup/messages.ts'
import { statusOf } from '../../../src/protocols/message-pickup/queue.ts'
import { recipient } from '../../../src/protocols/message-pickup/recipient.ts'
import { recipient3 } from '../../../src/protocols/message-pickup/recipient3.ts'
import { bob, given, message, onCommand, onMessage, onProblem, onTimer, type Row, rows, send, task } from './table.ts'

const ready = { at: 'ready' }
const serving = { at: 'serving' }
const back = { returnRoute: 'all' } as const
const question = { returnRoute: 'all', expiresInSeconds: 309 } as const
const jwe = { protected: 'e30', recipients: [], iv: '', ciphertext: '', tag: '' }
const envelope = JSON.stringify(jwe)
// '{"a":"?>~"}' has characters in which base64 and base64url differ.
const other = '{"a":"?>~?>~"}'
const standard = 'eyJhIjoiPz5+Pz5+In0='
const url = 'eyJhIjoiPz5-Pz5-In0'

const attachments = [
  { id: 'q-1', data: { json: jwe } },
  { id: 'q-2', data: { base64: standard } },
  { id: 'q-3', data: { base64: url } },
  { id: 'q-4', data: { base64: 'no base64!' } },
  { data: { json: jwe } },
]
const received = {
  messages: [
    { id: 'q-1', envelope },
    { id: 'q-2', envelope: other },
    { id: 'q-3', envelope: other },
    { id: '', envelope },
  ],
  unreadable: ['q-4'],
}
const delivered = { at: 'delivered', ids: ['q-1', 'q-2', 'q-3', 'q-4'] }
const came = given({ message: message({ attachments }) })

for (const [version, role, limit] of [
  ['message-pickup/4.0', recipient, { message_count_limit: 10 }],
  ['messagepickup/3.0', recipient3, { limit: 10 }],
] as const) {
  rows(`${version} recipient`, role, [
    [
      'RR-07: asks what waits, and lets the answer come back',
      given(),
      ready,
      onCommand('status', { recipientDid: 'did:example:me', timeoutSeconds: 9 }),
      { at: 'asking' },
      send('status-request', { recipient_did: 'did:example:me' }, question),
      startTimer('timeout', 9),
    ],
    [
      'is told',
      given(),
      { at: 'asking' },
      onMessage('status', { message_count: 7, recipient_did: null, total_bytes: 1234, live_delivery: false }),
      { at: 'told', status: { messageCount: 7, totalBytes: 1234, liveDelivery: false } },
      stopTimer('timeout'),
      emit('status', { by: bob, messageCount: 7, totalBytes: 1234, liveDelivery: false }),
    ],
    [
      'is told without having asked',
      given(),
      ready,
      onMessage('status', { message_count: 1 }),
      { at: 'told', status: { messageCount: 1 } },
      stopTimer('timeout'),
      emit('status', { by: bob, messageCount: 1 }),
    ],
    [
      'RR-07: asks for messages, and lets them come back',
      given(),
      ready,
      onCommand('deliver', { limit: 10, timeoutSeconds: 9 }),
      { at: 'fetching' },
      send('delivery-request', limit, question),
      startTimer('timeout', 9),
    ],
    ...['fetching', 'ready'].map(
      (at): Row => [
        `takes what is delivered at ${at}, in every encoding`,
        came,
        { at },
        onMessage('delivery'),
        delivered,
        stopTimer('timeout'),
        task('receive', received),
      ],
    ),
    ['takes an empty delivery', given(), { at: 'fetching' }, onMessage('delivery'), { at: 'delivered', ids: [] }, stopTimer('timeout')],
    [
      'takes a status for an empty delivery',
      given(),
      { at: 'fetching' },
      onMessage('status', { message_count: 0 }),
      { at: 'delivered', ids: [] },
      stopTimer('timeout'),
    ],
    [
      'asks for live delivery',
      given(),
      ready,
      onCommand('live', { liveDelivery: true, timeoutSeconds: 9 }),
      { at: 'switching' },
      send('live-delivery-change', { live_delivery: true }, question),
      startTimer('timeout', 9),
    ],
    [
      'has live delivery',
      given(),
      { at: 'switching' },
      onMessage('status', { message_count: 3, live_delivery: true }),
      { at: 'switched', liveDelivery: true, status: { messageCount: 3, liveDelivery: true } },
      stopTimer('timeout'),
    ],
    [
      'has none, where the connection does not last',
      given(),
      { at: 'switching' },
      onProblem(noLiveMode),
      { at: 'refused' },
      stopTimer('timeout'),
    ],
    ...['asking', 'fetching', 'switching'].map(
      (at): Row => [`gives up at ${at}`, given(), { at }, onTimer('timeout'), { at: 'silent' }, emit('silent')],
    ),
  ])
}

const keptAt = ({ at }: { readonly at: string }): readonly string[] => (at === 'delivered' ? ['q-2', 'q-3', 'q-4'] : [])

for (const role of [recipient, recipient3]) {
  rows('a recipient that could take nothing', role, [
    [
      'REL-03: acknowledges nothing, and says so here alone',
      given(),
      delivered,
      onCommand('acknowledge', { ids: [] }),
      { at: 'acknowledged' },
      emit('acknowledged', { ids: [], kept: delivered.ids }),
    ],
  ])
}

rows(
  'message-pickup/4.0 recipient, after a delivery',
  recipient,
  [ready, delivered].map((state) => [
    `acknowledges at ${state.at}, and expects nothing`,
    given(),
    state,
    onCommand('acknowledge', { ids: ['q-1'] }),
    { at: 'acknowledged' },
    send('messages-received', { message_id_list: ['q-1'] }),
    emit('acknowledged', { ids: ['q-1'], kept: keptAt(state) }),
  ]),
)

rows('messagepickup/3.0 recipient, after a delivery', recipient3, [
  ...[ready, delivered].map(
    (state): Row => [
      `acknowledges at ${state.at}, and waits for a status`,
      given(),
      state,
      onCommand('acknowledge', { ids: ['q-1'] }),
      { at: 'acknowledging' },
      send('messages-received', { message_id_list: ['q-1'] }, back),
      startTimer('timeout', acknowledgedAfterSeconds),
      emit('acknowledged', { ids: ['q-1'], kept: keptAt(state) }),
    ],
  ),
  [
    'is told what is left',
    given(),
    { at: 'acknowledging' },
    onMessage('status', { message_count: 2 }),
    { at: 'acknowledged', status: { messageCount: 2 } },
    stopTimer('timeout'),
  ],
  ['does without a status', given(), { at: 'acknowledging' }, onTimer('timeout'), { at: 'acknowledged' }],
])

const status = {
  messageCount: 2,
  longestWaitedSeconds: 60,
  newestReceivedTime: 1_700_000_060,
  oldestReceivedTime: 1_700_000_000,
  totalBytes: 99,
}
const context: Queue = { status, messages: [{ id: 'q-1', envelope }], isLasting: true }
const holds = given({ context })
const empty = given({ context: { status: { messageCount: 0 }, messages: [], isLasting: false } })
const status3 = {
  message_count: 2,
  longest_waited_seconds: 60,
  newest_received_time: 1_700_000_060,
  oldest_received_time: 1_700_000_000,
  total_bytes: 99,
}
const status4 = { message_count: 2, newest_received_time: 1_700_000_060_000, oldest_received_time: 1_700_000_000_000, total_bytes: 99 }
const waiting = [{ id: 'q-1', media_type: 'application/didcomm-encrypted+json', data: { json: jwe } }]

for (const [version, role, body] of [
  ['message-pickup/4.0', mediator, status4],
  ['messagepickup/3.0', mediator3, status3],
] as const) {
  rows(`${version} mediator`, role, [
    ['tells what waits', holds, serving, onMessage('status-request'), serving, send('status', body)],
    [
      'names the recipient whom it was asked about',
      holds,
      serving,
      onMessage('status-request', { recipient_did: 'did:example:me' }),
      serving,
      send('status', { ...body, recipient_did: 'did:example:me' }),
    ],
    ['delivers', holds, serving, onMessage('delivery-request', { limit: 1 }), serving, send('delivery', {}, { attachments: waiting })],
    [
      'names the recipient whom it delivers for',
      holds,
      serving,
      onMessage('delivery-request', { limit: 1, recipient_did: 'did:example:me' }),
      serving,
      send('delivery', { recipient_did: 'did:example:me' }, { attachments: waiting }),
    ],
    [
      'delivers live where the connection lasts',
      holds,
      serving,
      onMessage('live-delivery-change', { live_delivery: true }),
      serving,
      task('live', { liveDelivery: true }),
      send('status', { ...body, live_delivery: true }),
    ],
    [
      'does not where it does not last',
      empty,
      serving,
      onMessage('live-delivery-change', { live_delivery: true }),
      serving,
      report(noLiveMode),
    ],
    [
      'may always be told to stop',
      empty,
      serving,
      onMessage('live-delivery-change', { live_delivery: false }),
      serving,
      task('live', { liveDelivery: false }),
      send('status', { message_count: 0, live_delivery: false }),
    ],
    [
      'delivers what comes, in a thread of its own',
      given(),
      serving,
      onCommand('push', { messages: [{ id: 'q-1', envelope }] }),
      serving,
      send('delivery', {}, { attachments: waiting, thread: 'new' }),
    ],
  ])
}

const receipt = onMessage('messages-received', { message_id_list: ['q-1', 'unknown'] })
const forget = task('forget', { ids: ['q-1', 'unknown'] })

rows('message-pickup/4.0 mediator, of its own', mediator, [
  [
    'has an empty delivery where nothing waits',
    empty,
    serving,
    onMessage('delivery-request', { message_count_limit: 1 }),
    serving,
    send('delivery', {}, { attachments: [] }),
  ],
  ['forgets, and answers nothing', holds, serving, receipt, serving, forget],
])

rows('messagepickup/3.0 mediator, of its own', mediator3, [
  [
    'has a status where nothing waits',
    empty,
    serving,
    onMessage('delivery-request', { limit: 1 }),
    serving,
    send('status', { message_count: 0 }),
  ],
  ['forgets, and tells what is left', holds, serving, receipt, serving, forget, send('status', status3)],
])

describe('message-pickup', () => {
  const asks = (on: string, body: object): unknown =>
    mediator.asks?.({ at: 'serving' } satisfies Mediator['states'], onMessage(on, body), bob)

  it('a mediator asks its host for what a message needs, and for no more', () => {
    expect(asks('status-request', {})).toEqual({ limit: 0 })
    expect(asks('status-request', { recipient_did: 'did:example:me' })).toEqual({ limit: 0, recipientDid: 'did:example:me' })
    expect(asks('delivery-request', { message_count_limit: 5 })).toEqual({ limit: 5 })
    expect(asks('delivery-request', { limit: 5 })).toEqual({ limit: 5 })
    expect(asks('messages-received', { message_id_list: ['q-1'] })).toEqual({ limit: 0, without: ['q-1'] })
    expect(mediator.asks?.({ at: 'serving' }, onCommand('push', { messages: [] }), bob)).toBeUndefined()
  })

  it('times are read in seconds and in milliseconds', () => {
    expect(statusOf({ message_count: 1, newest_received_time: 1_700_000_060_999, oldest_received_time: 1_700_000_000 })).toEqual({
      messageCount: 1,
      newestReceivedTime: 1_700_000_060,
      oldestReceivedTime: 1_700_000_000,
    })
  })

  it.each([envelope, 'no JSON'])('%s comes out as it went in', (text) => {
    const [, effect] = advance(mediator, { at: 'serving' }, onCommand('push', { messages: [{ id: 'q-1', envelope: text }] }), given())
    const { options = {} } = effect as Extract<Effect, { do: 'send' }>
    const [, , task] = advance(
      recipient,
      { at: 'ready' },
      onMessage('delivery'),
      given({ message: message({ attachments: options.attachments ?? [] }) }),
    )
    expect(task).toEqual({ do: 'task', name: 'receive', detail: { messages: [{ id: 'q-1', envelope: text }], unreadable: [] } })
  })
})
