/**
 * The bench, in one command. It installs the peers and builds the library where that is needed, measures, merges the results, says which
 * goals are reached, and writes docs/performance.md.
 *
 *     npm run bench -- [--quick] [--node 20|22|24|all] [--part suites,memory,…] [--suite core,…] [--gate] [--report]
 *
 * `--quick` takes a few minutes, and its numbers are good for nothing but to see that everything runs: they are kept apart, and no document
 * is written. `--gate` fails where a goal that a release must reach is missed. `--report` measures nothing and writes the document anew.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { suites } from './lib/cases.mjs'
import { elsewhere, evaluate } from './lib/gates.mjs'
import { buildNative } from './lib/native.mjs'
import { majorOf, majors, nodeProgram } from './lib/nodes.mjs'
import { prepareBench } from './lib/prepare.mjs'
import { report, verdictLine } from './lib/report.mjs'
import { mergeResults, readResults, resultsFile } from './lib/results.mjs'

const parts = ['suites', 'memory', 'imports', 'scaling', 'agent', 'browser']
const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    gate: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    node: { type: 'string' },
    part: { type: 'string', default: parts.join(',') },
    suite: { type: 'string', default: Object.keys(suites).join(',') },
  },
})
const wanted = listOf('part', parts)
const wantedSuites = listOf('suite', Object.keys(suites))
// The goals are set for Node 20 and 22.
const fallback = args.gate ? '20,22' : majorOf(process.versions.node)
const nodes = args.node === 'all' ? majors : (args.node ?? fallback).split(',')
const name = args.quick ? 'quick' : 'results'

function listOf(option, known) {
  const names = args[option].split(',')
  const unknown = names.filter((n) => !known.includes(n))
  if (unknown.length) throw new Error(`--${option} knows ${known.join(', ')}, not ${unknown.join(', ')}`)
  return names
}

/** Runs one script of the bench and answers with the JSON that it wrote; undefined where it wrote none. */
function measure(program, script, parameters, flags = []) {
  const file = resultsFile('part')
  rmSync(file, { force: true })
  const quick = args.quick && script !== 'memory.mjs' && script !== 'import-time.mjs' ? ['--quick'] : []
  const path = fileURLToPath(new URL(script, import.meta.url))
  const { status } = spawnSync(program, [...flags, path, '--json', file, ...parameters, ...quick], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (!existsSync(file)) throw new Error(`${script} wrote no results`)
  if (status !== 0) console.error(`${script} ended with code ${status}`)
  const measured = JSON.parse(readFileSync(file, 'utf8'))
  rmSync(file)
  return measured
}

/** A run of some suites replaces their rows, and leaves those of the others. */
function mergeSuites(before, now) {
  const kept = before?.rows.filter((row) => !wantedSuites.includes(row.suite)) ?? []
  return { ...now, rows: [...kept, ...now.rows] }
}

if (!args.report) {
  await prepareBench()
  const without = buildNative()
  if (without) console.error(`without native didcomm-rust: ${without}`)
  for (const major of nodes) {
    const program = nodeProgram(major)
    const keep = (part, value) =>
      mergeResults(name, (all) => {
        all.nodes = { ...all.nodes, [major]: { ...all.nodes?.[major], [part]: value(all.nodes?.[major]?.[part]) } }
      })
    console.error(`\n== Node ${major}`)
    if (wanted.includes('suites')) {
      const measured = measure(program, 'suites.mjs', ['--suite', wantedSuites.join(',')], ['--expose-gc'])
      keep('suites', (before) => mergeSuites(before, measured))
    }
    for (const [part, script, flags] of [
      ['memory', 'memory.mjs', []],
      ['imports', 'import-time.mjs', []],
      ['scaling', 'scaling.mjs', ['--expose-gc']],
      ['agent', 'agent.mjs', ['--expose-gc']],
    ]) {
      if (!wanted.includes(part)) continue
      const measured = measure(program, script, [], flags)
      keep(part, () => measured)
    }
  }
  if (wanted.includes('browser')) {
    console.error('\n== Chromium')
    const measured = measure(process.execPath, 'browser/run.mjs', [])
    mergeResults(name, (all) => {
      all.browser = measured
    })
  }
}

const results = readResults(name)
const verdicts = evaluate(results)
for (const verdict of verdicts) console.log(verdictLine(verdict))
for (const [goal, reason] of elsewhere) console.log(`– ${goal}: not measured here, ${reason}`)
if (!args.quick) {
  const page = new URL('../docs/performance.md', import.meta.url)
  writeFileSync(page, report(results, verdicts))
  // The page is held to the formatter as every other file is.
  spawnSync('npx', ['biome', 'format', '--write', fileURLToPath(page)], { cwd: fileURLToPath(new URL('..', import.meta.url)) })
  console.log(`written: ${fileURLToPath(page)}`)
}

const failed = verdicts.filter((v) => v.verdict === 'missed' || (args.gate && v.verdict === 'not measured'))
if (args.gate && failed.length) {
  console.error(`${failed.length} goals that a release must reach are missed or not measured`)
  process.exitCode = 1
}
