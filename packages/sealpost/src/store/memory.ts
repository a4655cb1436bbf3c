/**
 * A store in memory: for tests, for simulations, and for programs that may forget. It copies nothing, and knows nothing of what is in
 * a row.
 *
 * @module
 */
import type { Check, Range, Row, Store, Write } from '../agent/ports.ts'
import { DidcommError } from '../errors.ts'
import { lastWrites } from './last-writes.ts'
import { boundsOf } from './range.ts'
import { type SortedKeys, sortedKeys } from './sorted-keys.ts'

type Table = { readonly rows: Map<string, Row>; readonly keys: SortedKeys }

/**
 * Makes a store in memory, which is empty, and whose rows go when it is closed or forgotten. A commit is done when it is called.
 *
 * Values are kept as they are given and given as they are kept: by the contract of {@link Store} nobody changes one. 100,000 rows in a
 * table are no burden, neither for `list` nor for rows that come at one end and go at the other.
 *
 * Exported from `sealpost/store/memory`.
 *
 * @throws {DidcommError} its calls reject with `ERR_STORE_FAILED` once it is closed.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'sealpost/store/memory'
 *
 * const store = memoryStore()
 * await store.commit({ writes: [{ table: 'notes', key: 'a', value: { text: 'hello' } }] })
 * const [row] = await store.get('notes', ['a'])
 * console.log(row?.version) // 1
 * ```
 */
export function memoryStore(): Store {
  const tables = new Map<string, Table>()
  let isClosed = false

  const expectOpen = (): void => {
    if (isClosed) throw new DidcommError('ERR_STORE_FAILED', 'the store was closed')
  }
  const holds = ({ table, key, version }: Check): boolean => (tables.get(table)?.rows.get(key)?.version ?? 0) === version

  return {
    async get(table, keys) {
      expectOpen()
      const rows = tables.get(table)?.rows
      return keys.map((key) => rows?.get(key))
    },
    async list(range) {
      expectOpen()
      const table = tables.get(range.table)
      return table === undefined ? [] : listRows(table, range)
    },
    async commit({ checks, writes }) {
      expectOpen()
      if (checks !== undefined && !checks.every(holds)) return 'conflict'
      for (const write of lastWrites(writes)) apply(tables, write)
      return 'committed'
    },
    async close() {
      isClosed = true
      tables.clear()
    },
  }
}

function apply(tables: Map<string, Table>, { table: name, key, value }: Write): void {
  let table = tables.get(name)
  const before = table?.rows.get(key)
  if (value === undefined) {
    if (table === undefined || before === undefined) return
    table.rows.delete(key)
    table.keys.remove(key)
    return
  }
  if (table === undefined) {
    table = { rows: new Map(), keys: sortedKeys() }
    tables.set(name, table)
  }
  table.rows.set(key, { key, value, version: (before?.version ?? 0) + 1 })
  if (before === undefined) table.keys.add(key)
}

function listRows({ rows, keys }: Table, range: Range): readonly Row[] {
  const found: Row[] = []
  const { limit, reverse = false } = range
  const { from, to } = boundsOf(range)
  if (limit <= 0) return found
  const take = (key: string): boolean => {
    found.push(rows.get(key) as Row)
    return found.length < limit
  }
  if (reverse) keys.descend(to, (key) => key >= from && take(key))
  else keys.ascend(from, (key) => (to === undefined || key < to) && take(key))
  return found
}
