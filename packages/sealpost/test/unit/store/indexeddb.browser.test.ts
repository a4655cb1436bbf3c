import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { cdp, commands } from 'vitest/browser'
import type { Row, Store } from '../../../src/agent/ports.ts'
import { isDidcommError } from '../../../src/errors.ts'
import { openIndexedDbStore } from '../../../src/store/indexeddb.ts'
import { storeConformance } from '../../../src/testing/index.ts'
import type { TabSteps } from '../../tabs.ts'

const name = 'store of tests'
const module = '/packages/sealpost/src/store/indexeddb.ts'
const inTab = (steps: readonly string[], host?: string): Promise<unknown> =>
  (commands as unknown as { inTab(what: TabSteps): Promise<unknown> }).inTab({ module, steps, ...(host === undefined ? {} : { host }) })

const codeOf = (run: () => Promise<unknown>): Promise<string> =>
  run().then(
    () => 'none',
    (error: unknown) => (isDidcommError(error) ? error.code : String(error)),
  )

const put = (key: string, value: string | number = key) => ({ writes: [{ table: 'things', key, value }] })
const rowsOf = (from: Store): Promise<readonly Row[]> => from.list({ table: 'things', limit: 100_000 })
const open = (): Promise<Store> => openIndexedDbStore({ name, waitSeconds: 0 })

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

const deleteDatabase = (which: string): Promise<unknown> => settled(indexedDB.deleteDatabase(which))

describe('a store in IndexedDB does what the port says', () => {
  const made = new Set<string>()
  afterEach(async () => {
    for (const each of made) await deleteDatabase(each)
    made.clear()
  })
  const rules = storeConformance((each) => {
    made.add(each)
    return openIndexedDbStore({ name: each, waitSeconds: 0 })
  })
  for (const [rule, run] of rules) it(rule, run)
})

