/**
 * Where the other versions of Node come from: the npm package `node`, in the versions on which the tests run too.
 *
 * @module
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The first number of a version. */
export const majorOf = (version) => version.replace(/^v/, '').split('.')[0]

const repository = readFileSync(new URL('../../scripts/repository.ts', import.meta.url), 'utf8')
const others = /otherNodes[^=]*= \[([^\]]*)\]/.exec(repository)?.[1].match(/\d+\.\d+\.\d+/g) ?? []

/** The major versions that can be asked for: this one first. */
export const majors = [...new Set([process.versions.node, ...others].map(majorOf))]

/** The program of one major version; npx fetches it where it is not here yet. */
export function nodeProgram(major) {
  if (major === majorOf(process.versions.node)) return process.execPath
  const version = others.find((v) => majorOf(v) === major)
  if (!version) throw new Error(`Node ${major} is not among ${majors.join(', ')}`)
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }
  return execFileSync('npx', ['--yes', '--package', `node@${version}`, '--', 'node', '-p', 'process.execPath'], options).trim()
}
