/**
 * SQLite, by whichever library there is: Node's own where it has one, else libsql. It knows statements and errors, and nothing of what
 * is stored.
 *
 * @module
 */
import { DidcommError } from 'sealpost/errors'

/** What can be bound to a statement. */
export type SqliteValue = string | number | null

/** What a column gives. Text that may be damaged has to be read as a BLOB: libsql ends the process where text is not UTF-8. */
export type SqliteColumn = SqliteValue | Uint8Array | ArrayBuffer

export type SqliteStatement = {
  run(...values: readonly SqliteValue[]): void
  all(...values: readonly SqliteValue[]): readonly Readonly<Record<string, SqliteColumn>>[]
}

/** A connection. Its calls answer at once, and throw what {@link extendedCodeOf} can read. */
export type SqliteDatabase = {
  /** One statement or more, without values and without answers. */
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  /** No more calls. With libsql the connection, and a lock that it holds, goes when its statements are collected as garbage. */
  close(): void
}

/** Which library: Node's own, from Node 22.13 on, or libsql, which comes as an optional dependency of this package. */
export type SqliteDriverName = 'node:sqlite' | 'libsql'

export type SqliteDriver = { readonly name: SqliteDriverName; open(path: string): SqliteDatabase }

/**
 * Node's own where it has one, else libsql; or the one that is named.
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_RUNTIME` where there is none, or not the one that is named.
 */
export async function loadSqliteDriver(name?: SqliteDriverName): Promise<SqliteDriver> {
  const own = name === 'libsql' ? undefined : nodeDriver()
  if (own !== undefined) return own
  if (name === 'node:sqlite') {
    throw new DidcommError(
      'ERR_UNSUPPORTED_RUNTIME',
      `expected Node's own SQLite, which Node ${process.version} lacks: it takes Node 22.13`,
    )
  }
  return libsqlDriver()
}

/**
 * The extended result code of SQLite in an error; undefined where the error is not SQLite's. Its low octet is the result code.
 *
 * @see {@link https://www.sqlite.org/rescode.html | Result codes}
 */
export function extendedCodeOf(error: unknown): number | undefined {
  const { errcode, rawCode } = (error ?? {}) as { readonly errcode?: unknown; readonly rawCode?: unknown }
  const code = errcode ?? rawCode
  return typeof code === 'number' ? code : undefined
}

type NodeSqlite = { readonly DatabaseSync: new (path: string) => SqliteDatabase }

function nodeDriver(): SqliteDriver | undefined {
  const sqlite = quietly(() => process.getBuiltinModule?.('node:sqlite') as unknown as NodeSqlite | undefined)
  return sqlite && { name: 'node:sqlite', open: (path) => new sqlite.DatabaseSync(path) }
}

/** Node says of its SQLite that it is experimental when it is loaded. Who runs a program that stores something cannot act on that. */
function quietly<T>(load: () => T): T {
  const emitWarning = process.emitWarning
  process.emitWarning = () => {}
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}

async function libsqlDriver(): Promise<SqliteDriver> {
  const { default: Database } = await import('libsql').catch((cause: unknown) => {
    throw new DidcommError(
      'ERR_UNSUPPORTED_RUNTIME',
      `expected a SQLite library, found none: Node ${process.version} has none of its own, and libsql is not installed for ${process.platform}-${process.arch}; take Node 22.13 or newer, or install libsql`,
      { cause },
    )
  })
  return {
    name: 'libsql',
    open(path) {
      const database = new Database(path)
      return {
        exec: (sql) => void database.exec(sql),
        prepare(sql) {
          const statement = database.prepare(sql)
          return {
            run: (...values) => void statement.run(...values),
            all: (...values) => statement.all(...values) as ReturnType<SqliteStatement['all']>,
          }
        },
        close: () => void database.close(),
      }
    },
  }
}
