/**
 * The agent's store in a browser: all tables in one database of IndexedDB, and commits that wait together in one transaction. It knows
 * nothing of what is in a row.
 *
 * @module
 */
import type { Batch, Json, Range, Row, Store, Write } from '../agent/ports.ts'
import { DidcommError } from '../errors.ts'
import { openStoreDatabase, type StoreDatabase, type StoredRow, storeError } from './indexeddb-database.ts'
import { lastWrites } from './last-writes.ts'
import { boundsOf } from './range.ts'

export type IndexedDbStoreOptions = {
  /** Of the database, for this origin. */
  readonly name: string
  /** For so long another tab or worker may have it open before this one is refused, 0.5 where nothing is said; `Infinity` waits. */
  readonly waitSeconds?: number
  /** Asks the browser to keep it where the disk is short, which some ask the user; nothing is refused where that is refused. */
  readonly persist?: boolean
}

type Outcome = 'committed' | 'conflict'
/** A batch as it is stored: its values are text. */
type Waiting = {
  readonly checks: NonNullable<Batch['checks']>
  readonly changes: readonly { readonly table: string; readonly key: string; readonly json: string | undefined }[]
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

// So that no transaction keeps reads waiting for long.
const mostInTransaction = 256

/**
 * Opens the store of an agent in IndexedDB, in a page or a worker, and makes it where there is none.
 *
 * One tab or worker has it open, by a Web Lock, which goes with the page. A commit resolves when it is on the disk (`durability: 'strict'`).
 * Commits that come while one is written share the next transaction, each with its own checks. It closes by itself, and all its calls
 * reject from then on, when another tab deletes the database or opens a newer version of it.
 *
 * What is stored is not encrypted: each script of the origin, and whoever has the profile of the browser, can read it.
 *
 * Exported from `sealpost/store/indexeddb`.
 *
 * @throws {DidcommError} `ERR_STORE_LOCKED` where another tab or worker has it open, `ERR_STORE_DAMAGED` where the database is of a newer
 * version or of another program, or the browser lost a part of it, `ERR_STORE_FULL` where the browser gives no more room,
 * `ERR_STORE_FAILED` for whatever else IndexedDB refuses, and once it is closed; `ERR_UNSUPPORTED_RUNTIME` where there is no IndexedDB.
 *
 * @example
 * ```ts
 * import { openIndexedDbStore } from 'sealpost/store/indexeddb'
 *
 * const store = await openIndexedDbStore({ name: 'agent' })
 * await store.commit({ writes: [{ table: 'notes', key: 'a', value: { text: 'hello' } }] })
 * ```
 */
export async function openIndexedDbStore({ name, waitSeconds = 0.5, persist = false }: IndexedDbStoreOptions): Promise<Store> {
  const database = await openStoreDatabase(name, waitSeconds)
  if (persist) await navigator.storage?.persist?.().catch(() => false)
  const waiting: Waiting[] = []
  let writing: Promise<void> | undefined
  let closing: Promise<void> | undefined

  function expectOpen(): void {
    if (closing !== undefined) throw new DidcommError('ERR_STORE_FAILED', `the store ${JSON.stringify(name)} is closed: it was closed`)
  }

  async function settle(group: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await transact(database, group)
      for (const [index, { resolve }] of group.entries()) resolve(outcomes[index] as Outcome)
    } catch (cause) {
      const error = storeError(name, cause)
      // A small one may fit where all of them did not.
      if (error.code === 'ERR_STORE_FULL' && group.length > 1) for (const one of group) await settle([one])
      else for (const { reject } of group) reject(error)
    }
  }

  async function write(): Promise<void> {
    // Whatever else is committed in this turn shares the transaction.
    await undefined
    while (waiting.length > 0) await settle(waiting.splice(0, mostInTransaction))
    writing = undefined
  }

  const rowOf = ({ key, version, json }: StoredRow): Row => ({ key, value: JSON.parse(json) as Json, version })

  return {
    async get(table, keys) {
      expectOpen()
      if (keys.length === 0) return []
      const found = await readRows(database, table, keys)
      return found.map((row) => row && rowOf(row))
    },
    async list(range) {
      expectOpen()
      return (await listRows(database, range)).map(rowOf)
    },
    async commit({ checks = [], writes }) {
      expectOpen()
      const changes = lastWrites(writes).map(changeOf)
      return new Promise((resolve, reject) => {
        waiting.push({ checks, changes, resolve, reject })
        writing ??= write()
      })
    },
    close() {
      closing ??= Promise.resolve(writing).then(() => database.close())
      return closing
    },
  }
}

