import { mkdtemp, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDidcommError } from 'sealpost/errors'
import type { Row, Store } from 'sealpost/store'
import { storeConformance } from 'sealpost/testing'
import { describe, expect, it } from 'vitest'
import { loadSqliteDriver, type SqliteDriver, type SqliteDriverName } from '../../src/sqlite-driver.ts'
import { openSqliteFile } from '../../src/sqlite-file.ts'
import { openSqliteStore, storeOn } from '../../src/sqlite-store.ts'
import { startWriter } from '../fixtures/sqlite-process.ts'

const freshPath = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'sealpost-store-')), 'agent.db')

const codeOf = (run: () => Promise<unknown>): Promise<string> =>
  run().then(
    () => 'none',
    (error: unknown) => (isDidcommError(error) ? error.code : String(error)),
  )

const put = (key: string, value: string | number = key, table = 'things') => ({ writes: [{ table, key, value }] })
const rowsOf = (store: Store, table = 'things'): Promise<readonly Row[]> => store.list({ table, limit: 100_000 })

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const hasOwn = major > 22 || (major === 22 && minor >= 13)
const drivers: readonly SqliteDriverName[] = hasOwn ? ['node:sqlite', 'libsql'] : ['libsql']

/** A driver whose statements can be counted, and made to fail. */
function tappedDriver(inner: SqliteDriver, onRun: (sql: string) => void): SqliteDriver {
  return {
    name: inner.name,
    open(path) {
      const database = inner.open(path)
      return {
        exec: (sql) => database.exec(sql),
        close: () => database.close(),
        prepare(sql) {
          const statement = database.prepare(sql)
          return {
            all: (...values) => statement.all(...values),
            run(...values) {
              onRun(sql)
              statement.run(...values)
            },
          }
        },
      }
    },
  }
}

const atOnce = { waitSeconds: 0, isChecked: true } as const

describe(`the SQLite of Node ${process.version}: ${hasOwn ? 'its own is tested, and libsql' : 'it has none of its own, and libsql is tested alone'}`, () => {
  it('the one of Node is taken where there is one', async () => {
    expect((await loadSqliteDriver()).name).toBe(drivers[0])
    expect((await loadSqliteDriver('libsql')).name).toBe('libsql')
    expect(await codeOf(() => loadSqliteDriver('node:sqlite'))).toBe(hasOwn ? 'none' : 'ERR_UNSUPPORTED_RUNTIME')
  })

  it('files that one library made, the other one opens', async () => {
    const path = await freshPath()
    for (const driver of [...drivers, ...drivers]) {
      const store = await openSqliteStore(path, { driver })
      await store.commit(put('a', driver))
      expect(await rowsOf(store)).toMatchObject([{ key: 'a', value: driver }])
      await store.close()
    }
  })

  it('A04: two libraries in one process do not open one file', async () => {
    const path = await freshPath()
    const store = await openSqliteStore(path, { driver: drivers[0] as SqliteDriverName })
    expect(await codeOf(() => openSqliteStore(path, { driver: 'libsql', waitSeconds: 0 }))).toBe('ERR_STORE_LOCKED')
    await store.close()
    await (await openSqliteStore(path, { driver: 'libsql', waitSeconds: 0 })).close()
  })
})

