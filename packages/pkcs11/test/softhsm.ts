/**
 * A token of SoftHSM in a directory of its own, for one file of tests. SoftHSM reads where its tokens are once in a process.
 *
 * @module
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Debian's package puts the module, or where the environment says. */
export const library: string = process.env['SOFTHSM2'] ?? '/usr/lib/softhsm/libsofthsm2.so'

if (!existsSync(library)) {
  throw new Error(`SoftHSM is not at ${library}: install it (apt-get install softhsm2), or name it in the environment variable SOFTHSM2.`)
}

export const pin = '5678 correct'

/** Makes tokens of these labels. Returns what forgets them. */
export function makeTokens(...labels: readonly string[]): () => void {
  // In memory where there is such a place: SoftHSM waits for the disk at each object.
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'softhsm-'))
  mkdirSync(join(directory, 'tokens'))
  const configuration = join(directory, 'softhsm2.conf')
  writeFileSync(configuration, `directories.tokendir = ${directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n`)
  process.env['SOFTHSM2_CONF'] = configuration
  for (const label of labels) {
    execFileSync('softhsm2-util', ['--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', pin], { stdio: 'pipe' })
  }
  return () => rmSync(directory, { recursive: true, force: true })
}
