/**
 * The agent's store on SQLite: rows in one table of one file, and commits that wait together in one transaction, so that they share the
 * wait for the disk. It knows nothing of what is in a row.
 *
 * @module
 */
import { resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import { DidcommError } from 'sealpost/errors'
import { type Batch, boundsOf, type Check, type Json, lastWrites, type Range, type Row, type Store } from 'sealpost/store'
import { extendedCodeOf, loadSqliteDriver, type SqliteColumn, type SqliteDatabase, type SqliteDriverName } from './sqlite-driver.ts'
import { openSqliteFile, type SqliteFile, storeError } from './sqlite-file.ts'

export type SqliteStoreOptions = {
  /** The library; where nothing is said Node's own, and libsql where Node has none. */
  readonly driver?: SqliteDriverName
  /** For so long another process may have it open before this one is refused, 0.5 where nothing is said. */
  readonly waitSeconds?: number
  /** `false` opens without looking through the whole file, which takes about two seconds for each gigabyte. Each row is checked when it is read. */
  readonly check?: boolean
}

// So many at once, and then other work of the process has its turn.
const mostInTransaction = 256

type Outcome = 'committed' | 'conflict'
/** A write as it is stored. */
type Change = { readonly table: string; readonly key: string; readonly json: string | undefined; readonly checksum: number }
type Waiting = {
  readonly checks: readonly Check[]
  readonly changes: readonly Change[]
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

/**
 * Opens the store of an agent in a SQLite file, and makes the file, for its owner alone (0600), where there is none.
 *
 * One process has it open; it is locked until it is closed or the process ends, however that happens. A commit resolves when it is on the
 * disk (WAL, `synchronous=FULL`). Commits of one turn of the event loop share one transaction, each with its own checks. While it is
 * open there is a `-wal` file beside it, which belongs to it; once it is closed all is in the one file, which can then be copied.
 *
 * A disk that is full refuses commits with `ERR_STORE_FULL`, changes nothing, and takes them again when there is room. A disk that fails
 * to sync ends all commits with `ERR_STORE_FAILED` until the store is opened again, since nobody can tell then what it has.
 *
 * What is stored is not encrypted: the file is as secret as what the agent says and hears, so that its disk should be encrypted, and a local
 * one, since locks of networks are not to be relied on.
 *
 * @param path - of the file; its folder must be there
 * @throws {DidcommError} `ERR_STORE_LOCKED` where another process has it open. `ERR_STORE_DAMAGED` where the file is truncated, was changed,
 * is of another program or a newer version; nothing of it is changed then. `ERR_STORE_FAILED` where it cannot be read or written, or is
 * closed. `ERR_STORE_FULL`. `ERR_UNSUPPORTED_RUNTIME` where there is no SQLite library. `ERR_USAGE_ARGUMENT` for a value that is no JSON.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { openSqliteStore } from '@sealpost/node'
 *
 * const store = await openSqliteStore(join(await mkdtemp(join(tmpdir(), 'sealpost-')), 'agent.db'))
 * await store.commit({ writes: [{ table: 'notes', key: 'a', value: { text: 'hello' } }] })
 * console.log(await store.list({ table: 'notes', limit: 10 }))
 * await store.close()
 * ```
 */
export async function openSqliteStore(path: string, { driver, waitSeconds = 0.5, check = true }: SqliteStoreOptions = {}): Promise<Store> {
  const absolute = resolve(path)
  return storeOn(await openSqliteFile(await loadSqliteDriver(driver), absolute, { waitSeconds, isChecked: check }), absolute)
}

/** The store in a file that is open. `path` is for what is said in errors. */
export function storeOn(file: SqliteFile, path: string): Store {
  const statements = prepareStatements(file.database)
  const waiting: Waiting[] = []
  let closing: Promise<void> | undefined
  let whenIdle = (): void => {}
  let broken: DidcommError | undefined

  function expectOpen(): void {
    if (closing !== undefined) throw new DidcommError('ERR_STORE_FAILED', `the store ${path} was closed`)
  }

  function reading<T>(read: () => T): T {
    expectOpen()
    try {
      return read()
    } catch (error) {
      throw storeError(path, 'read', error)
    }
  }

  function rowOf(table: string, { key: keyBytes, value, version, checksum }: Readonly<Record<string, SqliteColumn>>): Row {
    const key = bytesOf(keyBytes).toString('utf8')
    const json = bytesOf(value)
    const expected = (checksum as number) - (version as number)
    if (crc32(json, checksumStart(table, key)) !== expected) {
      throw new DidcommError(
        'ERR_STORE_DAMAGED',
        `a row of ${table} in the store ${path} is not as it was written: bring back a copy of it`,
      )
    }
    return { key, value: JSON.parse(json.toString('utf8')) as Json, version: version as number }
  }

  /** One transaction for all of them. What throws has changed nothing. */
  function transact(group: readonly Waiting[]): readonly Outcome[] {
    statements.begin.run()
    try {
      const outcomes = group.map(({ checks, changes }): Outcome => {
        if (!checks.every(({ table, key, version }) => statements.versionOf(table, key) === version)) return 'conflict'
        for (const { table, key, json, checksum } of changes) {
          if (json === undefined) statements.remove.run(table, key)
          else statements.put.run(table, key, json, checksum + 1)
        }
        return 'committed'
      })
      statements.commit.run()
      return outcomes
    } catch (error) {
      try {
        statements.rollback.run()
      } catch {
        // Most failures have ended the transaction already.
      }
      throw error
    }
  }

  function settle(group: readonly Waiting[]): void {
    let outcomes: readonly Outcome[]
    try {
      if (broken !== undefined) throw broken
      outcomes = transact(group)
    } catch (cause) {
      const error = storeError(path, 'written', cause)
      // A small one may fit where all of them did not.
      if (error.code === 'ERR_STORE_FULL' && group.length > 1) for (const one of group) settle([one])
      else {
        if (!hasChangedNothing(cause)) broken = error
        for (const { reject } of group) reject(error)
      }
      return
    }
    for (const [index, { resolve }] of group.entries()) resolve(outcomes[index] as Outcome)
  }

  function flush(): void {
    settle(waiting.splice(0, mostInTransaction))
    if (waiting.length > 0) setImmediate(flush)
    else whenIdle()
  }

  return {
    async get(table, keys) {
      return reading(() =>
        keys.map((key) => {
          const [found] = statements.get.all(table, key)
          return found && rowOf(table, found)
        }),
      )
    },
    async list(range) {
      return reading(() => statements.list(range).map((found) => rowOf(range.table, found)))
    },
    async commit(batch) {
      expectOpen()
      const changes = changesOf(batch)
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush)
        waiting.push({ checks: batch.checks ?? [], changes, resolve, reject })
      })
    },
    close() {
      closing ??= new Promise<void>((idle) => {
        whenIdle = idle
        if (waiting.length === 0) idle()
      }).then(file.close)
      return closing
    },
  }
}

