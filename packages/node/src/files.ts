/**
 * Writing files so that a reader sees the old one or the new one whole, whatever happens in between. It knows nothing of what is written.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a file whole or not at all: a temporary file beside it, on the disk before it takes the name.
 *
 * A crash at any point leaves the old file. The temporary file of a crash has a name that starts with a dot and ends in `.tmp`;
 * nothing reads it.
 *
 * @param mode - the permissions of the new file; 0o600 (its owner alone) where nothing is said
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { writeFileAtomically } from '@sealpost/node'
 *
 * const folder = await mkdtemp(join(tmpdir(), 'sealpost-'))
 * await writeFileAtomically(join(folder, 'message.dcem'), '{}')
 * ```
 */
export async function writeFileAtomically(
  path: string,
  data: string | Uint8Array,
  { mode = 0o600 }: { mode?: number } = {},
): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    // `wx`: never through a link or into a file that somebody else put there.
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** The new name is on the disk only when its folder is. Some systems cannot open folders: there the rename has to do. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  if (handle === undefined) return
  try {
    await handle.sync()
  } catch {
    // A file system that cannot sync folders.
  } finally {
    await handle.close()
  }
}
