/**
 * Reads what imports what in our sources. It exists because two checks need it: that no layer looks up, and that there are no circles.
 *
 * @module
 */
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'
import { read, sources } from './repository.ts'

export type Import = {
  /** The file that imports, relative to the root. */
  readonly from: string
  /** What it says. */
  readonly specifier: string
  /** The file it means, relative to the root, where the specifier is relative. */
  readonly file: string | undefined
}

/** Every import and re-export of our sources, those of types and dynamic ones included. */
export function imports(): readonly Import[] {
  return sources().flatMap((from) =>
    ts.preProcessFile(read(from), true, true).importedFiles.map(({ fileName: specifier }) => {
      const file = specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : undefined
      return { from, specifier, file }
    }),
  )
}
