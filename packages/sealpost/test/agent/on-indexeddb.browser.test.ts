/** What the agent promises, on the store of a browser: the same tests as in memory. */
import { afterAll, describe, vi } from 'vitest'
import { openIndexedDbStore } from '../../src/store/indexeddb.ts'
import { stores } from './world.ts'

// A month of the clock is a thousand readings of the disk.
vi.setConfig({ testTimeout: 90_000 })

const made: { readonly name: string; close(): Promise<void> }[] = []
stores.fresh = async () => {
  const name = `world ${made.length}`
  const store = await openIndexedDbStore({ name, waitSeconds: 0 })
  made.push({ name, close: store.close })
  return store
}

afterAll(async () => {
  for (const { name, close } of made) {
    await close()
    indexedDB.deleteDatabase(name)
  }
})

describe('on IndexedDB', async () => {
  await import('./reliability.test.ts')
  await import('./queue.test.ts')
})
