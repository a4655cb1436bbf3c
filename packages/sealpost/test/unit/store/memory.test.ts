import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../src/store/memory.ts'
import { storeConformance } from '../../../src/testing/store.ts'

describe('a store in memory does what the port says', () => {
  for (const [name, run] of storeConformance(async () => memoryStore(), { keeps: false })) it(name, run)
})

describe('memoryStore', () => {
  it('copies nothing', async () => {
    const store = memoryStore()
    const value = { large: ['content'] }
    await store.commit({ writes: [{ table: 'things', key: 'a', value }] })
    expect((await store.get('things', ['a']))[0]?.value).toBe(value)
    expect((await store.list({ table: 'things', limit: 1 }))[0]?.value).toBe(value)
  })

  it('rows that were read stay as they were when the store goes on', async () => {
    const store = memoryStore()
    const write = (value: number) => store.commit({ writes: [{ table: 'things', key: 'a', value }] })
    await write(1)
    const before = await store.list({ table: 'things', limit: 9 })
    await write(2)
    expect(before).toEqual([{ key: 'a', value: 1, version: 1 }])
  })
})
