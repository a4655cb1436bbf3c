/**
 * Builds the native didcomm-rust, where there is a Rust compiler; otherwise it says why not.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const directory = fileURLToPath(new URL('../native-rust', import.meta.url))
/** Where cargo puts the program. */
export const nativeBinary = `${directory}/target/release/sealpost-bench-native`

/** Builds it once. Answers with undefined, or with the reason why it is not there. */
export function buildNative({ log = console.error } = {}) {
  if (existsSync(nativeBinary)) return undefined
  if (spawnSync('cargo', ['--version']).error) return 'there is no cargo on this machine'
  log('building didcomm-rust natively (a few minutes, once) …')
  const { status, stderr } = spawnSync('cargo', ['build', '--release', '--locked', '-j1'], { cwd: directory, encoding: 'utf8' })
  return status === 0 ? undefined : `cargo build failed: ${stderr.trim().split('\n').slice(-3).join(' ')}`
}
