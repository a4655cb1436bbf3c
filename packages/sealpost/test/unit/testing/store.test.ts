import { describe, expect, it } from 'vitest'
import type { Range, Store } from '../../../src/agent/ports.ts'
import { isDidcommError } from '../../../src/errors.ts'
import { memoryStore } from '../../../src/store/memory.ts'
import { faultyStore, type StoreCall, storeConformance } from '../../../src/testing/index.ts'

const codeOf = (run: () => Promise<unknown>): Promise<string> =>
  run().then(
    () => 'none',
    (error: unknown) => (isDidcommError(error) ? error.code : String(error)),
  )

const put = (key: string, value = key) => ({ writes: [{ table: 'things', key, value }] })
const keysOf = async (store: Store): Promise<string> => (await store.list({ table: 'things', limit: 99 })).map(({ key }) => key).join(' ')

describe('faultyStore', () => {
  it('does what the port says where it is told of no fault', async () => {
    for (const [, run] of storeConformance(async () => faultyStore(memoryStore(), () => undefined), { keeps: false })) await run()
  })

  it('fails at the calls it is told, and only an answer that was lost has done something', async () => {
    const faults = ['failed', 'full', 'answer-lost', undefined] as const
    const inner = memoryStore()
    const calls: StoreCall[] = []
    const store = faultyStore(inner, (call) => {
      calls.push(call)
      return faults[call.number - 1]
    })
    const codes: string[] = []
    for (const key of ['a', 'b', 'c', 'd']) codes.push(await codeOf(() => store.commit(put(key))))
    expect(codes).toEqual(['ERR_STORE_FAILED', 'ERR_STORE_FULL', 'ERR_STORE_FAILED', 'none'])
    expect(await keysOf(inner)).toBe('c d')
    expect(await keysOf(store)).toBe('c d')
    expect((await store.get('things', ['c']))[0]?.key).toBe('c')
    expect(calls.map(({ operation, number }) => `${number} ${operation}`)).toEqual([
      '1 commit',
      '2 commit',
      '3 commit',
      '4 commit',
      '5 list',
      '6 get',
    ])
    expect(calls[0]?.batch).toEqual(put('a'))
  })
})

describe('storeConformance finds', () => {
  /** Stores that each do one thing otherwise than the port says. */
  const wrong: Readonly<Record<string, (store: Store) => Partial<Store>>> = {
    'a prefix that is ignored': (store) => ({ list: ({ prefix: _, ...range }) => store.list(range) }),
    'an `after` that is in the list': (store) => ({
      list: ({ after, ...range }) => store.list(after === undefined ? range : { ...range, after: after.slice(0, -1) }),
    }),
    'a `before` that is ignored': (store) => ({ list: ({ before: _, ...range }) => store.list(range) }),
    'a `reverse` that is ignored': (store) => ({ list: ({ reverse: _, ...range }: Range) => store.list(range) }),
    'one row too many': (store) => ({ list: (range) => store.list({ ...range, limit: range.limit + 1 }) }),
    'rows of no order': (store) => ({ list: async (range) => (await store.list(range)).toReversed() }),
    'checks that are ignored': (store) => ({ commit: ({ writes }) => store.commit({ writes }) }),
    'a part of a batch that is written at a conflict': (store) => ({
      async commit(batch) {
        const outcome = await store.commit(batch)
        if (outcome === 'conflict') await store.commit({ writes: batch.writes.slice(-1) })
        return outcome
      },
    }),
    'the first of two writes that counts': (store) => ({
      commit: ({ writes, ...batch }) => store.commit({ ...batch, writes: writes.toReversed() }),
    }),
    'a batch that is several': (store) => ({
      async commit({ checks, writes }) {
        if ((await store.commit({ ...(checks && { checks }), writes: [] })) === 'conflict') return 'conflict'
        for (const write of writes) await store.commit({ writes: [write] })
        return 'committed'
      },
    }),
    'rows that stay when they are taken away': (store) => ({
      commit: ({ writes, ...batch }) => store.commit({ ...batch, writes: writes.filter(({ value }) => value !== undefined) }),
    }),
    'versions that do not count': (store) => ({
      get: async (table, keys) => (await store.get(table, keys)).map((row) => row && { ...row, version: 1 }),
    }),
    'rows that are left out': (store) => ({
      get: async (table, keys) => (await store.get(table, keys)).filter((row) => row !== undefined),
    }),
    'tables that are one': (store) => ({ get: (_, keys) => store.get('things', keys) }),
    'a closed store that goes on': () => ({ close: async () => undefined }),
  }

  for (const [what, change] of Object.entries(wrong)) {
    it(what, async () => {
      const rules = storeConformance(
        async () => {
          const store = memoryStore()
          return { ...store, ...change(store) }
        },
        { keeps: false },
      )
      const outcomes = await Promise.all(rules.map(([, run]) => codeOf(run)))
      expect(outcomes).toContain('ERR_USAGE_ARGUMENT')
      expect(outcomes.filter((outcome) => outcome !== 'none' && outcome !== 'ERR_USAGE_ARGUMENT')).toEqual([])
    })
  }
})
