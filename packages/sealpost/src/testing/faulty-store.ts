/**
 * A store that fails at the calls it is told, over one that does not: to have each call of a program fail in turn. What a crash loses is
 * the disk's of the simulated world.
 *
 * @module
 */
import type { Batch, Store } from '../agent/ports.ts'
import { DidcommError } from '../errors.ts'

/** A call to the store, before anything of it is done. */
export type StoreCall = {
  readonly operation: 'get' | 'list' | 'commit'
  /** 1 for the first call of all. */
  readonly number: number
  /** What is to be committed. */
  readonly batch?: Batch
}

/**
 * What becomes of a call: `failed` and `full` reject it with `ERR_STORE_FAILED` or `ERR_STORE_FULL`, and nothing of it is done;
 * `answer-lost` does it, and rejects it with `ERR_STORE_FAILED` all the same.
 */
export type StoreFault = 'failed' | 'full' | 'answer-lost'

/**
 * Puts faults before a store.
 *
 * Exported from `sealpost/testing`.
 *
 * @param fault - what becomes of a call; undefined for nothing out of the ordinary. It is called for each call, so that it can count them.
 * @example
 * ```ts
 * import { memoryStore } from 'sealpost/store/memory'
 * import { faultyStore } from 'sealpost/testing'
 *
 * const store = faultyStore(memoryStore(), ({ operation, number }) => (operation === 'commit' && number > 1 ? 'full' : undefined))
 * await store.commit({ writes: [{ table: 'notes', key: 'a', value: 'kept' }] })
 * await store.commit({ writes: [{ table: 'notes', key: 'b', value: 'refused' }] }).catch((error) => console.log(error.code))
 * ```
 */
export function faultyStore(store: Store, fault: (call: StoreCall) => StoreFault | undefined): Store {
  let calls = 0

  async function call<T>(operation: StoreCall['operation'], run: () => Promise<T>, batch?: Batch): Promise<T> {
    calls += 1
    const what = `call ${calls} of the store, a ${operation},`
    const found = fault({ operation, number: calls, ...(batch === undefined ? {} : { batch }) })
    if (found === 'failed') throw new DidcommError('ERR_STORE_FAILED', `${what} was told to fail`)
    if (found === 'full') throw new DidcommError('ERR_STORE_FULL', `${what} was told to find no room`)
    const answer = await run()
    if (found === 'answer-lost') throw new DidcommError('ERR_STORE_FAILED', `${what} was told to lose its answer`)
    return answer
  }

  return {
    get: (table, keys) => call('get', () => store.get(table, keys)),
    list: (range) => call('list', () => store.list(range)),
    commit: (batch) => call('commit', () => store.commit(batch), batch),
    close: () => store.close(),
  }
}
