/**
 * Completes package-lock.json. It exists because npm leaves out of the lock an optional package (a binary for another platform) that the
 * registry at hand does not have, and `npm ci` then refuses the lock everywhere. What is left out is written in by name, version and
 * platform, which is all that is needed for not installing it. Run it by `npm run lock`, after a dependency changed.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conclude, read, root } from './repository.ts'

type Entry = { version?: string; dev?: true; optional?: true; os?: string[]; cpu?: string[]; optionalDependencies?: Record<string, string> }
type Lock = { packages: Record<string, Entry> }

const systems = /\b(?:aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)\b/
const processors = /\b(?:arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|wasm32|x64)\b/

const lock = JSON.parse(read('package-lock.json')) as Lock
const strange: string[] = []
let added = 0

for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const present = [`${path}/node_modules/${name}`, `node_modules/${name}`].some((place) => lock.packages[place] !== undefined)
    if (present) continue
    const os = systems.exec(name)?.[0]
    const cpu = processors.exec(name)?.[0]
    if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version))
      strange.push(`${name}@${version}, which ${path} wants, names no platform`)
    else {
      lock.packages[`node_modules/${name}`] = { version, cpu: [cpu], ...(parent.dev ? { dev: true } : {}), optional: true, os: [os] }
      added += 1
    }
  }
}

const ordered = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(join(root, 'package-lock.json'), `${JSON.stringify({ ...lock, packages: Object.fromEntries(ordered) }, null, 2)}\n`)
conclude(strange, `${ordered.length} packages in the lock, ${added} of them written in`)
