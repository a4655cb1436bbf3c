/**
 * The examples run. It exists because an example that does not work is worse than none. The TypeScript of README.md, of docs/ and of the
 * docstrings is type-checked against what is built, as a user would have it; the programs of README.md and docs/ run, and so do their
 * `sealpost` commands.
 *
 * In a page, a block that imports begins a program, and a block that does not goes on with the one before. The blocks of commands of
 * a page are one session. A page that shows an example in pieces says which one, by a comment such as `<!-- program: examples/x.ts -->`:
 * its first program is that file, without what the file says of itself.
 *
 * @module
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { transformSync } from 'esbuild'
import { conclude, filesIn, read, root, sources, workshop } from './repository.ts'

type Block = { readonly language: string; readonly text: string }
type Program = { readonly name: string; readonly from: string; readonly text: string }

const secondsForOne = 120

const blocksOf = (text: string): readonly Block[] =>
  [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', body = '']) => ({ language, text: body }))

const nameOf = (path: string): string => path.replace(/\.\w+$/, '').replaceAll('/', '-')

function programsOf(path: string): readonly Program[] {
  const texts: string[] = []
  for (const { language, text } of blocksOf(read(path))) {
    if (language !== 'ts') continue
    if (/^import /m.test(text) || texts.length === 0) texts.push(text)
    else texts[texts.length - 1] += text
  }
  return texts.map((text, index) => ({ name: `${nameOf(path)}-${index + 1}`, from: path, text }))
}

/** What is wrong where a page is not the example that it says to be. Empty lines do not count. */
function driftOf(path: string): readonly string[] {
  const [, example] = /^<!-- program: (\S+) -->$/m.exec(read(path)) ?? []
  if (example === undefined) return []
  const bare = (text: string): string => text.replace(/^\/\*\*[\s\S]*?\*\/\n/, '').replaceAll(/\n{2,}/g, '\n')
  return bare(programsOf(path)[0]?.text ?? '') === bare(read(example)) ? [] : [`${path}: its first program is not ${example} any more`]
}

/** The examples of the docstrings of a source, each a program of its own. */
function examplesOf(path: string): readonly Program[] {
  const comments = [...read(path).matchAll(/^[ ]*\/\*\*\n[\s\S]*?\*\/$/gm)].map(([comment]) => comment.replace(/^[ ]*\* ?/gm, ''))
  const texts = comments.flatMap(blocksOf).filter(({ language }) => language === 'ts')
  return texts.map(({ text }, index) => ({ name: `${nameOf(path)}-example-${index + 1}`, from: path, text }))
}

const pages = ['README.md', ...filesIn('docs', '.md')]
const programs = pages.flatMap(programsOf)
const examples = sources().flatMap(examplesOf)
const directory = workshop('snippets')
const problems: string[] = pages.flatMap(driftOf)

for (const { name, text } of [...programs, ...examples]) writeFileSync(join(directory, `${name}.ts`), `${text}\nexport {}\n`)
const compilerOptions = {
  customConditions: [],
  isolatedDeclarations: false,
  declaration: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
}
writeFileSync(
  join(directory, 'tsconfig.json'),
  JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }),
)

const outputOf = ({ stdout, stderr, error }: SpawnSyncReturns<string>): string => `${stdout}${stderr}${error?.message ?? ''}`

const checked = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', directory], { cwd: directory, encoding: 'utf8' })
if (checked.status !== 0) problems.push(outputOf(checked))

for (const { name, from, text } of programs) {
  const file = join(directory, `${name}.mjs`)
  writeFileSync(file, transformSync(text, { loader: 'ts', format: 'esm', target: 'node20' }).code)
  const ran = spawnSync(process.execPath, [basename(file)], { cwd: directory, encoding: 'utf8', timeout: secondsForOne * 1000 })
  if (ran.status !== 0) problems.push(`${from}: the program ${name} fails:\n${text}\n${outputOf(ran)}`)
}

// The commands stand in the pages as a user types them: `npx sealpost` and `sealpost` are both the command that was built.
const binaries = join(directory, 'bin')
mkdirSync(binaries)
for (const [name, first] of [
  ['sealpost', ''],
  ['npx', 'shift\n'],
] as const) {
  const shim = `#!/usr/bin/env bash\n${first}exec '${process.execPath}' '${join(root, 'packages/cli/dist/main.js')}' "$@"\n`
  writeFileSync(join(binaries, name), shim)
  chmodSync(join(binaries, name), 0o755)
}

const sessions = pages.flatMap((path) => {
  const blocks = blocksOf(read(path)).filter(({ language, text }) => language === 'sh' && /^(?:npx )?sealpost /m.test(text))
  return blocks.length === 0 ? [] : [{ name: `${nameOf(path)}-session`, from: path, text: blocks.map(({ text }) => text).join('\n') }]
})
for (const { name, from, text } of sessions) {
  const home = join(directory, name)
  mkdirSync(home)
  const env = {
    ...process.env,
    PATH: `${binaries}:${process.env['PATH']}`,
    HOME: home,
    SEALPOST_PASSPHRASE: 'correct horse battery staple',
  }
  const ran = spawnSync('bash', ['-euo', 'pipefail', '-c', text], { cwd: home, env, encoding: 'utf8', timeout: secondsForOne * 1000 })
  if (ran.status !== 0) problems.push(`${from}: these commands fail:\n${text}\n${outputOf(ran)}`)
}

conclude(
  problems,
  `${programs.length} programs and ${sessions.length} sessions of pages ran, ${examples.length} examples of docstrings compile`,
)
