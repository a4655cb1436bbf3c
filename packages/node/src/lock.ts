/**
 * One writer at a time, over processes: a lock file that names its owner. It knows nothing of what is locked.
 *
 * A lock whose process is gone is taken away, so that a crash locks nobody out. Taking away is itself done under a lock: else two
 * that see the same dead lock could each remove it, the second one removing the fresh lock of the first.
 *
 * @module
 */
import { open, readFile, rm, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { DidcommError } from 'sealpost/errors'

const retryMilliseconds = 25

/** A lock without a name in it for so long belongs to somebody who went away, or was killed, before writing it. */
const emptyLockSeconds = 5

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
    } catch (error) {
      // On a full disk the file can be made and not filled: left there, it would lock everybody out.
      await rm(lock, { force: true })
      throw error
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return false
    throw new DidcommError('ERR_USAGE_KEY_FILE', `the file ${lock} cannot be made: ${reasons[code] ?? code}`, { cause: error })
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
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    // Most likely it is being written just now.
    const writtenMilliseconds = await stat(lock).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    )
    return Date.now() - writtenMilliseconds > emptyLockSeconds * 1000
  }
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'its folder is a file',
  EACCES: 'its folder may not be written',
  EPERM: 'its folder may not be written',
  EROFS: 'its disk is read-only',
  ENOSPC: 'the disk is full',
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'it failed')
