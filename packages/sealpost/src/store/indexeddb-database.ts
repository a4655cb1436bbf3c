/**
 * A database of IndexedDB that one tab or worker has at a time: its lock, its schema, and its transactions as promises. It knows nothing
 * of batches.
 *
 * @see {@link https://www.w3.org/TR/IndexedDB/ | Indexed Database API}
 * @see {@link https://www.w3.org/TR/web-locks/ | Web Locks API}
 * @module
 */
import { DidcommError, type ErrorCode, isDidcommError } from '../errors.ts'

/** A row as it is stored. The value is JSON text, so that it is what other stores keep too. */
export type StoredRow = { readonly table: string; readonly key: string; readonly version: number; readonly json: string }

export type StoreDatabase = {
  /**
   * Runs requests in one transaction; what it answers is the answer once the transaction is over: on the disk, where it wrote. `requests`
   * must not wait for anything but requests: a transaction ends when it has nothing to do.
   *
   * @throws {DidcommError} of the family `store`; nothing was written then.
   */
  transact<T>(mode: IDBTransactionMode, requests: (rows: IDBObjectStore, answer: (answer: T) => void) => void): Promise<T>
  /** Gives the database and its lock back. */
  close(): Promise<void>
}

const storeName = 'rows'
const keyPath = ['table', 'key']
const schemaVersion = 1

/**
 * Opens a database, and makes it where there is none.
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_RUNTIME`, `ERR_STORE_LOCKED`, `ERR_STORE_DAMAGED`, `ERR_STORE_FULL`, `ERR_STORE_FAILED`
 */
export async function openStoreDatabase(name: string, waitSeconds: number): Promise<StoreDatabase> {
  const factory = (globalThis as { indexedDB?: IDBFactory }).indexedDB
  const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks
  if (factory === undefined || locks === undefined) {
    throw new DidcommError(
      'ERR_UNSUPPORTED_RUNTIME',
      'expected IndexedDB and Web Locks, which pages over HTTPS have in browsers: found none',
    )
  }
  const release = await takeLock(locks, name, waitSeconds)
  try {
    return sessionOf(await connect(factory, name), name, release)
  } catch (error) {
    await release()
    throw error
  }
}

function sessionOf(database: IDBDatabase, name: string, release: () => Promise<void>): StoreDatabase {
  let gone: string | undefined
  const end = (why: string): Promise<void> => {
    gone ??= why
    database.close()
    return release()
  }
  // A tab that deletes the database, or has a newer version of this program, would wait for ever.
  database.onversionchange = () => void end('another tab deletes it, or opens a newer version of it')
  database.onclose = () => void end('the browser has cleared it')

  return {
    transact(mode, requests) {
      return new Promise((resolve, reject) => {
        if (gone !== undefined) throw new DidcommError('ERR_STORE_FAILED', `the store ${JSON.stringify(name)} is closed: ${gone}`)
        try {
          // Strict: what has resolved is there after a power cut.
          const transaction = database.transaction(storeName, mode, { durability: 'strict' })
          let answered: (() => void) | undefined
          transaction.oncomplete = () => answered?.()
          transaction.onabort = () => reject(storeError(name, transaction.error))
          requests(transaction.objectStore(storeName), (answer) => {
            answered = () => resolve(answer)
          })
        } catch (error) {
          reject(storeError(name, error))
        }
      })
    },
    close: () => end('it was closed'),
  }
}

/** Resolves with what gives the lock back, and that when it is back. */
function takeLock(locks: LockManager, name: string, waitSeconds: number): Promise<() => Promise<void>> {
  const options: LockOptions =
    waitSeconds === 0
      ? { ifAvailable: true }
      : waitSeconds === Number.POSITIVE_INFINITY
        ? {}
        : { signal: AbortSignal.timeout(Math.round(waitSeconds * 1000)) }
  const locked = (cause?: unknown): DidcommError =>
    new DidcommError('ERR_STORE_LOCKED', `the store ${JSON.stringify(name)} is open in another tab or worker`, { cause })
  return new Promise((resolve, reject) => {
    const held = locks.request(`sealpost store ${name}`, options, (lock) => {
      if (lock === null) throw locked()
      return new Promise<void>((letGo) => {
        resolve(() => {
          letGo()
          return held
        })
      })
    })
    held.catch((error: unknown) => reject(options.signal?.aborted ? locked(error) : storeError(name, error)))
  })
}

function connect(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void => reject(storeError(name, cause))
    try {
      const request = factory.open(name, schemaVersion)
      request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath })
      request.onerror = () => refuse(request.error)
      request.onsuccess = () => {
        const database = request.result
        if (hasSchema(database)) return resolve(database)
        database.close()
        refuse(new DidcommError('ERR_STORE_DAMAGED', `the database ${JSON.stringify(name)} is of another program: take another name`))
      }
    } catch (cause) {
      // Pages that may store nothing get an exception, not an event.
      refuse(cause)
    }
  })
}

const hasSchema = (database: IDBDatabase): boolean =>
  [...database.objectStoreNames].join() === storeName &&
  String(database.transaction(storeName).objectStore(storeName).keyPath) === String(keyPath)

/** What IndexedDB said, as an error of the family `store`. */
export function storeError(name: string, cause: unknown): DidcommError {
  if (isDidcommError(cause)) return cause
  const [code, why] = byName[(cause as Error | null)?.name ?? ''] ?? ['ERR_STORE_FAILED', 'it could not be read or written']
  return new DidcommError(code, `the store ${JSON.stringify(name)}: ${why}`, { cause })
}

const byName: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  QuotaExceededError: ['ERR_STORE_FULL', 'the browser gives it no more room'],
  VersionError: ['ERR_STORE_DAMAGED', `it is of a newer version of this program than schema ${schemaVersion}`],
  NotReadableError: ['ERR_STORE_DAMAGED', 'the browser has lost a part of it'],
}
