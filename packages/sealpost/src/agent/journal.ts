/**
 * The one way to the store: reads see what was written before them, writes that wait together are committed together, and a commit that
 * fails takes everything with it that was built on it.
 *
 * The agent owns its store alone, so that rows can be kept in memory; each commit checks that it still does.
 *
 * @module
 */
import { boundedMap } from '../bounded-map.ts'
import { DidcommError } from '../errors.ts'
import type { Json, Range, Row, Store, Write } from './ports.ts'
import type { Tables } from './records.ts'

/** A piece of work: what it reads is consistent with what it wrote, and its writes happen all or not at all. */
export type Unit = {
  get<T extends keyof Tables>(table: T, key: string): Promise<Tables[T] | undefined>
  put<T extends keyof Tables>(table: T, key: string, value: Tables[T] | undefined): void
  /** Done when the unit is put in the line: for numbers that must be in the order of the line. */
  before(run: () => void): void
  /** Done once the writes are on stable storage, in the order given; never done where they fail. */
  after(run: () => void): void
  readonly writes: readonly Write[]
}

export type Journal = {
  get<T extends keyof Tables>(table: T, key: string): Promise<Tables[T] | undefined>
  /** The row as it is on stable storage, for what others are told of it. */
  lasting<T extends keyof Tables>(table: T, key: string): Promise<Tables[T] | undefined>
  list<T extends keyof Tables>(
    range: Range & {
      readonly table: T
      /** Only rows that are on stable storage, though with what is about to become of them: for what is done once and cannot be taken back. */
      readonly lasting?: boolean
    },
  ): Promise<readonly { readonly key: string; readonly value: Tables[T] }[]>
  begin(): Unit
  /**
   * Puts a unit in the line. Later reads see its writes at once; the promise resolves when they are on stable storage.
   *
   * @throws {DidcommError} `ERR_STORE_*`: nothing of it was written, and nothing of what was built on it.
   */
  commit(unit: Unit): Promise<void>
  /** Resolves when nothing waits. */
  settled(): Promise<void>
}

const schema = 1
const ownerKey = 'owner'
const rowsKept = 4096
const maxWritesAtOnce = 4096
// Of one row: characters, and 16 for each member or item.
const weightKept = 32_768

/** A row as it is on stable storage; without a value where it is known that there is none. */
type Kept = { readonly value: Json | undefined }
/** A write, with the name of its row: made once, for it is looked up several times. */
type Named = Write & { readonly id: string }

// What is looked up again and again. Other rows are read once, if ever, and would only push these out.
const keptTables: ReadonlySet<string> = new Set(['identities', 'relationships', 'pairs', 'threads', 'meta'])

type Begun = Unit & {
  readonly rows: ReadonlyMap<string, Named>
  readonly first: readonly (() => void)[]
  readonly later: readonly (() => void)[]
}
/** What a reading of a table may have missed. */
type Reading = { readonly table: string; readonly newer: Map<string, Json | undefined> }
type Pending = { readonly writes: readonly Named[]; readonly done: () => void; readonly failed: (error: unknown) => void }

/**
 * Opens the journal: takes the store over from whoever had it before.
 *
 * @param onVoid - called when a commit failed: what it wrote may be there all the same, and nobody has been told of it
 * @throws {DidcommError} `ERR_STORE_DAMAGED` where a newer version wrote it.
 */
