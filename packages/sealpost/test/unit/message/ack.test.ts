import { describe, expect, it } from 'vitest'
import {
  ackHeader,
  acknowledgedIds,
  acknowledges,
  acksDue,
  emptyType,
  isExplicitAck,
  isPureAck,
  pureAck,
  requestedAcks,
} from '../../../src/message/ack.ts'
import { checkPlaintext } from '../../../src/message/check.ts'

const type = 'https://example.com/chat/1.0/line'

describe('requests', () => {
  it('ACK-02, ACK-11: the empty string is the message itself; each id counts once, whatever its case', () => {
    expect(requestedAcks({ id: 'xyz', type, please_ack: ['abc', '', 'ABC', 'XYZ', 'def'] })).toEqual(['abc', 'xyz', 'def'])
    expect(requestedAcks({ id: 'xyz', type })).toEqual([])
  })

  it('ACK-03, ACK-04: what was asked for is owed', () => {
    expect(acksDue({ id: 'xyz', type, please_ack: ['abc', 'def'] })).toEqual(['abc', 'def'])
  })

  it('ACK-07, M15: no id is acknowledged twice', () => {
    const done = new Set(['abc'])
    expect(acksDue({ id: 'xyz', type, please_ack: ['abc', ''] }, { acknowledged: (id) => done.has(id) })).toEqual(['xyz'])
  })

  it('ACK-07: a bare acknowledgment that answers our request is not acknowledged', () => {
    const storm = { id: 'b', type: emptyType, ack: ['a'], please_ack: [''] }
    expect(acksDue(storm, { asked: (id) => id === 'a' })).toEqual([])
    expect(acksDue({ ...storm, type }, { asked: (id) => id === 'a' })).toEqual(['b'])
    expect(acksDue(storm, { asked: () => false })).toEqual(['b'])
  })

  it('ACK-07, ACK-09: a pure acknowledgment is an empty message that cannot ask for one', () => {
    const message = pureAck({ id: 'b', thid: 't', from: 'did:example:bob', to: ['did:example:alice'], ack: ['a'] })
    expect(checkPlaintext(message)).toEqual({
      id: 'b',
      type: 'https://didcomm.org/empty/1.0/empty',
      from: 'did:example:bob',
      to: ['did:example:alice'],
      thid: 't',
      ack: ['a'],
      body: {},
    })
    const smuggled = pureAck({ id: 'b', ack: ['a'], please_ack: [''] } as Parameters<typeof pureAck>[0])
    expect(smuggled.please_ack).toBeUndefined()
  })

  it('ACK-06, FWD-08, M16: a forward is never acknowledged', () => {
    expect(acksDue({ id: 'f', type: 'https://didcomm.org/routing/2.0/forward', please_ack: [''] })).toEqual([])
    expect(acksDue({ id: 'f', type: 'https://didcomm.org/routing/2.1/Forward', please_ack: [''] })).toEqual([])
  })
})

describe('answers', () => {
  it('ACK-05, ACK-11: `ack` is in the order of receipt, without what was never received', () => {
    expect(ackHeader(['XYZ', 'def', 'abc', 'never'], ['zero', 'abc', 'def', 'xyz'])).toEqual({ ack: ['abc', 'def', 'xyz'] })
    expect(ackHeader([], ['abc'])).toEqual({})
    expect(ackHeader(['never'], ['abc'])).toEqual({})
  })

  it('ACK-08, EMP-01: a message with `ack` is one, whatever its type; an empty one is nothing else', () => {
    expect(isExplicitAck({ id: 'b', type, ack: ['a'] })).toBe(true)
    expect(isPureAck({ id: 'b', type, ack: ['a'] })).toBe(false)
    expect(isPureAck({ id: 'b', type: emptyType, ack: ['a'] })).toBe(true)
    expect(isPureAck({ id: 'b', type: emptyType })).toBe(false)
    expect(acknowledgedIds({ id: 'b', type, ack: ['a'] })).toEqual(['a'])
  })

  it('ACK-08, ACK-10, ACK-11: a message acknowledges what its `ack` names, and a problem report what it reacts to', () => {
    const report = { id: 'r', type: 'https://didcomm.org/report-problem/2.0/problem-report', pthid: 'a', body: { code: 'e.m.msg' } }
    expect(acknowledges({ id: 'b', type: 'https://example.com/x/1.0/ack', ack: ['A'] }, 'a')).toBe(true)
    expect(acknowledges({ id: 'b', type }, 'a')).toBe(false)
    expect(acknowledges(report, 'a')).toBe(true)
    expect(acknowledges({ ...report, ack: ['b'] }, 'a')).toBe(false)
  })
})
