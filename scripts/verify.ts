/**
 * Everything that must hold, in one command: `npm run verify`. It exists so that nobody has to remember what to run; each step is a
 * sentence, and the first that does not hold ends the run with what it printed. `npm run verify -- size` runs only the steps whose
 * sentence has the word.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { otherNodes, root } from './repository.ts'

type Command = readonly [program: string, ...parameters: readonly string[]]

const script = (name: string): Command => ['tsx', `scripts/${name}.ts`]
const vitest = 'node_modules/vitest/vitest.mjs'

const steps: readonly (readonly [sentence: string, ...commands: readonly Command[]])[] = [
  ['types hold', ['tsc', '-p', '.'], ['tsc', '-p', 'packages/sealpost/tsconfig.web.json']],
  ['no layer looks up', script('check-layers')],
  ['no import circles', script('check-circles')],
  ['rooms are of like size', script('check-rooms')],
  ['format and lint hold', ['biome', 'ci', '--colors=off', '.']],
  ['nothing is unused', ['knip']],
  ['the packages build', ['npm', 'run', 'build', '--silent']],
  ['every package resolves', script('check-packages')],
  ['the size budget holds', script('check-budget')],
  ['errors.md is the table', ['tsx', 'scripts/write-errors-doc.ts', '--check']],
  ['the protocol pages are the tables', ['tsx', '--conditions=@sealpost/source', 'scripts/write-protocols-doc.ts', '--check']],
  ['the examples run', script('check-snippets'), ['tsx', 'examples/run.ts']],
  ['tests pass on Node, on Node with the primitives of browsers, and in Chromium', ['vitest', 'run']],
  ...otherNodes.map(
    (version) =>
      [
        `tests pass on Node ${version}`,
        ['npx', '--yes', '--package', `node@${version}`, '--', 'node', vitest, 'run', '--project', 'node'],
      ] as const,
  ),
  ['every requirement has code and test', script('check-requirements')],
]

const path = `${join(root, 'node_modules', '.bin')}:${process.env['PATH']}`

function run([program, ...parameters]: Command): Promise<{ readonly held: boolean; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, {
      cwd: root,
      env: { ...process.env, PATH: path, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => resolve({ held: code === 0, output: Buffer.concat(output).toString() }))
  })
}

const wanted = process.argv.slice(2)
const chosen = steps.filter(
  ([sentence]) => wanted.length === 0 || wanted.some((word) => sentence.toLowerCase().includes(word.toLowerCase())),
)
if (chosen.length === 0) {
  console.error(`No step has ${wanted.join(' or ')} in its sentence. The steps: ${steps.map(([sentence]) => sentence).join(' · ')}`)
  process.exit(2)
}

const began = performance.now()
const secondsSince = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`

for (const [sentence, ...commands] of chosen) {
  const start = performance.now()
  for (const command of commands) {
    const { held, output } = await run(command)
    if (held) continue
    console.log(`✗ ${sentence} (${secondsSince(start)})\n\n$ ${command.join(' ')}\n${output}`)
    process.exit(1)
  }
  console.log(`✓ ${sentence} (${secondsSince(start)})`)
}
console.log(`All that was asked holds (${secondsSince(began)}).`)
