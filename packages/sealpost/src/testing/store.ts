/**
 * What every store of the agent must do, wherever its rows are: the rules of the port `Store`, each as a pair of a name and a function.
 *
 * @module
 */
import type { Json, Range, Row, Store, Write } from '../agent/ports.ts'
import { broken, expectEqual, expectError, expectTrue, type Rule } from './expect.ts'

/**
 * The rules of the port `Store`, for any test runner: each function opens stores of its own, and rejects where the rule does not hold.
 *
 * Exported from `sealpost/testing`.
 *
 * @param open - opens the store of a name: an empty one for a name that is new, what was kept for one that was closed.
 * @param options - `keeps: false` for a store whose rows go when it is closed; what must outlast that is then not asked of it.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'sealpost/store/memory'
 * import { storeConformance } from 'sealpost/testing'
 *
 * for (const [name, run] of storeConformance(async () => memoryStore(), { keeps: false })) {
 *   await run()
 *   console.log(name)
 * }
 * ```
 */
export function storeConformance(open: (name: string) => Promise<Store>, { keeps = true }: { keeps?: boolean } = {}): readonly Rule[] {
  return [...rules, ...(keeps ? lastingRules : [])].map(({ name, run }, index) => [
    name,
    () => run((suffix = '') => open(`conformance-${index}${suffix}`)),
  ])
}

type StoreRule = { readonly name: string; readonly run: (open: (suffix?: string) => Promise<Store>) => Promise<void> }

/** A rule of one store that is closed at its end, whether it holds or not. */
const rule = (name: string, run: (store: Store) => Promise<void>): StoreRule => ({
  name,
  run: async (open) => {
    const store = await open()
    try {
      await run(store)
    } finally {
      await store.close()
    }
  },
})

const table = 'things'
const put = (key: string, value: Json = key): Write => ({ table, key, value })
const take = (key: string): Write => ({ table, key, value: undefined })
const keysOf = (rows: readonly Row[]): string => rows.map(({ key }) => key).join(' ')
const all = { table, limit: 1_000_000 } as const

async function commit(store: Store, ...writes: readonly Write[]): Promise<void> {
  expectEqual('a batch without checks', await store.commit({ writes }), 'committed')
}

async function expectKeys(store: Store, range: Omit<Range, 'table'>, expected: string): Promise<void> {
  expectEqual(`the keys of ${JSON.stringify(range)}`, keysOf(await store.list({ table, ...range })), expected)
}

const rowsOf = async (store: Store, ...keys: readonly string[]): Promise<readonly (Row | undefined)[]> => store.get(table, keys)

/** The value of a row that must be there. */
async function valueAt(store: Store, key: string): Promise<Json> {
  const [row] = await rowsOf(store, key)
  if (row === undefined) throw broken(`a row with the key ${key}`)
  return row.value
}

