/**
 * The file of a store: made whole or not at all, open to one process, and only where it is what it should be. It knows the schema, and
 * nothing of what a row means.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { link, open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DidcommError, type ErrorCode, isDidcommError } from 'sealpost/errors'
import { syncFolder } from './files.ts'
import { extendedCodeOf, type SqliteDatabase, type SqliteDriver } from './sqlite-driver.ts'

// 'SEAL', by which a file says whose it is.
const applicationId = 0x5345414c
const schemaVersion = 1

/**
 * Rows are in the order in which they came, and only the index is in the order of keys: keys at random then cost a quarter of what they
 * cost in one tree with rows of 1 KiB in it, and ascending ones the same. `checksum` is there since SQLite sees only damage to its own structure.
 */
const schema = `CREATE TABLE rows (
  tbl TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  version INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (tbl, key)
) STRICT`

const retryMilliseconds = 25

export type SqliteFileOptions = {
  /** For so long another process may have it. */
  readonly waitSeconds: number
  /** Whether the whole file is looked through. */
  readonly isChecked: boolean
}

/** A file that is open. Nobody else has it until `close`. */
export type SqliteFile = { readonly database: SqliteDatabase; close(): void }

/**
 * Opens the file of a store, and makes it where there is none.
 *
 * @param path - absolute
 * @throws {DidcommError} `ERR_STORE_LOCKED`, `ERR_STORE_DAMAGED`, `ERR_STORE_FULL`, `ERR_STORE_FAILED`
 */
export async function openSqliteFile(
  driver: SqliteDriver,
  path: string,
  { waitSeconds, isChecked }: SqliteFileOptions,
): Promise<SqliteFile> {
  const endMilliseconds = performance.now() + waitSeconds * 1000
  for (;;) {
    try {
      const identity = (await identify(path)) ?? (await create(driver, path))
      return await take(driver, path, identity, isChecked)
    } catch (error) {
      if (!isDidcommError(error, 'ERR_STORE_LOCKED') || performance.now() >= endMilliseconds) throw error
    }
    await delay(retryMilliseconds)
  }
}

/**
 * What SQLite or Node threw, as an error of the family `store`.
 *
 * @param doing - such as `read` or `opened`
 */
export function storeError(path: string, doing: string, cause: unknown): DidcommError {
  if (isDidcommError(cause)) return cause
  const number = extendedCodeOf(cause)
  const [code, why] = (number === undefined ? byName[nameOf(cause)] : byResult[number & 0xff]) ?? ['ERR_STORE_FAILED', textOf(cause)]
  return new DidcommError(code, `the store ${path} cannot be ${doing}: ${why}`, { cause })
}

const noSqliteFile = 'it is no SQLite file, or a damaged one; bring back a copy of it, nothing of it was changed'
const damaged = 'it is damaged; bring back a copy of it, nothing of it was changed'
const busy = ['ERR_STORE_LOCKED', 'another process has it open'] as const
const full = ['ERR_STORE_FULL', 'the disk is full'] as const

const byResult: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  5: busy,
  6: busy,
  8: ['ERR_STORE_FAILED', 'it is read-only'],
  10: ['ERR_STORE_FAILED', 'the disk does not read or write it'],
  11: ['ERR_STORE_DAMAGED', damaged],
  13: full,
  14: ['ERR_STORE_FAILED', 'the file does not open'],
  26: ['ERR_STORE_DAMAGED', noSqliteFile],
}

const byName: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['ERR_STORE_FAILED', 'its folder is not there'],
  ENOTDIR: ['ERR_STORE_FAILED', 'its folder is a file'],
  EACCES: ['ERR_STORE_FAILED', 'this user may not'],
  EPERM: ['ERR_STORE_FAILED', 'this user may not'],
  EROFS: ['ERR_STORE_FAILED', 'its disk is read-only'],
  // An integer that JavaScript cannot hold, where there is a small one.
  ERR_OUT_OF_RANGE: ['ERR_STORE_DAMAGED', damaged],
  ENOSPC: full,
  EDQUOT: full,
}

const nameOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Which file it is, whatever its path; undefined where there is none. The file is not opened: closing it would give the lock away. */
async function identify(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    if (nameOf(error) !== 'ENOENT') throw storeError(path, 'opened', error)
    return undefined
  })
  if (found === undefined) return undefined
  if (!found.isFile()) throw new DidcommError('ERR_STORE_FAILED', `expected ${path} to be a file, found something else`)
  if (found.size === 0) {
    throw new DidcommError('ERR_STORE_DAMAGED', `the store ${path} is empty, which no store is: bring back a copy of it, or remove it`)
  }
  return `${found.dev}:${found.ino}`
}