/**
 * Whether a commit failed before its end could be on the disk: it was full (SQLITE_FULL), or refused a write (SQLITE_IOERR_WRITE), as where
 * a quota is used up. After a failed sync nobody can tell what the disk has.
 */
const hasChangedNothing = (cause: unknown): boolean => [13, 778].includes(extendedCodeOf(cause) ?? 0)

function prepareStatements(database: SqliteDatabase) {
  // As types that nothing in a damaged file can change.
  const columns = `SELECT CAST(key AS BLOB) AS key, CAST(value AS BLOB) AS value, CAST(version AS INTEGER) AS version,
    CAST(checksum AS INTEGER) AS checksum FROM rows WHERE tbl = ?`
  const version = database.prepare('SELECT CAST(version AS INTEGER) AS version FROM rows WHERE tbl = ? AND key = ?')
  const lists = [false, true].map((reverse) => {
    const order = `ORDER BY rows.key ${reverse ? 'DESC' : 'ASC'} LIMIT ?`
    return {
      open: database.prepare(`${columns} AND rows.key >= ? ${order}`),
      bounded: database.prepare(`${columns} AND rows.key >= ? AND rows.key < ? ${order}`),
    }
  })
  return {
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
    get: database.prepare(`${columns} AND rows.key = ?`),
    put: database.prepare(`INSERT INTO rows (tbl, key, value, version, checksum) VALUES (?, ?, ?, 1, ?)
      ON CONFLICT (tbl, key) DO UPDATE SET value = excluded.value, version = version + 1, checksum = excluded.checksum + version`),
    remove: database.prepare('DELETE FROM rows WHERE tbl = ? AND key = ?'),
    versionOf: (table: string, key: string): number => (version.all(table, key)[0]?.['version'] as number | undefined) ?? 0,
    list(range: Range) {
      const { from, to } = boundsOf(range)
      const { open, bounded } = lists[range.reverse ? 1 : 0] as (typeof lists)[number]
      // SQLite takes a negative number for no limit.
      const limit = Number.isFinite(range.limit) ? Math.max(0, range.limit) : -1
      return to === undefined ? open.all(range.table, from, limit) : bounded.all(range.table, from, to, limit)
    },
  }
}

/** What is stored is fixed when `commit` is called. */
const changesOf = ({ writes }: Batch): readonly Change[] =>
  lastWrites(writes).map(({ table, key, value }) => {
    if (key.includes('\0')) throw new DidcommError('ERR_USAGE_ARGUMENT', `expected keys without a NUL, found ${JSON.stringify(key)}`)
    if (value === undefined) return { table, key, json: undefined, checksum: 0 }
    const json = jsonOf(value)
    return { table, key, json, checksum: checksumOf(table, key, json) }
  })

function jsonOf(value: Json): string {
  try {
    const json = JSON.stringify(value) as string | undefined
    if (json !== undefined) return json
  } catch (cause) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected a value that is JSON', { cause })
  }
  throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a value that is JSON, found a ${typeof value}`)
}

/** Over the whole row but its version; in the file the version is added to it. */
const checksumOf = (table: string, key: string, json: string): number => crc32(json, checksumStart(table, key))
const checksumStart = (table: string, key: string): number => crc32(`${table}\0${key}\0`)

/** A BLOB: a typed array of Node's own library, and a buffer of libsql. */
function bytesOf(column: SqliteColumn | undefined): Buffer {
  if (column instanceof ArrayBuffer) return Buffer.from(column)
  const { buffer, byteOffset, byteLength } = column as Uint8Array<ArrayBuffer>
  return Buffer.from(buffer, byteOffset, byteLength)
}