export async function openJournal(store: Store, owner: string, onVoid: () => void): Promise<Journal> {
  const fence = await takeOver(store, owner)
  let epoch = 0
  let cache = boundedMap<string, Kept>(rowsKept)
  // Written, and not yet on stable storage: how many units wait that wrote the row, and its newest value.
  let overlay = new Map<string, { value: Json | undefined; count: number; table: string; key: string }>()
  let line: Pending[] = []
  let busy = false
  let scheduled = false
  let idle: (() => void)[] = []
  const epochs = new WeakMap<Unit, number>()
  // Each reading of the store that is under way, with what was committed since it began: the store may answer with what was before.
  const readings = new Set<Reading>()

  // What is committed while the store works is its next group; there is nothing to wait for before.
  const schedule = (): void => {
    if (busy || scheduled) return
    scheduled = true
    void Promise.resolve().then(() => {
      scheduled = false
      return flush()
    })
  }

  async function flush(): Promise<void> {
    if (busy || line.length === 0) return
    busy = true
    let taken = 0
    for (let writes = 0; taken < line.length && writes < maxWritesAtOnce; taken++) writes += (line[taken] as Pending).writes.length
    const group = line.splice(0, taken)
    const writes = group.flatMap((pending) => pending.writes)
    try {
      const outcome = await store.commit({
        checks: [{ table: 'meta', key: ownerKey, version: fence }],
        writes,
      })
      if (outcome === 'conflict')
        throw new DidcommError('ERR_STORE_LOCKED', 'another process has taken over the store of this agent: this one has to stop')
      for (const { id, table, key, value } of writes) {
        const row = overlay.get(id)
        if (row !== undefined && --row.count === 0) overlay.delete(id)
        if (keptTables.has(table)) keep(id, value)
        for (const reading of readings) if (reading.table === table) reading.newer.set(key, value)
      }
      busy = false
      for (const { done } of group) done()
    } catch (error) {
      // What was computed from rows that were never stored is void, in the line and on its way to it.
      epoch++
      const lost = [...group, ...line]
      line = []
      overlay = new Map()
      cache = boundedMap(rowsKept)
      busy = false
      for (const { failed } of lost) failed(error)
      onVoid()
    }
    if (line.length > 0) schedule()
    else {
      const waiting = idle
      idle = []
      for (const run of waiting) run()
    }
  }

  // A peer decides how large some rows are: many large ones would be more than there is memory.
  const keep = (id: string, value: Json | undefined): void => {
    if (unspent(value, weightKept) > 0) cache.set(id, { value })
    else cache.delete(id)
  }

  const get = async <T extends keyof Tables>(table: T, key: string): Promise<Tables[T] | undefined> => {
    const id = rowId(table, key)
    const row = overlay.get(id)
    if (row !== undefined) return row.value as Tables[T] | undefined
    const stored = await lasting(table, key)
    const written = overlay.get(id)
    return written === undefined ? stored : (written.value as Tables[T] | undefined)
  }

  const lasting = async <T extends keyof Tables>(table: T, key: string): Promise<Tables[T] | undefined> => {
    const id = rowId(table, key)
    const kept = cache.get(id)
    if (kept !== undefined) return kept.value as Tables[T] | undefined
    const before = epoch
    const { answer, newer } = await readingOf(table, store.get(table, [key]))
    const stored = newer.has(key) ? newer.get(key) : answer[0]?.value
    if (before === epoch && keptTables.has(table)) keep(id, stored)
    return stored as Tables[T] | undefined
  }

  async function readingOf<A>(table: string, reading: Promise<A>): Promise<{ readonly answer: A; readonly newer: Reading['newer'] }> {
    const one: Reading = { table, newer: new Map() }
    readings.add(one)
    try {
      return { answer: await reading, newer: one.newer }
    } finally {
      readings.delete(one)
    }
  }

  return {
    get,
    lasting,
    async list({ lasting = false, ...range }) {
      const { table, prefix = '', after, before, limit, reverse = false } = range
      const inRange = (key: string): boolean =>
        key.startsWith(prefix) && (after === undefined || (reverse ? key < after : key > after)) && (before === undefined || key < before)
      const waiting = () => [...overlay.values()].filter((row) => row.table === table && inRange(row.key))
      // Rows that are about to go must not use up the limit.
      const { answer, newer } = await readingOf(table, store.list({ ...range, limit: limit + waiting().length }))
      const rows = new Map<string, Json>(answer.map(({ key, value }: Row) => [key, value]))
      const set = (key: string, value: Json | undefined): unknown => (value === undefined ? rows.delete(key) : rows.set(key, value))
      for (const [key, value] of newer) if (inRange(key)) set(key, value)
      for (const { key, value } of waiting()) if (!lasting || rows.has(key)) set(key, value)
      const keys = [...rows.keys()].sort()
      if (reverse) keys.reverse()
      return keys.slice(0, limit).map((key) => ({ key, value: rows.get(key) as never }))
    },
    begin() {
      const rows = new Map<string, Named>()
      const first: (() => void)[] = []
      const later: (() => void)[] = []
      const unit: Begun = {
        get: async (table, key) => {
          const written = rows.size === 0 ? undefined : rows.get(rowId(table, key))
          return written === undefined ? get(table, key) : (written.value as never)
        },
        put(table, key, value) {
          const id = rowId(table, key)
          rows.set(id, { id, table, key, value: value as Json | undefined })
        },
        before: (run) => void first.push(run),
        after: (run) => void later.push(run),
        get writes() {
          return [...rows.values()]
        },
        rows,
        first,
        later,
      }
      epochs.set(unit, epoch)
      return unit
    },
    commit(unit) {
      if (epochs.get(unit) !== epoch)
        return Promise.reject(new DidcommError('ERR_STORE_FAILED', 'what this was built on could not be stored: try again'))
      const { rows, first, later } = unit as Begun
      for (const run of first) run()
      const writes = [...rows.values()]
      const finish = (): void => {
        for (const run of later) run()
      }
      if (writes.length === 0) {
        finish()
        return Promise.resolve()
      }
      for (const { id, table, key, value } of writes) {
        const row = overlay.get(id)
        if (row === undefined) overlay.set(id, { value, count: 1, table, key })
        else {
          row.value = value
          row.count++
        }
      }
      return new Promise((resolve, reject) => {
        line.push({
          writes,
          done: () => {
            finish()
            resolve()
          },
          failed: reject,
        })
        schedule()
      })
    },
    settled: () => (busy || line.length > 0 ? new Promise((resolve) => void idle.push(resolve)) : Promise.resolve()),
  }

  async function takeOver(from: Store, name: string): Promise<number> {
    for (;;) {
      const [row] = await from.get('meta', [ownerKey])
      const known = (row?.value as { schema?: number } | undefined)?.schema ?? schema
      if (known > schema)
        throw new DidcommError(
          'ERR_STORE_DAMAGED',
          `expected a store of version ${schema} or older, found ${known}: it was written by a newer version of Sealpost`,
        )
      const version = row?.version ?? 0
      const outcome = await from.commit({
        checks: [{ table: 'meta', key: ownerKey, version }],
        writes: [{ table: 'meta', key: ownerKey, value: { owner: name, schema } }],
      })
      if (outcome === 'committed') return version + 1
    }
  }
}

const rowId = (table: string, key: string): string => `${table}\n${key}`

/** What is left of a budget after a value; it is looked at no longer than that takes. */
function unspent(value: unknown, budget: number): number {
  if (typeof value === 'string') return budget - value.length
  if (typeof value !== 'object' || value === null) return budget
  let left = budget
  if (Array.isArray(value)) {
    for (const item of value) {
      left = unspent(item, left - 16)
      if (left <= 0) return left
    }
    return left
  }
  for (const name in value) {
    left = unspent((value as Readonly<Record<string, unknown>>)[name], left - 16 - name.length)
    if (left <= 0) return left
  }
  return left
}
