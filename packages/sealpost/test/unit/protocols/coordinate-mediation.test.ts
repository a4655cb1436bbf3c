import { describe, expect, it } from 'vitest'
import { type AnyRole, advance, emit, report, type State, startTimer, stopTimer } from '../../../src/machine/index.ts'
import { coordinateMediation } from '../../../src/protocols/coordinate-mediation/index.ts'
import { mediator } from '../../../src/protocols/coordinate-mediation/mediator.ts'
import { mediator2 } from '../../../src/protocols/coordinate-mediation/mediator2.ts'
import { recipient } from '../../../src/protocols/coordinate-mediation/recipient.ts'
import { recipient2 } from '../../../src/protocols/coordinate-mediation/recipient2.ts'
import type { Registry } from '../../../src/protocols/coordinate-mediation/registry.ts'
import { bob, given, onCommand, onMessage, onTimer, type Row, rows, send } from './table.ts'

const context: Registry = {
  routingDid: 'did:example:m',
  admits: (peer) => peer === bob,
  held: new Set(['did:example:old', 'did:example:older']),
  taken: new Set(['did:example:taken']),
}
const asked = given({ context })
const stranger = { at: 'stranger' }
const granted = { at: 'granted' }
const back = { returnRoute: 'all' } as const
const question = { returnRoute: 'all', expiresInSeconds: 309 } as const
const did = (recipient_did: string) => ({ recipient_did })

const updates = [
  { ...did('did:example:new'), action: 'add' },
  { ...did('did:example:old'), action: 'add' },
  { ...did('did:example:taken'), action: 'add' },
  { ...did('no-did'), action: 'add' },
  { ...did('did:example:none'), action: 'remove' },
  { ...did('did:example:old'), action: 'remove' },
]
const updated = ['success', 'no_change', 'client_error', 'client_error', 'no_change', 'success'].map((result, index) => ({
  ...updates[index],
  result,
}))

type Words = {
  readonly mediator: AnyRole
  readonly recipient: AnyRole
  readonly routing: string | string[]
  readonly update: string
  readonly updated: string
  readonly query: string
  readonly listed: string
  readonly of: (dids: readonly string[]) => object
}
const versions: Readonly<Record<string, Words>> = {
  'coordinate-mediation/3.0': {
    mediator,
    recipient,
    routing: ['did:example:m'],
    update: 'recipient-update',
    updated: 'recipient-update-response',
    query: 'recipient-query',
    listed: 'recipient',
    of: (dids) => ({ dids: dids.map(did) }),
  },
  'coordinate-mediation/2.0': {
    mediator: mediator2,
    recipient: recipient2,
    routing: 'did:example:m',
    update: 'keylist-update',
    updated: 'keylist-update-response',
    query: 'keylist-query',
    listed: 'keylist',
    of: (dids) => ({ keys: dids.map(did) }),
  },
}

