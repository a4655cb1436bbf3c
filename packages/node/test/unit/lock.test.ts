import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { withLock } from '../../src/lock.ts'

const path = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'sealpost-lock-')), 'file')

describe('withLock', () => {
  it('one task at a time, and no lock is left, even where a task fails', async () => {
    const file = await path()
    let inside = 0
    let most = 0
    const task = async (): Promise<void> => {
      most = Math.max(most, ++inside)
      await new Promise((next) => setTimeout(next, 5))
      inside--
      throw new Error('the task')
    }
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => withLock(file, task)))
    expect(results.map((result) => result.status === 'rejected' && String(result.reason))).toEqual(Array(8).fill('Error: the task'))
    expect(most).toBe(1)
    expect(await readdir(join(file, '..'))).toEqual([])
  })

  it('the lock of a process that is gone is taken over, by one at a time', async () => {
    const file = await path()
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    await writeFile(`${file}.lock`, String(pid))
    let inside = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 8 }, () =>
        withLock(file, async () => {
          most = Math.max(most, ++inside)
          await new Promise((next) => setTimeout(next, 5))
          inside--
        }),
      ),
    )
    expect(most).toBe(1)
    expect(await readdir(join(file, '..'))).toEqual([])
  })

  it('the lock of a process that lives is waited for, then reported with what to do', async () => {
    const file = await path()
    await writeFile(`${file}.lock`, String(process.pid))
    const waiting = withLock(file, () => Promise.resolve(), { timeoutSeconds: 0.1 })
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_USAGE_KEY_FILE' })
    await expect(waiting).rejects.toThrow(/remove .*\.lock/)
  })

  it('an empty lock is waited for while it can be one that is being written, and then taken away', async () => {
    const file = await path()
    await writeFile(`${file}.lock`, '')
    await expect(withLock(file, () => Promise.resolve(), { timeoutSeconds: 0.1 })).rejects.toThrow(/another program/)
    const before = Date.now() / 1000 - 60
    await utimes(`${file}.lock`, before, before)
    expect(await withLock(file, () => Promise.resolve('done'), { timeoutSeconds: 0.1 })).toBe('done')
    expect(await readdir(join(file, '..'))).toEqual([])
  })

  it('a lock that cannot be made is told with the reason', async () => {
    const file = await path()
    await expect(withLock(join(file, 'x'), () => Promise.resolve())).rejects.toThrow(/its folder is not there$/)
    await writeFile(file, '')
    await expect(withLock(join(file, 'x'), () => Promise.resolve())).rejects.toThrow(/its folder is a file$/)
  })
})