const rules: readonly StoreRule[] = [
  rule('get answers in the order of the keys it is given, and undefined where there is no row', async (store) => {
    expectEqual('rows of an empty store', await rowsOf(store, 'a', 'b'), [undefined, undefined])
    await commit(store, put('a', 1), put('b', 2))
    expectEqual('the rows', await rowsOf(store, 'b', 'x', 'a', 'b'), [
      { key: 'b', value: 2, version: 1 },
      undefined,
      { key: 'a', value: 1, version: 1 },
      { key: 'b', value: 2, version: 1 },
    ])
    expectEqual('the rows of no keys', await rowsOf(store), [])
    expectEqual('a key of another table', await store.get('others', ['a']), [undefined])
  }),

  rule('list answers in the order of keys, whatever the order of writes', async (store) => {
    expectEqual('the rows of an empty table', await store.list(all), [])
    await commit(store, put('b'), put('a/2'), put('~'), put(''), put('a/10'), put('B'), put('a'), put('_'), put('a-'))
    await expectKeys(store, { limit: 100 }, ' B _ a a- a/10 a/2 b ~')
    await expectKeys(store, { limit: 100, reverse: true }, '~ b a/2 a/10 a- a _ B ')
    expectEqual('a row that is listed', (await store.list({ table, after: 'a', limit: 1 }))[0], { key: 'a-', value: 'a-', version: 1 })
  }),

  rule('list begins and ends where it is told', async (store) => {
    await commit(store, ...['a', 'm', 'm/1', 'm/2', 'm/3', 'm0', 'z'].map((key) => put(key)))
    await expectKeys(store, { prefix: 'm', limit: 100 }, 'm m/1 m/2 m/3 m0')
    await expectKeys(store, { prefix: 'm/', limit: 100 }, 'm/1 m/2 m/3')
    await expectKeys(store, { prefix: 'n', limit: 100 }, '')
    await expectKeys(store, { after: 'm/1', limit: 100 }, 'm/2 m/3 m0 z')
    await expectKeys(store, { after: 'm/1x', limit: 100 }, 'm/2 m/3 m0 z')
    await expectKeys(store, { before: 'm/2', limit: 100 }, 'a m m/1')
    await expectKeys(store, { after: 'a', before: 'm/2', limit: 100 }, 'm m/1')
    await expectKeys(store, { after: 'm/2', before: 'm/1', limit: 100 }, '')
    await expectKeys(store, { after: 'm', before: 'm', limit: 100 }, '')
    await expectKeys(store, { prefix: 'm/', after: 'm/1', limit: 100 }, 'm/2 m/3')
    await expectKeys(store, { prefix: 'm/', after: 'a', limit: 100 }, 'm/1 m/2 m/3')
    await expectKeys(store, { prefix: 'm/', after: 'n', limit: 100 }, '')
    await expectKeys(store, { prefix: 'm/', before: 'm/3', limit: 100 }, 'm/1 m/2')
    await expectKeys(store, { prefix: 'm/', before: 'z', limit: 100 }, 'm/1 m/2 m/3')
    await expectKeys(store, { prefix: 'm/', before: 'a', limit: 100 }, '')
  }),

  rule('list goes backwards, with `after` as where the last page ended and `before` as the end of all', async (store) => {
    await commit(store, ...['a', 'm', 'm/1', 'm/2', 'm/3', 'm0', 'z'].map((key) => put(key)))
    await expectKeys(store, { prefix: 'm/', reverse: true, limit: 100 }, 'm/3 m/2 m/1')
    await expectKeys(store, { prefix: 'm/', after: 'm/3', reverse: true, limit: 100 }, 'm/2 m/1')
    await expectKeys(store, { prefix: 'm/', after: 'z', reverse: true, limit: 100 }, 'm/3 m/2 m/1')
    await expectKeys(store, { prefix: 'm/', after: 'a', reverse: true, limit: 100 }, '')
    await expectKeys(store, { after: 'm/1', reverse: true, limit: 100 }, 'm a')
    await expectKeys(store, { before: 'm/1', reverse: true, limit: 100 }, 'm a')
    await expectKeys(store, { after: 'm/3', before: 'm/1', reverse: true, limit: 100 }, 'm a')
    await expectKeys(store, { after: 'm/1', before: 'm/3', reverse: true, limit: 100 }, 'm a')
  }),

  rule('list gives as many rows as it is told, from the side it begins at', async (store) => {
    await commit(store, put('a'), put('b'), put('c'))
    await expectKeys(store, { limit: 0 }, '')
    await expectKeys(store, { limit: 2 }, 'a b')
    await expectKeys(store, { limit: 3 }, 'a b c')
    await expectKeys(store, { limit: Number.POSITIVE_INFINITY }, 'a b c')
    await expectKeys(store, { reverse: true, limit: 2 }, 'c b')
    await expectKeys(store, { reverse: true, limit: 0 }, '')
    await expectKeys(store, { reverse: true, limit: Number.POSITIVE_INFINITY }, 'c b a')
  }),

  rule('tables are apart, and one batch writes to many', async (store) => {
    await commit(store, put('a', 1), { table: 'others', key: 'a', value: 2 }, { table: 'other', key: 's', value: 3 })
    expectEqual('the rows of things', await store.list(all), [{ key: 'a', value: 1, version: 1 }])
    expectEqual('the rows of others', await store.list({ table: 'others', limit: 9 }), [{ key: 'a', value: 2, version: 1 }])
    expectEqual('the rows of other', await store.list({ table: 'other', limit: 9, reverse: true }), [{ key: 's', value: 3, version: 1 }])
  }),

  rule('a version is 1 for a new row, one more with each write, and 1 again once it was taken away', async (store) => {
    for (const version of [1, 2, 3]) {
      await commit(store, put('a', version))
      expectEqual('the row', await rowsOf(store, 'a'), [{ key: 'a', value: version, version }])
    }
    await commit(store, take('a'))
    expectEqual('a row that was taken away', await rowsOf(store, 'a'), [undefined])
    expectEqual('the rows that are left', await store.list(all), [])
    await commit(store, put('a', 'anew'))
    expectEqual('the row', await rowsOf(store, 'a'), [{ key: 'a', value: 'anew', version: 1 }])
  }),

  rule('taking away what is not there is no error, and a batch without writes neither', async (store) => {
    await commit(store, take('a'), { table: 'none', key: 'a', value: undefined })
    await commit(store)
    expectEqual('the rows', await store.list(all), [])
    expectEqual('a check alone', await store.commit({ checks: [{ table, key: 'a', version: 0 }], writes: [] }), 'committed')
    expectEqual('a check alone', await store.commit({ checks: [{ table, key: 'a', version: 1 }], writes: [] }), 'conflict')
  }),

  rule('of two writes of one row in a batch the later counts, as if the other were not there', async (store) => {
    await commit(store, put('a', 1), put('b', 1), put('a', 2), take('b'))
    expectEqual('the rows', await store.list(all), [{ key: 'a', value: 2, version: 1 }])
    await commit(store, take('a'), put('b', 3), put('a', 4), put('b', 5))
    expectEqual('the rows', await store.list(all), [
      { key: 'a', value: 4, version: 2 },
      { key: 'b', value: 5, version: 1 },
    ])
    const many = Array.from({ length: 50 }, (_, index) => put(`c${index % 10}`, index))
    await commit(store, ...many)
    expectEqual('a row of many', await rowsOf(store, 'c3'), [{ key: 'c3', value: 43, version: 1 }])
  }),

  rule('checks hold where a row is at its version, or is not there for 0', async (store) => {
    const attempt = (key: string, version: number, write: Write) => store.commit({ checks: [{ table, key, version }], writes: [write] })
    expectEqual('version 1 of no row', await attempt('a', 1, put('a')), 'conflict')
    expectEqual('version 0 of no row', await attempt('a', 0, put('a')), 'committed')
    expectEqual('version 0 of a row', await attempt('a', 0, put('a')), 'conflict')
    expectEqual('version 1 of a new row', await attempt('a', 1, put('a')), 'committed')
    expectEqual('version 1 of a row at 2', await attempt('a', 1, put('a')), 'conflict')
    expectEqual('version 3 of a row at 2', await attempt('a', 3, put('a')), 'conflict')
    expectEqual('version 2 of a row at 2', await attempt('a', 2, take('a')), 'committed')
    expectEqual('version 2 of a row that was taken away', await attempt('a', 2, put('a')), 'conflict')
    expectEqual('the rows', await store.list(all), [])
  }),

  rule('a check looks at a row as it was before the batch', async (store) => {
    const checks = [{ table, key: 'a', version: 0 }]
    expectEqual('a check of a row that the batch writes', await store.commit({ checks, writes: [put('a', 1), put('a', 2)] }), 'committed')
  }),

  rule('a conflict in one check writes nothing of the batch', async (store) => {
    await commit(store, put('a', 1))
    const checks = [
      { table, key: 'a', version: 1 },
      { table: 'others', key: 'a', version: 1 },
    ]
    const writes = [put('a', 2), put('b', 2), { table: 'others', key: 'b', value: 2 }]
    expectEqual('a batch with a check that does not hold', await store.commit({ checks, writes }), 'conflict')
    expectEqual('the rows', await store.list(all), [{ key: 'a', value: 1, version: 1 }])
    expectEqual('the rows of the other table', await store.list({ table: 'others', limit: 9 }), [])
  }),

  rule('of commits at once with the same check one is done', async (store) => {
    const racers = Array.from({ length: 20 }, (_, racer) =>
      store.commit({ checks: [{ table, key: 'a', version: 0 }], writes: [put('a', racer), put(`won/${racer}`)] }),
    )
    const outcomes = await Promise.all(racers)
    const winners = outcomes.flatMap((outcome, racer) => (outcome === 'committed' ? [racer] : []))
    expectEqual('how many were committed', winners.length, 1)
    expectEqual('the row', await rowsOf(store, 'a'), [{ key: 'a', value: winners[0], version: 1 }])
    await expectKeys(store, { prefix: 'won/', limit: 100 }, `won/${winners[0]}`)
  }),

  rule('commits at once lose none of each other', async (store) => {
    await Promise.all(Array.from({ length: 200 }, (_, index) => commit(store, put(`a/${index}`, index), put('counted', index))))
    expectEqual('how many rows there are', (await store.list({ table, prefix: 'a/', limit: 1000 })).length, 200)
    expectEqual('how often a row was written', (await rowsOf(store, 'counted'))[0]?.version, 200)
  }),

  rule('what is committed is read at once', async (store) => {
    for (let index = 0; index < 20; index += 1) {
      await commit(store, put('a', index))
      expectEqual('the value', await valueAt(store, 'a'), index)
      expectEqual('the value in a list', (await store.list(all))[0]?.value, index)
    }
  }),

  rule('values come back as they were, with every kind of JSON', async (store) => {
    const deep = Array.from({ length: 100 }).reduce<Json>((inner, _, depth) => (depth % 2 === 0 ? [inner] : { inner }), 'deep')
    const values: readonly Json[] = [
      null,
      true,
      false,
      0,
      -1.5e-7,
      Number.MAX_SAFE_INTEGER,
      '',
      [],
      {},
      [[], {}, [null, [1]]],
      deep,
      JSON.parse('{"__proto__": {"constructor": 1}, "toString": "own", "": 0, "10": 1, "9": 2}') as Json,
    ]
    await commit(store, ...values.map((value, index) => put(`value/${index}`, value)))
    for (const [index, value] of values.entries()) {
      expectEqual(`value ${index}`, await valueAt(store, `value/${index}`), value)
    }
    expectEqual('all values', (await store.list({ ...all, after: 'value/8' })).length, 1)
  }),

  rule('a member that is undefined is as good as absent', async (store) => {
    await commit(store, put('a', { present: 1, absent: undefined }))
    const value = (await valueAt(store, 'a')) as { present: Json; absent?: Json }
    expectEqual('the value', value, { present: 1 })
    expectTrue('the member to be undefined', value.absent === undefined)
  }),

  rule('text comes back as it was, whatever is in it', async (store) => {
    const texts = [
      'grüße',
      '日本語',
      '👩‍👩‍👧‍👦',
      '\u0000\u0001\u001f\u007f',
      '\u2028\u2029\ufeff',
      '"\\/\b\f\n\r\t',
      '\ud83d',
      'e\u0301 é',
      '%_\'";--',
    ]
    await commit(store, ...texts.map((text, index) => put(`text/${index}`, { [text]: [text] })))
    for (const [index, text] of texts.entries()) {
      expectEqual(`text ${index}`, await valueAt(store, `text/${index}`), { [text]: [text] })
    }
  }),

  rule('keys may be of any ASCII, and are compared as they are', async (store) => {
    const keys = Array.from({ length: 127 }, (_, index) => `k${String.fromCharCode(index + 1)}`)
    await commit(store, ...keys.toReversed().map((key) => put(key)))
    expectEqual('the keys', keysOf(await store.list(all)), keys.join(' '))
    for (const key of keys) {
      expectEqual(`the row ${JSON.stringify(key)}`, (await rowsOf(store, key))[0]?.key, key)
      expectEqual(`the rows from ${JSON.stringify(key)}`, keysOf(await store.list({ ...all, prefix: key })), key)
    }
  }),

  rule('a value of 1 MiB is kept', async (store) => {
    const value = 'sixteen letters '.repeat(65_536)
    await commit(store, put('large', { value }))
    expectTrue('the value to come back', ((await valueAt(store, 'large')) as { value: string }).value === value)
  }),

  rule('10,000 rows are kept in order, taken from the front, and added in between', async (store) => {
    const key = (index: number): string => `m/${String(index).padStart(6, '0')}`
    const numbers = Array.from({ length: 10_000 }, (_, index) => index)
    for (let start = 0; start < numbers.length; start += 1000) {
      // Mixed, but each once: 7 and 1000 have no divisor in common.
      await commit(store, ...numbers.slice(start, start + 1000).map((_, index) => put(key((start + ((index * 7) % 1000)) * 2), index)))
    }
    const listed = await store.list(all)
    expectEqual('how many rows there are', listed.length, numbers.length)
    expectTrue(
      'the rows to be in order',
      listed.every((row, index) => row.key === key(index * 2)),
    )

    let pages = 0
    let after: string | undefined
    for (;;) {
      const page: readonly Row[] = await store.list({ table, limit: 640, ...(after === undefined ? {} : { after }) })
      if (page.length === 0) break
      expectEqual('the first of a page', page[0]?.key, key(pages * 1280))
      after = page[page.length - 1]?.key
      pages += 1
    }
    expectEqual('how many pages there are', pages, 16)

    for (let removed = 0; removed < 5000; removed += 500) {
      const front = await store.list({ table, limit: 500 })
      expectEqual('the first that is left', front[0]?.key, key(removed * 2))
      await commit(store, ...front.map((row) => take(row.key)))
    }
    await commit(store, ...[10_001, 12_345, 19_999].map((number) => put(key(number))))
    await expectKeys(store, { after: key(12_344), limit: 2 }, `${key(12_345)} ${key(12_346)}`)
    await expectKeys(store, { reverse: true, limit: 2 }, `${key(19_999)} ${key(19_998)}`)
    expectEqual('how many rows are left', (await store.list(all)).length, 5003)
  }),

  {
    name: 'two stores are apart, and each is refused once it is closed',
    run: async (open) => {
      const [one, other] = [await open('-one'), await open('-other')]
      await commit(one, put('a', 1))
      expectEqual('the rows of the other store', await other.list(all), [])
      await one.close()
      await one.close()
      const family = ['ERR_STORE_FAILED'] as const
      await expectError('get of a closed store', family, () => one.get(table, ['a']))
      await expectError('list of a closed store', family, () => one.list(all))
      await expectError('commit to a closed store', family, () => one.commit({ writes: [put('b')] }))
      await commit(other, put('a', 2))
      await other.close()
    },
  },
]