for (const [name, words] of Object.entries(versions)) {
  const page = (paginate: object | null | undefined, dids: readonly string[], pagination?: object): Row => [
    `lists ${JSON.stringify(paginate)}`,
    asked,
    granted,
    onMessage(words.query, { ...(paginate !== undefined && { paginate }) }),
    granted,
    send(words.listed, { ...words.of(dids), ...(pagination && { pagination }) }),
  ]

  rows(`${name} mediator`, words.mediator, [
    [
      'grants whom it admits',
      asked,
      stranger,
      onMessage('mediate-request'),
      granted,
      send('mediate-grant', { routing_did: words.routing }),
    ],
    ['denies the rest', { ...asked, peer: 'did:example:eve' }, stranger, onMessage('mediate-request'), stranger, send('mediate-deny', {})],
    [
      'denies whoever is not proved',
      { ...asked, peer: undefined },
      stranger,
      onMessage('mediate-request'),
      stranger,
      send('mediate-deny', {}),
    ],
    ['grants again', asked, granted, onMessage('mediate-request'), granted, send('mediate-grant', { routing_did: words.routing })],
    [
      'a stranger may update nothing',
      asked,
      stranger,
      onMessage(words.update, { updates: [] }),
      stranger,
      report('e.m.req.out-of-order', words.update, 'stranger'),
    ],
    [
      'a stranger is told nothing',
      asked,
      stranger,
      onMessage(words.query),
      stranger,
      report('e.m.req.out-of-order', words.query, 'stranger'),
    ],
    [
      'updates the list, with one result for each',
      asked,
      granted,
      onMessage(words.update, { updates }),
      granted,
      { do: 'task', name: 'bind', detail: { recipients: ['did:example:older', 'did:example:new'] } },
      send(words.updated, { updated }),
    ],
    page(undefined, ['did:example:old', 'did:example:older']),
    page(null, ['did:example:old', 'did:example:older']),
    page({ limit: 1, offset: 0 }, ['did:example:old'], { count: 1, offset: 0, remaining: 1 }),
    page({ limit: 9, offset: 1 }, ['did:example:older'], { count: 1, offset: 1, remaining: 0 }),
    page({ limit: 9, offset: 7 }, [], { count: 0, offset: 7, remaining: 0 }),
    page({ limit: 0, offset: 0 }, [], { count: 0, offset: 0, remaining: 2 }),
  ])

  const querying = { at: 'querying', recipients: ['did:example:1'], pageSize: 1 }
  const next = (pagination: object | null | undefined) => ({
    ...words.of(['did:example:2']),
    ...(pagination !== undefined && { pagination }),
  })
  const listed = { at: 'listed', recipients: ['did:example:1', 'did:example:2'] }

  rows(`${name} recipient`, words.recipient, [
    [
      'RR-01: asks, and lets the answer come back',
      given(),
      { at: 'ready' },
      onCommand('request', { timeoutSeconds: 9 }),
      { at: 'requesting' },
      send('mediate-request', {}, question),
      startTimer('timeout', 9),
    ],
    ...['did:example:m', ['did:example:m']].map(
      (routing_did): Row => [
        `is granted ${JSON.stringify(routing_did)}`,
        given(),
        { at: 'requesting' },
        onMessage('mediate-grant', { routing_did }),
        { at: 'granted', routingDids: ['did:example:m'] },
        stopTimer('timeout'),
        emit('granted', { by: bob, routingDids: ['did:example:m'] }),
      ],
    ),
    [
      'is denied',
      given(),
      { at: 'requesting' },
      onMessage('mediate-deny'),
      { at: 'denied' },
      stopTimer('timeout'),
      emit('denied', { by: bob }),
    ],
    [
      'tells which to add and which to remove',
      given(),
      { at: 'ready' },
      onCommand('update', { add: ['did:example:a'], remove: ['did:example:b'], timeoutSeconds: 9 }),
      { at: 'updating' },
      send(
        words.update,
        {
          updates: [
            { ...did('did:example:a'), action: 'add' },
            { ...did('did:example:b'), action: 'remove' },
          ],
        },
        question,
      ),
      startTimer('timeout', 9),
    ],
    [
      'learns what came of it',
      given(),
      { at: 'updating' },
      onMessage(words.updated, { updated }),
      { at: 'updated', updated },
      stopTimer('timeout'),
    ],
    [
      'asks for the list',
      given(),
      { at: 'ready' },
      onCommand('query', { pageSize: 1, timeoutSeconds: 9 }),
      { at: 'querying', recipients: [], pageSize: 1 },
      send(words.query, { paginate: { limit: 1, offset: 0 } }, question),
      startTimer('timeout', 9),
    ],
    [
      'asks for the next page',
      given(),
      querying,
      onMessage(words.listed, next({ count: 1, offset: 1, remaining: 1 })),
      { ...querying, recipients: ['did:example:1', 'did:example:2'] },
      send(words.query, { paginate: { limit: 1, offset: 2 } }, back),
    ],
    ['has all', given(), querying, onMessage(words.listed, next({ count: 1, offset: 1, remaining: 0 })), listed, stopTimer('timeout')],
    ['has all, where nothing is said of pages', given(), querying, onMessage(words.listed, next(undefined)), listed, stopTimer('timeout')],
    ['has all, where null is said of pages', given(), querying, onMessage(words.listed, next(null)), listed, stopTimer('timeout')],
    [
      'an empty page is the last, whatever it says',
      given(),
      querying,
      onMessage(words.listed, { ...words.of([]), pagination: { count: 0, offset: 1, remaining: 9 } }),
      { at: 'listed', recipients: ['did:example:1'] },
      stopTimer('timeout'),
    ],
    ...(['requesting', 'updating', 'querying'] as const).map(
      (at): Row => [`gives up at ${at}`, given(), { ...querying, at }, onTimer('timeout'), { at: 'silent' }, emit('silent')],
    ),
    [
      'an answer that nobody asked for is none',
      given(),
      { at: 'ready' },
      onMessage('mediate-grant', { routing_did: 'did:example:m' }),
      { at: 'ready' },
      report('e.m.req.out-of-order', 'mediate-grant', 'ready'),
    ],
  ])
}

describe('coordinate-mediation', () => {
  it('MPR-03: recipient and mediator page through a long list', () => {
    const held = new Set(Array.from({ length: 2_345 }, (_, index) => `did:example:${index}`))
    let [state, effect] = advance(recipient, { at: 'ready' }, onCommand('query', { pageSize: 500, timeoutSeconds: 9 }), given())
    let pages = 0
    while (effect?.do === 'send') {
      pages++
      const [, answer] = advance(
        mediator,
        { at: 'granted' },
        onMessage('recipient-query', effect.body),
        given({ context: { ...context, held } }),
      )
      ;[state, effect] = advance(recipient, state, onMessage('recipient', (answer as { body: object }).body), given())
    }
    expect(pages).toBe(5)
    expect((state as State & { recipients: string[] }).recipients).toEqual([...held])
  })

  it('without a host, nobody is admitted', () => {
    const answer = coordinateMediation.context?.({ dids: [] }, { protocols: [], peer: bob, maxReceiveBytes: 1, random: () => 0 })
    expect(advance(mediator, { at: 'stranger' }, onMessage('mediate-request'), given({ context: answer }))[0]).toEqual({ at: 'stranger' })
  })

  it('asks its host for the DIDs that an input names', () => {
    expect(mediator.asks?.({ at: 'granted' }, onMessage('recipient-update', { updates: updates.slice(0, 2) }), bob)).toEqual({
      dids: ['did:example:new', 'did:example:old'],
    })
    expect(mediator.asks?.({ at: 'granted' }, onMessage('recipient-query'), bob)).toEqual({ dids: [] })
  })
})