/** Makes the file beside, and gives it its name when it is whole and on the disk. Of two that do so at once one is kept. */
async function create(driver: SqliteDriver, path: string): Promise<string> {
  if (await stat(`${path}-wal`).catch(() => undefined)) {
    // SQLite would play what it holds into the new file.
    throw new DidcommError(
      'ERR_STORE_DAMAGED',
      `${path}-wal is there and the store ${path} is not: bring back the store, or remove what is left`,
    )
  }
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await (await open(temporary, 'wx', 0o600)).close()
    const database = driver.open(temporary)
    try {
      database.exec(`PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; BEGIN; ${schema};
        PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`)
    } finally {
      database.close()
    }
    await link(temporary, path).catch((error: unknown) => {
      if (nameOf(error) !== 'EEXIST') throw error
    })
  } catch (error) {
    throw storeError(path, 'made', error)
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(dirname(path))
  return (await identify(path)) ?? create(driver, path)
}

/**
 * The files that this process has open, by their identity. SQLite keeps other processes out, and itself twice; two copies of SQLite in one
 * process would not see each other's locks.
 */
const heldKey: unique symbol = Symbol.for('sealpost.sqlite-files')
const world = globalThis as { [heldKey]?: Set<string> }
const held: Set<string> = world[heldKey] ?? new Set()
world[heldKey] = held

async function take(driver: SqliteDriver, path: string, identity: string, isChecked: boolean): Promise<SqliteFile> {
  if (held.has(identity)) throw new DidcommError('ERR_STORE_LOCKED', `the store ${path} cannot be opened: this process has it open`)
  held.add(identity)
  let database: SqliteDatabase | undefined
  try {
    await checkHeader(path)
    database = driver.open(path)
    lock(database)
    checkSchema(database, path)
    if (isChecked) checkStructure(database, path)
    configure(database, path)
  } catch (error) {
    database?.close()
    held.delete(identity)
    throw storeError(path, 'opened', error)
  }
  return {
    database,
    close() {
      try {
        release(database)
      } finally {
        database.close()
        held.delete(identity)
      }
    },
  }
}

// SQLite's usual size of a page. The first one holds the schema, which is written once.
const firstPageBytes = 4096

/**
 * Whose file it is, before SQLite may do anything with it.
 *
 * @see {@link https://www.sqlite.org/fileformat.html#the_database_header | The database header}
 */
async function checkHeader(path: string): Promise<void> {
  const file = await open(path, 'r')
  const header = Buffer.alloc(firstPageBytes)
  try {
    await file.read(header, 0, header.length, 0)
  } finally {
    await file.close()
  }
  const refuse = (why: string): DidcommError => new DidcommError('ERR_STORE_DAMAGED', `the store ${path} cannot be opened: ${why}`)
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw refuse(noSqliteFile)
  if (header.readUInt32BE(68) !== applicationId) throw refuse('it is a SQLite file of another program')
  const version = header.readUInt32BE(60)
  if (version > schemaVersion) throw refuse(`it is of a newer version of this program: its schema is ${version}, known is ${schemaVersion}`)
  if (version < schemaVersion) throw refuse(`its schema is ${version}, expected ${schemaVersion}`)
  if (!header.includes(schema)) throw refuse(damaged)
}

/** Without statements that would outlive a refusal, and the lock with them. */
function lock(database: SqliteDatabase): void {
  database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT')
}

function checkSchema(database: SqliteDatabase, path: string): void {
  const found = database.prepare('SELECT count(*) AS tables FROM sqlite_schema WHERE sql IS NOT NULL').all()
  if (found[0]?.['tables'] !== 1)
    throw new DidcommError('ERR_STORE_DAMAGED', `the store ${path} has other tables than it should: it was changed by another program`)
}

function checkStructure(database: SqliteDatabase, path: string): void {
  const [found] = database.prepare('PRAGMA integrity_check(1)').all()
  if (found?.['integrity_check'] !== 'ok') {
    throw new DidcommError('ERR_STORE_DAMAGED', `the store ${path} cannot be opened: ${damaged} (${found?.['integrity_check']})`)
  }
}

/** What a commit is on the disk by, and read back: a library may have been built without it. */
function configure(database: SqliteDatabase, path: string): void {
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA busy_timeout = 5000')
  const [mode] = database.prepare('PRAGMA journal_mode').all()
  const [sync] = database.prepare('PRAGMA synchronous').all()
  if (mode?.['journal_mode'] !== 'wal' || sync?.['synchronous'] !== 2)
    throw new DidcommError('ERR_STORE_FAILED', `the store ${path} cannot be opened: this SQLite does not write through to the disk`)
}

/** All into the one file, and the lock given back, which outside of WAL mode needs no closing. */
function release(database: SqliteDatabase): void {
  try {
    database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM sqlite_schema')
  } catch {
    // The disk is full or gone: what was committed is in the WAL, from which the next opening takes it.
  }
}
