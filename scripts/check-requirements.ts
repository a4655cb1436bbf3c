/**
 * Every requirement has code and test. It exists because "complete" should be a list that a machine reads: each id of
 * docs/requirements.md stands in a source and in the title of a test, unless its row says why it is not ours to meet.
 *
 * @module
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { conclude, filesIn, read, root, sources } from './repository.ts'

/** `SEC-40`, and a range of them: `CEA-01 to CEA-04`, `HTTP-01..07`, `K01–K07`. */
const ids = /(?<![A-Za-z0-9-])([A-Z][A-Z0-9]{0,3}-|\dPU-|[A-Z])(\d{1,3})(?:\s*(?:to|through|\.\.|…|–)\s*(?:\1)?(\d{1,3}))?(?![A-Za-z0-9])/g

function idsIn(text: string): readonly string[] {
  return [...text.matchAll(ids)].flatMap(([, family = '', first = '', last = first]) => {
    const count = Math.min(Math.max(Number(last) - Number(first), 0), 200) + 1
    return Array.from({ length: count }, (_, index) => family + String(Number(first) + index).padStart(first.length, '0'))
  })
}

type Row = { readonly id: string; readonly exempt: boolean }

const rows: readonly Row[] = read('docs/requirements.md')
  .split('\n')
  .flatMap((line) => {
    const id = /^\|\s*((?:[A-Z][A-Z0-9]{0,3}-|\dPU-)\d{1,3})\s*\|/.exec(line)?.[1]
    return id === undefined ? [] : [{ id, exempt: /not here: \S/.test(line) }]
  })

/** The titles of all tests as the runner knows them, those included that are made from vectors. */
function titles(): readonly string[] {
  const runner = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const list = execFileSync(process.execPath, [runner, 'list', '--project', 'node', '--json'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return (JSON.parse(list.slice(list.indexOf('[\n'))) as readonly { readonly name: string }[]).map(({ name }) => name)
}

const coded = new Set(sources().flatMap((path) => idsIn(read(path))))
const tested = new Set([...titles(), ...filesIn('interop', '.ts').map(read)].flatMap(idsIn))

const known = new Set(rows.map(({ id }) => id))
const bound = rows.filter(({ exempt }) => !exempt)
const problems = bound.flatMap(({ id }) => {
  const lacks = [coded.has(id) ? '' : 'code', tested.has(id) ? '' : 'test'].filter((one) => one !== '')
  return lacks.length === 0 ? [] : [`${id} has no ${lacks.join(' and no ')}`]
})
// Only families that the document has: other texts have ids too.
const families = new Set(rows.map(({ id }) => id.replace(/\d+$/, '')))
const strange = [...tested, ...coded].filter((id) => families.has(id.replace(/\d+$/, '')) && !known.has(id))
for (const id of new Set(strange))
  problems.push(`${id} stands in a source or in the title of a test, and docs/requirements.md does not know it`)
if (bound.length === 0) problems.push('docs/requirements.md has no row that reads as a requirement')

conclude(problems, `${bound.length} requirements have code and test, ${rows.length - bound.length} are not here and say why`)
