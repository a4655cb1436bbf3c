/**
 * One writer at a time, over processes: a lock file that names its owner. It knows nothing of what is locked.
 *
 * A lock whose process is gone is taken away, so that a crash locks nobody out. Taking away is itself done under a lock: else two
 * that see the same dead lock could each remove it, the second one removing the fresh lock of the first.
 *
 * @module
 */
import { open, readFile, rm } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { DidcommError } from 'sealpost/errors'

const retryMilliseconds = 25

/**
 * Runs `task` while holding the lock of `path`, a file named `<path>.lock`.
 *
 * @throws {DidcommError} `ERR_USAGE_KEY_FILE` where another process does not give it back within `timeoutSeconds`, or no lock can be made.
 */
export async function withLock<T>(
  path: string,
  task: () => Promise<T>,
  { timeoutSeconds = 10 }: { timeoutSeconds?: number } = {},
): Promise<T> {
  const lock = `${path}.lock`
  const end = Date.now() + timeoutSeconds * 1000
  while (!(await take(lock))) {
    await removeIfDead(lock)
    if (Date.now() > end) {
      throw new DidcommError('ERR_USAGE_KEY_FILE', `another program is writing ${path}; if none is, remove ${lock} and try again`)
    }
    await delay(retryMilliseconds)
  }
  try {
    return await task()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0o600)
    try {
      await file.writeFile(String(process.pid))
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if (isExisting(error)) return false
    throw new DidcommError('ERR_USAGE_KEY_FILE', `the file ${lock} cannot be made: is its folder there, and may it be written?`, {
      cause: error,
    })
  }
}

async function removeIfDead(lock: string): Promise<void> {
  if (!(await isDead(lock))) return
  const second = `${lock}.lock`
  if (!(await take(second))) return
  try {
    if (await isDead(lock)) await rm(lock, { force: true })
  } finally {
    await rm(second, { force: true })
  }
}

async function isDead(lock: string): Promise<boolean> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''))
  // An empty lock is one that is being written just now.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

const isExisting = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST'
