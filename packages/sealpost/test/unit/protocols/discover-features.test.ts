import { describe, expect, it } from 'vitest'
import { advance, emit, type Protocol, startTimer, stopTimer } from '../../../src/machine/index.ts'
import { basicMessage } from '../../../src/protocols/basicmessage/index.ts'
import { featuresOf, matching, shuffled } from '../../../src/protocols/discover-features/features.ts'
import { discoverFeatures, matchesGlob } from '../../../src/protocols/discover-features/index.ts'
import type { Disclose } from '../../../src/protocols/discover-features/messages.ts'
import { requester } from '../../../src/protocols/discover-features/requester.ts'
import { responder } from '../../../src/protocols/discover-features/responder.ts'
import { trustPing } from '../../../src/protocols/trust-ping/index.ts'
import { randomOf } from '../../property/seed.ts'
import { bob, given, onCommand, onMessage, onTimer, rows, send } from './table.ts'

const ping = { 'feature-type': 'protocol', id: trustPing.piuri, roles: ['sender', 'receiver'] }
const chat = { 'feature-type': 'protocol', id: basicMessage.piuri, roles: ['sender', 'receiver'] }
const listening = { at: 'listening' }
const knows = given({ context: { features: [ping, chat], random: () => 0.99 } })
const all = { queries: [{ 'feature-type': 'protocol', match: '*' }] }

rows('discover-features/2.0 requester', requester, [
  [
    'DSC-01, DSC-02: asks',
    given(),
    { at: 'ready' },
    onCommand('query', { queries: [{ featureType: 'protocol', match: 'https://didcomm.org/*' }], timeoutSeconds: 9 }),
    { at: 'asked' },
    send('queries', { queries: [{ 'feature-type': 'protocol', match: 'https://didcomm.org/*' }] }),
    startTimer('timeout', 9),
  ],
  [
    'DSC-06: is answered',
    given(),
    { at: 'asked' },
    onMessage('disclose', { disclosures: [ping] }),
    { at: 'disclosed', disclosures: [ping] },
    stopTimer('timeout'),
    emit('disclosed', { by: bob, disclosures: [ping] }),
  ],
  [
    'DSC-01: reads the older name of the message and of its member, and leaves out what is no feature',
    given(),
    { at: 'asked' },
    onMessage('disclosures', { disclosures: [{ feature_type: 'header', id: 'ack', roles: null }, { id: 'alone' }, {}] }),
    { at: 'disclosed', disclosures: [{ 'feature-type': 'header', id: 'ack' }] },
    stopTimer('timeout'),
    emit('disclosed', { by: bob, disclosures: [{ 'feature-type': 'header', id: 'ack' }] }),
  ],
  [
    'DSC-08: is told without having asked',
    given(),
    { at: 'ready' },
    onMessage('disclose', { disclosures: [] }),
    { at: 'disclosed', disclosures: [] },
    emit('disclosed', { by: bob, disclosures: [] }),
  ],
  ['gives up', given(), { at: 'asked' }, onTimer('timeout'), { at: 'silent' }, emit('silent')],
])

rows('discover-features/2.0 responder', responder, [
  [
    'DSC-03: tells of what matches',
    knows,
    listening,
    onMessage('queries', all),
    listening,
    send('disclose', { disclosures: [ping, chat] }),
  ],
  [
    'DSC-03, DSC-07: a type that nobody knows means nothing, and the answer is empty',
    knows,
    listening,
    onMessage('queries', { queries: [{ 'feature-type': 'colour', match: '*' }, { match: '*' }, { 'feature-type': 'protocol' }] }),
    listening,
    send('disclose', { disclosures: [] }),
  ],
  [
    'DSC-09: tells nobody who is not proved',
    given({ peer: undefined, context: undefined }),
    listening,
    onMessage('queries', all),
    listening,
  ],
  [
    'DSC-09: tells no more than its host lets this peer know',
    given({ context: { features: [chat], random: () => 0 } }),
    listening,
    onMessage('queries', all),
    listening,
    send('disclose', { disclosures: [chat] }),
  ],
  [
    'DSC-08: discloses by its own decision',
    knows,
    listening,
    onCommand('disclose', all),
    listening,
    send('disclose', { disclosures: [ping, chat] }, { thread: 'new' }),
  ],
])

describe('discover-features/2.0 features', () => {
  const scope = {
    protocols: [{ ...trustPing, goalCodes: ['test.ping'] }] as Protocol[],
    peer: bob,
    maxReceiveBytes: 65_536,
    random: () => 0,
  }

  it('DSC-10, TRN-04: discloses protocols with roles, goal codes, headers and the largest message', () => {
    const features = featuresOf(scope)
    expect(features).toContainEqual(ping)
    expect(features).toContainEqual({ 'feature-type': 'goal-code', id: 'test.ping' })
    expect(features).toContainEqual({ 'feature-type': 'header', id: 'please_ack' })
    expect(matching(features, [{ 'feature-type': 'constraint', match: 'max_receive_bytes' }])).toEqual([
      { 'feature-type': 'constraint', id: 'max_receive_bytes', max_receive_bytes: '65536' },
    ])
  })

  it('DSC-09: the default of the protocol tells nothing to nobody', () => {
    const answer = (peer: string | undefined) =>
      discoverFeatures.context?.({ features: 'all' }, { ...scope, peer }) as { features: object[] }
    expect(answer(undefined).features).toEqual([])
    expect(answer(bob).features.length).toBeGreaterThan(3)
  })

  it('DSC-09: the order is one of chance, and each order can be', () => {
    const random = randomOf(7)
    const orders = new Set(Array.from({ length: 200 }, () => shuffled([1, 2, 3], () => random.below(1000) / 1000).join('')))
    expect([...orders].sort()).toEqual(['123', '132', '213', '231', '312', '321'])
    const [, effect] = advance(
      responder,
      { at: 'listening' },
      onMessage('queries', all),
      given({ context: { features: [ping, chat], random: () => 0 } }),
    )
    expect(((effect as { body: Disclose }).body.disclosures as object[]).length).toBe(2)
  })

  it('DSC-05: each feature is named once, whatever matches it', () => {
    const queries = [
      { 'feature-type': 'protocol', match: '*' },
      { feature_type: 'protocol', match: 'https://didcomm.org/trust-ping/2.0' },
    ]
    expect(matching([ping, chat], queries)).toEqual([ping, chat])
  })

  it.each([
    ['*', 'anything', true],
    ['', '', true],
    ['', 'x', false],
    ['https://didcomm.org/tictactoe/1.*', 'https://didcomm.org/tictactoe/1.0', true],
    ['https://didcomm.org/tictactoe/1.*', 'https://didcomm.org/tictactoe/1.1', true],
    ['https://didcomm.org/tictactoe/1.*', 'https://didcomm.org/tictactoe/2.0', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['*x*', 'x', true],
    ['a.c', 'abc', false],
    ['a?c', 'abc', false],
    ['[a]*', 'a', false],
    ['a**c', 'ac', true],
  ])('DSC-04: %s and %s: %s', (pattern, value, matches) => expect(matchesGlob(value, pattern)).toBe(matches))

  it('DSC-04: a pattern of stars takes no longer than it is', () => {
    const began = performance.now()
    expect(matchesGlob('a'.repeat(2048), `${'*a'.repeat(255)}b`)).toBe(false)
    expect(performance.now() - began).toBeLessThan(200)
  })
})