/** What is stored is fixed when `commit` is called. */
function changeOf({ table, key, value }: Write): Waiting['changes'][number] {
  if (value === undefined) return { table, key, json: undefined }
  try {
    const json = JSON.stringify(value) as string | undefined
    if (json !== undefined) return { table, key, json }
  } catch (cause) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected a value that is JSON', { cause })
  }
  throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a value that is JSON, found a ${typeof value}`)
}

const idOf = ({ table, key }: { readonly table: string; readonly key: string }): string => `${table}\0${key}`

/** One transaction for all of them: the rows they are about are read, the batches done one after another, and what came of it written. */
function transact(database: StoreDatabase, group: readonly Waiting[]): Promise<readonly Outcome[]> {
  return database.transact<readonly Outcome[]>('readwrite', (rows, answer) => {
    const current = new Map<string, StoredRow | undefined>()
    const wanted = new Map(group.flatMap(({ checks, changes }) => [...checks, ...changes]).map((row) => [idOf(row), row]))
    const done = (): void => {
      const changed = new Map<string, { readonly table: string; readonly key: string }>()
      const outcomes = group.map(({ checks, changes }): Outcome => {
        if (!checks.every((check) => (current.get(idOf(check))?.version ?? 0) === check.version)) return 'conflict'
        for (const { table, key, json } of changes) {
          const id = idOf({ table, key })
          const version = (current.get(id)?.version ?? 0) + 1
          current.set(id, json === undefined ? undefined : { table, key, version, json })
          changed.set(id, { table, key })
        }
        return 'committed'
      })
      for (const [id, { table, key }] of changed) {
        const row = current.get(id)
        if (row === undefined) rows.delete([table, key])
        else rows.put(row)
      }
      answer(outcomes)
    }
    if (wanted.size === 0) return done()
    for (const [id, { table, key }] of wanted) {
      const request: IDBRequest<StoredRow | undefined> = rows.get([table, key])
      request.onsuccess = () => {
        current.set(id, request.result)
        if (current.size === wanted.size) done()
      }
    }
  })
}

const readRows = (database: StoreDatabase, table: string, keys: readonly string[]): Promise<readonly (StoredRow | undefined)[]> =>
  database.transact('readonly', (rows, answer) => {
    const requests = keys.map((key): IDBRequest<StoredRow | undefined> => rows.get([table, key]))
    const last = requests[requests.length - 1] as IDBRequest
    // Requests of one transaction are answered in their order.
    last.onsuccess = () => answer(requests.map(({ result }) => result))
  })

async function listRows(database: StoreDatabase, range: Range): Promise<readonly StoredRow[]> {
  const { table, limit, reverse = false } = range
  const { from, to } = boundsOf(range)
  if (limit <= 0 || (to !== undefined && to <= from)) return []
  // In IndexedDB an array comes after each string.
  const keys = IDBKeyRange.bound([table, from], [table, to ?? []], false, true)
  return database.transact<readonly StoredRow[]>('readonly', (rows, answer) => {
    if (!reverse) {
      const request: IDBRequest<StoredRow[]> = rows.getAll(keys, Number.isFinite(limit) ? limit : undefined)
      request.onsuccess = () => answer(request.result)
      return
    }
    const found: StoredRow[] = []
    const request = rows.openCursor(keys, 'prev')
    answer(found)
    request.onsuccess = () => {
      const cursor = request.result
      if (cursor === null) return
      found.push(cursor.value as StoredRow)
      if (found.length < limit) cursor.continue()
    }
  })
}
