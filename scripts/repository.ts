/**
 * Where things are, and how a check ends. It exists so that each script beside it can be only its rule.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('..', import.meta.url))

/** The versions of Node, beside the one that runs this, on which the tests run too. They come as the npm package `node`. */
export const otherNodes: readonly string[] = ['22.23.3', '24.21.0']

/** The packages, as their directories under `packages/` are called. */
export const packages: readonly string[] = readdirSync(join(root, 'packages'))

/** Paths under a directory, relative to the root and in order, of the files that end in `suffix`. A directory that is absent has none. */
export function filesIn(directory: string, suffix: string): readonly string[] {
  if (!existsSync(join(root, directory))) return []
  const entries = readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile() && entry.name.endsWith(suffix)).map((entry) => join(entry.parentPath, entry.name))
  return paths
    .map((path) => relative(root, path))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
    .sort()
}

/** All sources of all packages. */
export const sources = (): readonly string[] => packages.flatMap((name) => filesIn(`packages/${name}/src`, '.ts'))

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** An empty directory inside the repository, so that programs in it find our packages as users find them: by name. */
export function workshop(name: string): string {
  const directory = join(root, 'node_modules', '.cache', 'sealpost', name)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  return directory
}

/** Ends the check: prints what is wrong and fails, or says in one line what holds. */
export function conclude(problems: readonly string[], holds: string): void {
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
  else console.log(holds)
}
