/**
 * Rooms are of like size, and each says what it is. It exists because large files and crumbs hide things, and because names like
 * Manager or Utils say nothing.
 *
 * @module
 */
import { basename } from 'node:path'
import { conclude, filesIn, packages, read, sources } from './repository.ts'

const mostLines = 400
// An auditor prefers one long page to a construction torn in two.
const mostLinesOfJose = 500
const fewestLines = 12

// A service is a thing of DID documents; as the name of a class it would be nothing.
const empty = /\bclass \w*Service\b|\b(?:class|function|const|type) \w*(?:Manager|Helper|Utils?)\b/

function problemsOf(path: string): readonly string[] {
  const text = read(path)
  const lines = text.split('\n').length - 1
  const most = path.includes('/src/jose/') ? mostLinesOfJose : mostLines
  const isIndex = basename(path) === 'index.ts'
  const body = text.replace(/^#!.*\n/, '')
  return [
    lines > most ? `it has ${lines} lines, and ${most} are the most: find the room that wants to be its own` : '',
    lines < fewestLines && !isIndex ? `it has ${lines} lines: a crumb; put it where it is used` : '',
    /^\/\*\*[\s\S]*?@module[\s\S]*?\*\//.test(body) ? '' : 'it does not open with a comment that says what it is (`/** … @module */`)',
    empty.test(text) ? `\`${empty.exec(text)?.[0]}\` is a name that says nothing` : '',
    /\b(?:TODO|FIXME|XXX)\b/.test(text) ? 'it says of itself that it is not finished' : '',
  ]
    .filter((problem) => problem !== '')
    .map((problem) => `${path}: ${problem}`)
}

/** A test that says `skip`, `todo` or `only` hides what it does not show. */
const hiding = /\b(?:it|test|describe)(?:\.\w+)*\.(?:skip|only|todo|skipIf|runIf|fails)\b/

const tests = packages.flatMap((name) => filesIn(`packages/${name}/test`, '.ts'))
const hidden = tests.flatMap((path) =>
  hiding.test(read(path)) ? [`${path}: \`${hiding.exec(read(path))?.[0]}\`: a test runs or is not there`] : [],
)

const files = sources()
conclude(
  [...files.flatMap(problemsOf), ...hidden],
  `${files.length} files of at most ${mostLines} lines (jose/: ${mostLinesOfJose}), ${tests.length} files of tests`,
)
