import { expect, it } from 'vitest'
import { mayReturn, queueUri, returnCapacity, returnRouteOf } from '../../../src/message/return-route.ts'

const message = { id: 'a', type: 'https://didcomm.org/empty/1.0/empty' }
const outgoing = { id: 'x', thid: 'T', recipient: 'did:example:alice' }
const provenDid = 'did:example:alice'

it('RR-01: none is the default, and what an unknown value means', () => {
  expect(returnRouteOf(message)).toEqual({ route: 'none' })
  for (const value of ['none', 'ALL', 'sometimes', null, 1, {}, ['all'], 'thread']) {
    expect(returnRouteOf({ ...message, return_route: value })).toEqual({ route: 'none' })
  }
  expect(returnRouteOf({ ...message, return_route: 'all' })).toEqual({ route: 'all' })
  expect(returnRouteOf({ ...message, return_route: 'thread', return_route_thread: 't' })).toEqual({ route: 'thread', thid: 't' })
  expect(returnRouteOf({ ...message, return_route: 'thread', return_route_thread: 1 })).toEqual({ route: 'none' })
})

it('RR-02: all messages for the DID, or those of one thread', () => {
  expect(mayReturn({ route: { route: 'all' }, provenDid }, outgoing)).toBe(true)
  expect(mayReturn({ route: { route: 'all' }, provenDid }, { ...outgoing, recipient: 'did:example:bob' })).toBe(false)
  expect(mayReturn({ route: { route: 'thread', thid: 't' }, provenDid }, outgoing)).toBe(true)
  expect(mayReturn({ route: { route: 'thread', thid: 'u' }, provenDid }, outgoing)).toBe(false)
  expect(mayReturn({ route: { route: 'none' }, provenDid }, outgoing)).toBe(false)
})

it('RR-03: one message over HTTP, many over a connection that stays', () => {
  expect(returnCapacity({ route: 'all' }, 'once')).toBe(1)
  expect(returnCapacity({ route: 'all' }, 'lasting')).toBe(Number.POSITIVE_INFINITY)
  expect(returnCapacity({ route: 'none' }, 'lasting')).toBe(0)
})

it('RR-04, RR-06, SEC-43: not through mediators, and never for a sender that is not proved', () => {
  expect(mayReturn({ route: { route: 'all' }, provenDid, routed: true }, outgoing)).toBe(false)
  expect(mayReturn({ route: { route: 'all' }, provenDid: undefined }, outgoing)).toBe(false)
})

it('RR-05: the URI of the queue', () => {
  expect(queueUri).toBe('didcomm:transport/queue')
})