describe.each(drivers)('openSqliteStore with %s', (driver) => {
  const open = (path: string): Promise<Store> => openSqliteStore(path, { driver, waitSeconds: 0 })

  describe('does what the port says', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sealpost-store-'))
    for (const [name, run] of storeConformance((file) => open(join(folder, `${file}.db`)))) it(name, run)
  })

  it('the file is its owner’s alone, and once it is closed it is the only one', async () => {
    const path = await freshPath()
    const store = await open(path)
    await store.commit(put('a'))
    for (const file of [path, `${path}-wal`]) expect((await stat(file)).mode & 0o777).toBe(0o600)
    await store.close()
    expect(await readdir(join(path, '..'))).toEqual(['agent.db'])
  })

  it('says nothing on standard error', async () => {
    const writer = startWriter(await freshPath(), driver, { rows: '10' })
    await writer.ended
    expect(writer.errors()).toBe('')
    expect(writer.lines().at(-1)).toBe('closed')
  })

  it('what is stored is what was given when commit was called', async () => {
    const store = await open(await freshPath())
    const value = { text: 'before' }
    const commit = store.commit({ writes: [{ table: 'things', key: 'a', value }] })
    value.text = 'after'
    await commit
    expect(await rowsOf(store)).toMatchObject([{ value: { text: 'before' } }])
    await store.close()
  })

  it('what is no JSON, and a key with a NUL, is refused and nothing of the batch stored', async () => {
    const store = await open(await freshPath())
    const circle: { self?: never } = {}
    circle.self = circle as never
    for (const value of [circle, { big: 1n }, () => 1, Symbol('x')] as unknown as string[]) {
      const batch = { writes: [...put('a').writes, { table: 'things', key: 'b', value }] }
      expect(await codeOf(() => store.commit(batch))).toBe('ERR_USAGE_ARGUMENT')
    }
    expect(await codeOf(() => store.commit(put('a\0b')))).toBe('ERR_USAGE_ARGUMENT')
    expect(await rowsOf(store)).toEqual([])
    await store.close()
  })

  describe('commits in groups', () => {
    it('commits of one turn share one transaction, each with its own checks', async () => {
      const ran: string[] = []
      const path = await freshPath()
      const tapped = tappedDriver(await loadSqliteDriver(driver), (sql) => ran.push(sql))
      const store = storeOn(await openSqliteFile(tapped, path, atOnce), path)
      const outcomes = await Promise.all(
        Array.from({ length: 64 }, (_, index) =>
          store.commit({ checks: [{ table: 'things', key: `k${index % 32}`, version: 0 }], ...put(`k${index % 32}`, index) }),
        ),
      )
      expect(outcomes).toEqual([...Array(32).fill('committed'), ...Array(32).fill('conflict')])
      expect(ran.filter((sql) => sql === 'COMMIT').length).toBe(1)
      await Promise.all(Array.from({ length: 600 }, (_, index) => store.commit(put(`m${index}`))))
      expect(ran.filter((sql) => sql === 'COMMIT').length).toBe(4)
      await store.close()
    })

    it('a batch that finds no room takes none of the others with it', async () => {
      const path = await freshPath()
      const file = await openSqliteFile(await loadSqliteDriver(driver), path, atOnce)
      file.database.exec('PRAGMA max_page_count = 30')
      const store = storeOn(file, path)
      const large = 'x'.repeat(200_000)
      const codes = await Promise.all([put('a'), put('large', large), put('b')].map((batch) => codeOf(() => store.commit(batch))))
      expect(codes).toEqual(['none', 'ERR_STORE_FULL', 'none'])
      expect((await rowsOf(store)).map(({ key }) => key)).toEqual(['a', 'b'])
      await store.close()
    })
  })

  describe('D13: a disk that is full or fails', () => {
    it('full: nothing of the batch is stored, and it goes on when there is room', async () => {
      const path = await freshPath()
      const file = await openSqliteFile(await loadSqliteDriver(driver), path, atOnce)
      file.database.exec('PRAGMA max_page_count = 20')
      const store = storeOn(file, path)
      const text = 'x'.repeat(1000)
      let stored = 0
      let code = 'none'
      for (; code === 'none'; stored += 1) {
        code = await codeOf(() => store.commit({ writes: [...put(`a${stored}`, text).writes, ...put(`b${stored}`, text).writes] }))
      }
      stored -= 1
      expect(code).toBe('ERR_STORE_FULL')
      expect(stored).toBeGreaterThan(5)
      expect((await rowsOf(store)).length).toBe(2 * stored)
      await store.commit({ writes: [{ table: 'things', key: 'a0', value: undefined }] })
      await store.commit(put('c'))
      file.database.exec('PRAGMA max_page_count = 1000')
      await store.commit(put(`a${stored}`, text))
      await store.close()
      const again = await open(path)
      expect((await rowsOf(again)).length).toBe(2 * stored + 1)
      await again.close()
    })

    it('a file that may not grow: what was told done is kept, the rest refused', async () => {
      const path = await freshPath()
      const writer = startWriter(path, driver, { fileBlocks: 600 })
      await writer.ended
      const done = writer.lines().filter((line) => line.startsWith('done ')).length
      expect(writer.lines()).toContain('ERR_STORE_FAILED')
      expect(done).toBeGreaterThan(20)
      const store = await open(path)
      expect((await rowsOf(store, 'left')).length).toBe(done)
      expect((await rowsOf(store, 'right')).length).toBe(done)
      await store.commit(put('a'))
      await store.close()
    })

    it('a write that is refused changes nothing, and the next one may pass; a sync that fails ends all commits', async () => {
      const path = await freshPath()
      let failure: number | undefined
      const tapped = tappedDriver(await loadSqliteDriver(driver), (sql) => {
        if (sql === 'COMMIT' && failure !== undefined) throw Object.assign(new Error('disk I/O error'), { errcode: failure })
      })
      const store = storeOn(await openSqliteFile(tapped, path, atOnce), path)
      failure = 778
      expect(await codeOf(() => store.commit(put('a')))).toBe('ERR_STORE_FAILED')
      failure = undefined
      expect(await rowsOf(store)).toEqual([])
      await store.commit(put('b'))
      failure = 1034
      expect(await codeOf(() => store.commit(put('c')))).toBe('ERR_STORE_FAILED')
      failure = undefined
      expect(await codeOf(() => store.commit(put('d')))).toBe('ERR_STORE_FAILED')
      expect((await rowsOf(store)).map(({ key }) => key)).toEqual(['b'])
      await store.close()
      const again = await open(path)
      await again.commit(put('e'))
      expect((await rowsOf(again)).map(({ key }) => key)).toEqual(['b', 'e'])
      await again.close()
    })
  })

  describe('A03, D12: a process that is killed', () => {
    it('what was told done is there, and each batch whole or not at all, kill after kill', async () => {
      const path = await freshPath()
      let done = 0
      for (let round = 1; round <= 4; round += 1) {
        const writer = startWriter(path, driver)
        await writer.until(1 + 60 * round)
        writer.child.kill('SIGKILL')
        await writer.ended
        const told = writer
          .lines()
          .filter((line) => line.startsWith('done '))
          .map((line) => Number(line.slice(5)))
        expect(told.length).toBeGreaterThanOrEqual(60 * round)
        done = Math.max(done, ...told.map((number) => number + 1))

        const store = await open(path)
        const [left, right] = [await rowsOf(store, 'left'), await rowsOf(store, 'right')]
        const [counter] = await store.get('counters', ['next'])
        await store.close()
        expect(left.length).toBeGreaterThanOrEqual(done)
        expect(left.map(({ value }) => (value as { number: number }).number)).toEqual(left.map((_, index) => index))
        expect(right.map(({ key }) => key)).toEqual(left.map(({ key }) => key))
        expect(counter).toMatchObject({ value: left.length, version: left.length })
        done = left.length
      }
    })
  })

  describe('A04: one process at a time', () => {
    it('a second one is refused while the first lives, and may wait for its end', async () => {
      const path = await freshPath()
      const writer = startWriter(path, driver)
      await writer.until(5)
      expect(await codeOf(() => open(path))).toBe('ERR_STORE_LOCKED')
      const waits = openSqliteStore(path, { driver, waitSeconds: 20 })
      writer.child.kill('SIGKILL')
      const store = await waits
      expect((await rowsOf(store, 'left')).length).toBeGreaterThanOrEqual(4)
      const second = startWriter(path, driver)
      await second.ended
      expect(second.errors()).toContain('ERR_STORE_LOCKED')
      expect(second.lines()).toEqual([])
      await store.close()
    })

    it('many that make one store at once: one has it, the others are refused', async () => {
      const path = await freshPath()
      const writers = Array.from({ length: 4 }, () => startWriter(path, driver, { rows: '400' }))
      await Promise.all(writers.map(({ ended }) => ended))
      const done = writers.reduce((sum, writer) => sum + writer.lines().filter((line) => line.startsWith('done ')).length, 0)
      for (const writer of writers) {
        if (writer.errors() === '') expect(writer.lines().at(-1)).toBe('closed')
        else expect(writer.errors()).toContain('ERR_STORE_LOCKED')
      }
      const store = await open(path)
      expect((await rowsOf(store, 'left')).length).toBe(done)
      await store.close()
    })
  })

  describe('A05: a file that is not what it was is refused, and not changed', () => {
    /** A store with rows of several sizes, closed. */
    async function filled(): Promise<{ path: string; rows: readonly Row[]; bytes: Buffer }> {
      const path = await freshPath()
      const store = await open(path)
      const writes = Array.from({ length: 60 }, (_, index) => put(`key-${index}`, `${index} `.repeat(index * 10)).writes)
      await store.commit({ writes: writes.flat() })
      const rows = await rowsOf(store)
      await store.close()
      return { path, rows, bytes: await readFile(path) }
    }

    async function expectRefused(path: string): Promise<void> {
      const before = await readFile(path)
      expect(await codeOf(() => open(path))).toBe('ERR_STORE_DAMAGED')
      expect((await readFile(path)).equals(before)).toBe(true)
    }

    it.each([0, 1, 99, 512, 4096, 20_000])('truncated to %i bytes', async (bytes) => {
      const { path } = await filled()
      await truncate(path, bytes)
      await expectRefused(path)
    })

    it('one page short', async () => {
      const { path, bytes } = await filled()
      await truncate(path, bytes.length - 4096)
      await expectRefused(path)
    })

    it.each([
      ['of a newer version', 60, 2],
      ['of an older version', 60, 0],
      ['of another program', 68, 0x12345678],
      ['something else', 0, 0x7b7d0a0a],
    ])('%s', async (_, offset, value) => {
      const { path, bytes } = await filled()
      bytes.writeUInt32BE(value, offset)
      await writeFile(path, bytes)
      await expectRefused(path)
    })

    it('with other tables', async () => {
      const { path } = await filled()
      const database = (await loadSqliteDriver(driver)).open(path)
      database.exec('CREATE TABLE others (a TEXT)')
      database.close()
      await expectRefused(path)
    })

    it('what is left of a store whose file is gone', async () => {
      const path = await freshPath()
      await writeFile(`${path}-wal`, 'what was committed last')
      expect(await codeOf(() => open(path))).toBe('ERR_STORE_DAMAGED')
      expect(await readdir(join(path, '..'))).toEqual(['agent.db-wal'])
    })

    it('wherever one bit is turned, each row is read as it was written, or the file is refused', async () => {
      const { rows, bytes } = await filled()
      const outcomes = { refusedAtOpening: 0, refusedAtReading: 0, same: 0 }
      const flips = 120
      for (let flip = 0; flip < flips; flip += 1) {
        const path = await freshPath()
        const changed = Buffer.from(bytes)
        // All over the file, and more often in the pages with structure at its beginning.
        const offset = flip < 50 ? flip * 7 : Math.floor((flip * bytes.length) / flips) + (flip % 13)
        changed.writeUInt8(changed.readUInt8(offset) ^ (1 << (flip % 8)), offset)
        await writeFile(path, changed)
        const store = await open(path).catch((error: unknown) => {
          expect(isDidcommError(error) && error.code, `bit ${flip % 8} at ${offset}`).toBe('ERR_STORE_DAMAGED')
          return undefined
        })
        if (store === undefined) {
          outcomes.refusedAtOpening += 1
          continue
        }
        const found = await rowsOf(store).catch((error: unknown) => {
          expect(isDidcommError(error) && error.code, `bit ${flip % 8} at ${offset}`).toBe('ERR_STORE_DAMAGED')
          return undefined
        })
        if (found !== undefined) expect(found, `bit ${flip % 8} at ${offset}`).toEqual(rows)
        outcomes[found === undefined ? 'refusedAtReading' : 'same'] += 1
        await store.close()
      }
      expect(outcomes.refusedAtOpening).toBeGreaterThan(5)
      expect(outcomes.refusedAtReading).toBeGreaterThan(20)
      expect(outcomes.same).toBeGreaterThan(0)
    })
  })

  it('a folder that is not there, and a folder in its place, is a failure that says so', async () => {
    const path = await freshPath()
    expect(await codeOf(() => open(join(path, '..', 'none', 'agent.db')))).toBe('ERR_STORE_FAILED')
    expect(await codeOf(() => open(join(path, '..')))).toBe('ERR_STORE_FAILED')
    await expect(open(join(path, '..', 'none', 'agent.db'))).rejects.toThrow('its folder is not there')
  })
})