/** Rules of stores that keep their rows when they are closed. */
const lastingRules: readonly StoreRule[] = [
  {
    name: 'what was committed is there when it is opened again, with its versions, and what was taken away is not',
    run: async (open) => {
      const first = await open()
      await commit(first, put('a', 1), put('b', 1), { table: 'others', key: 'c', value: { deep: [1] } })
      await commit(first, put('a', 2), take('b'))
      await first.close()

      const second = await open()
      expectEqual('the rows', await second.list(all), [{ key: 'a', value: 2, version: 2 }])
      expectEqual('the rows of the other table', await second.get('others', ['c']), [{ key: 'c', value: { deep: [1] }, version: 1 }])
      expectEqual('a check', await second.commit({ checks: [{ table, key: 'a', version: 2 }], writes: [put('a', 3)] }), 'committed')
      await second.close()

      const third = await open()
      expectEqual('the rows', await third.list(all), [{ key: 'a', value: 3, version: 3 }])
      await third.close()
    },
  },
  {
    name: 'commits that were under way when it was closed are done or refused, and kept accordingly',
    run: async (open) => {
      const first = await open()
      const commits = Array.from({ length: 20 }, (_, index) => first.commit({ writes: [put(`a/${index}`, index)] }))
      const outcomes = Promise.allSettled(commits)
      await first.close()
      const second = await open()
      for (const [index, outcome] of (await outcomes).entries()) {
        const [row] = await rowsOf(second, `a/${index}`)
        expectTrue(`commit ${index} to be as it was told`, (row !== undefined) === (outcome.status === 'fulfilled'))
      }
      await second.close()
    },
  },
  {
    name: 'a store that is open is refused to a second one with ERR_STORE_LOCKED, and free again once it is closed',
    run: async (open) => {
      const first = await open()
      await commit(first, put('a', 1))
      await expectError('a second opening', ['ERR_STORE_LOCKED'], () => open())
      await commit(first, put('a', 2))
      await first.close()
      const second = await open()
      expectEqual('the rows', await second.list(all), [{ key: 'a', value: 2, version: 2 }])
      await second.close()
    },
  },
]
