import { expect, it } from 'vitest'
import { childHeaders, isChildOf, replyHeaders, sameThread, threadKey, threadOf } from '../../../src/message/thread.ts'

it('HDR-14, THR-06: without `thid` the `id` is the thread', () => {
  expect(threadOf({ id: 'a' })).toBe('a')
  expect(threadOf({ id: 'b', thid: 'a' })).toBe('a')
})

it('THR-04, THR-07, THR-08: messages are of one thread by `thid`, whatever its case', () => {
  expect(sameThread({ id: 'ABC' }, { id: 'x', thid: 'abc' })).toBe(true)
  expect(sameThread({ id: 'a', thid: 't1' }, { id: 'a', thid: 't2' })).toBe(false)
})

it('PRB-01, THR-07, THR-13: a reply carries the thread, not the id of the message where they differ', () => {
  expect(replyHeaders({ id: 'a' })).toEqual({ thid: 'a' })
  expect(replyHeaders({ id: 'b', thid: 'a', pthid: 'p' })).toEqual({ thid: 'a' })
})

it('THR-09, THR-10: a child names its parent, in every message where many speak', () => {
  expect(childHeaders({ id: 'b', thid: 'a' })).toEqual({ pthid: 'a' })
  expect(replyHeaders({ id: 'b', thid: 'a', pthid: 'p' }, { repeatParent: true })).toEqual({ thid: 'a', pthid: 'p' })
  expect(replyHeaders({ id: 'b' }, { repeatParent: true })).toEqual({ thid: 'b' })
  expect(isChildOf({ pthid: 'A' }, { id: 'b', thid: 'a' })).toBe(true)
  expect(isChildOf({ pthid: 'b' }, { id: 'b', thid: 'a' })).toBe(false)
  expect(isChildOf({}, { id: 'b' })).toBe(false)
})

it('THR-12, M13, M03: the state of a thread belongs to one relationship', () => {
  expect(threadKey('did:example:alice', { id: 'T' })).toBe(threadKey('did:example:alice', { id: 'x', thid: 't' }))
  expect(threadKey('did:example:alice', { id: 't' })).not.toBe(threadKey('did:example:mallory', { id: 't' }))
})
