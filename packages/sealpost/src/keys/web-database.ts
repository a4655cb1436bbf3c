/**
 * One object store of IndexedDB, as the keys of WebCrypto need it: transactions that are on the disk when they resolve, in as many tabs
 * as there are. It knows nothing of keys.
 *
 * @see {@link https://www.w3.org/TR/IndexedDB/ | Indexed Database API}
 * @module
 */
import { DidcommError } from '../errors.ts'

export type WebDatabase = {
  /**
   * Runs requests in one transaction. `requests` must not wait for anything: a transaction ends when it has nothing to do.
   *
   * @throws {DidcommError} `ERR_STORE_FAILED`, whose cause is what IndexedDB says; `ERR_USAGE_KEY_STORE` once it was closed.
   */
  transact<T>(mode: 'readonly' | 'readwrite', requests: (store: IDBObjectStore) => () => T): Promise<T>
  close(): void
}

const storeName = 'keys'

/**
 * Opens a database by its name, and makes it where there is none.
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_RUNTIME` where there is no IndexedDB, `ERR_USAGE_KEY_STORE` where it does not open.
 */
export async function openWebDatabase(name: string): Promise<WebDatabase> {
  const factory = (globalThis as { indexedDB?: IDBFactory }).indexedDB
  if (factory === undefined)
    throw new DidcommError(
      'ERR_UNSUPPORTED_RUNTIME',
      'expected IndexedDB, found none: this store of keys is for browsers and their workers',
    )
  let isClosed = false
  let connection: IDBDatabase | undefined = await connect(factory, name)

  async function connected(): Promise<IDBDatabase> {
    if (isClosed) throw storeError('ERR_USAGE_KEY_STORE', `the store of keys ${JSON.stringify(name)} was closed`)
    if (connection !== undefined) return connection
    const fresh = await connect(factory as IDBFactory, name)
    connection = fresh
    return watch(fresh)
  }

  // Another tab that deletes the database waits until nobody has it open; the next transaction opens it again. Browsers close one, too,
  // whose data was cleared.
  function watch(database: IDBDatabase): IDBDatabase {
    const forget = (): void => {
      database.close()
      if (connection === database) connection = undefined
    }
    database.onversionchange = forget
    database.onclose = forget
    return database
  }
  watch(connection)

  return {
    async transact(mode, requests) {
      const database = await connected()
      return new Promise((resolve, reject) => {
        const refuse = (cause: unknown): void =>
          reject(storeError('ERR_STORE_FAILED', `the store of keys ${JSON.stringify(name)} did not do what was asked`, cause))
        try {
          // Strict: what has resolved is there after a power cut.
          const transaction = database.transaction(storeName, mode, { durability: 'strict' })
          const answer = requests(transaction.objectStore(storeName))
          transaction.oncomplete = () => resolve(answer())
          transaction.onabort = () => refuse(transaction.error)
        } catch (cause) {
          refuse(cause)
        }
      })
    },
    close() {
      isClosed = true
      connection?.close()
      connection = undefined
    },
  }
}

function connect(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: unknown): void =>
      reject(storeError('ERR_USAGE_KEY_STORE', `the store of keys ${JSON.stringify(name)} does not open`, cause))
    try {
      const request = factory.open(name, 1)
      request.onupgradeneeded = () => request.result.createObjectStore(storeName, { keyPath: 'id' })
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => refuse(request.error)
    } catch (cause) {
      // Pages that may store nothing get an exception, not an event.
      refuse(cause)
    }
  })
}

const storeError = (code: 'ERR_USAGE_KEY_STORE' | 'ERR_STORE_FAILED', message: string, cause?: unknown): DidcommError =>
  new DidcommError(code, message, { cause })
