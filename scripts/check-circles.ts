/**
 * No import circles. It exists because a circle makes the order of loading matter, and two files that need each other are one.
 *
 * @module
 */
import { imports } from './imports.ts'
import { conclude, sources } from './repository.ts'

const targets = new Map<string, string[]>(sources().map((file) => [file, []]))
for (const { from, file } of imports()) if (file !== undefined) targets.get(from)?.push(file)

const done = new Set<string>()
const circles: string[] = []

function walk(file: string, path: readonly string[]): void {
  if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
  if (path.includes(file) || done.has(file)) return
  for (const target of targets.get(file) ?? []) walk(target, [...path, file])
  done.add(file)
}

for (const file of targets.keys()) walk(file, [])
conclude(circles, `${targets.size} files, no circle`)