describe('openIndexedDbStore', () => {
  let store: Store
  beforeEach(async () => {
    store = await open()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await store.close()
    await deleteDatabase(name)
  })

  it('a commit is written through to the disk, and commits of one turn share a transaction', async () => {
    const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        store.commit({ checks: [{ table: 'things', key: `k${index % 32}`, version: 0 }], ...put(`k${index % 32}`, index) }),
      ),
    )
    expect(outcomes).toEqual([...Array(32).fill('committed'), ...Array(32).fill('conflict')])
    expect(transactions.mock.calls).toEqual([['rows', 'readwrite', { durability: 'strict' }]])
  })

  it('what is stored is what was given when commit was called; what is no JSON is refused', async () => {
    const value = { text: 'before' }
    const commit = store.commit({ writes: [{ table: 'things', key: 'a', value }] })
    value.text = 'after'
    await commit
    for (const other of [{ big: 1n }, () => 1] as unknown as string[])
      expect(await codeOf(() => store.commit(put('b', other)))).toBe('ERR_USAGE_ARGUMENT')
    expect(await rowsOf(store)).toMatchObject([{ key: 'a', value: { text: 'before' } }])
  })

  it('A04: another tab is refused while it is open here, and has it when it is closed', async () => {
    await store.commit(put('a', 'here'))
    const attempt = `return module.openIndexedDbStore({ name: ${JSON.stringify(name)}, waitSeconds: 0 }).then(() => 'open', (error) => error.code)`
    expect(await inTab([attempt])).toBe('ERR_STORE_LOCKED')
    await store.close()
    // The lock of a page goes with it: the second step is another page in the same tab.
    const write = `
      const store = await module.openIndexedDbStore({ name: ${JSON.stringify(name)} })
      const [row] = await store.get('things', ['a'])
      return store.commit({ writes: [{ table: 'things', key: 'a', value: [...(answer ?? []), row.value] }] }).then(() => [row.value])`
    expect(await inTab([write, write])).toEqual([['here']])
    store = await openIndexedDbStore({ name, waitSeconds: 10 })
    expect(await rowsOf(store)).toEqual([{ key: 'a', value: ['here', ['here']], version: 3 }])
  })

  it('A04: whoever waits has it when it is closed, or is refused when the time is over', async () => {
    expect(await codeOf(() => openIndexedDbStore({ name, waitSeconds: 0.05 }))).toBe('ERR_STORE_LOCKED')
    const [soon, ever] = [
      openIndexedDbStore({ name, waitSeconds: 10 }),
      openIndexedDbStore({ name, waitSeconds: Number.POSITIVE_INFINITY }),
    ]
    await store.commit(put('a'))
    await store.close()
    expect((await rowsOf(await soon)).length).toBe(1)
    await (await soon).close()
    store = await ever
    expect((await rowsOf(store)).length).toBe(1)
  })

  it('D13: where the browser gives no more room nothing of a batch is stored, and it goes on when there is room', async () => {
    // Room is that of an origin, and other tests run in this one.
    const host = 'full.localhost'
    const origin = `http://${host}:${location.port}`
    const steps = `
      const store = await module.openIndexedDbStore({ name: 'full' })
      const put = (key, value) => ({ writes: [{ table: 'things', key, value }] })
      const codeOf = (batch) => store.commit(batch).then(() => 'none', (error) => error.code)
      // What can be compressed would fit: a block that is longer than what a compressor looks back on.
      const octets = [0, 1].flatMap(() => [...crypto.getRandomValues(new Uint8Array(65_536))])
      const large = octets.map((octet) => String.fromCharCode(octet)).join('').repeat(100)
      const codes = [await codeOf({ writes: [...put('b', 1).writes, ...put('large', large).writes] })]
      codes.push(...await Promise.all([put('c', 1), put('large', large), put('d', 1)].map(codeOf)))
      return [...codes, (await store.list({ table: 'things', limit: 9 })).map(({ key }) => key).join(' ')]`
    await cdp().send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 5_000_000 })
    expect(await inTab([steps], host)).toEqual(['ERR_STORE_FULL', 'none', 'ERR_STORE_FULL', 'none', 'c d'])
    await cdp().send('Storage.overrideQuotaForOrigin', { origin })
    expect(await inTab([steps], host)).toEqual(['none', 'none', 'none', 'none', 'b c d large'])
  })

  it('A05: a database of a newer version, or of another program, is refused and not changed', async () => {
    for (const [version, storeName] of [
      [2, 'rows'],
      [1, 'others'],
    ] as const) {
      const request = indexedDB.open('other', version)
      request.onupgradeneeded = () => request.result.createObjectStore(storeName).put('kept', 'a')
      ;(await settled(request)).close()
      expect(await codeOf(() => openIndexedDbStore({ name: 'other', waitSeconds: 0 }))).toBe('ERR_STORE_DAMAGED')
      const again = await settled(indexedDB.open('other'))
      expect(await settled(again.transaction(storeName).objectStore(storeName).get('a'))).toBe('kept')
      again.close()
      await deleteDatabase('other')
    }
  })

  it('another tab can delete it while it is open here: then its calls are refused, and its lock is free', async () => {
    await store.commit(put('a'))
    await deleteDatabase(name)
    expect(await codeOf(() => store.commit(put('b')))).toBe('ERR_STORE_FAILED')
    expect(await codeOf(() => rowsOf(store))).toBe('ERR_STORE_FAILED')
    const fresh = await open()
    expect(await rowsOf(fresh)).toEqual([])
    await store.close()
    store = fresh
  })

  it('the browser is asked to keep it only where that is wished for', async () => {
    const persist = vi.spyOn(StorageManager.prototype, 'persist').mockResolvedValue(false)
    await (await openIndexedDbStore({ name: 'other' })).close()
    expect(persist).not.toHaveBeenCalled()
    await (await openIndexedDbStore({ name: 'other', persist: true })).close()
    expect(persist).toHaveBeenCalledOnce()
    await deleteDatabase('other')
  })
})
