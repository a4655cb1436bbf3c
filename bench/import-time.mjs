/**
 * What an import costs: a program that imports the core, beside an empty one, in turn.
 *
 *     node import-time.mjs [--json FILE]
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { median } from './lib/harness.mjs'

const rounds = 25
const directory = fileURLToPath(new URL('.cache/import/', import.meta.url))
const tail = 'console.log(JSON.stringify({ rss: process.memoryUsage().rss }))\n'
const programs = {
  empty: tail,
  sealpost: `import 'sealpost'\n${tail}`,
  'sealpost/envelope': `import 'sealpost/envelope'\n${tail}`,
  'didcomm-node': `import 'didcomm-node'\n${tail}`,
}

mkdirSync(directory, { recursive: true })
const files = Object.entries(programs).map(([name, text]) => {
  const file = `${directory}${name.replace('/', '-')}.mjs`
  writeFileSync(file, text)
  return { name, file, ms: [], rss: [] }
})

for (let round = 0; round <= rounds; round++) {
  for (const program of files) {
    const start = performance.now()
    const { status, stdout, stderr } = spawnSync(process.execPath, [program.file], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program.name}: ${stderr}`)
    if (round === 0) continue // the first round fills the disk's cache
    program.ms.push(performance.now() - start)
    program.rss.push(JSON.parse(stdout).rss / 1024 ** 2)
  }
}

const [empty] = files
const overEmpty = (program) => median(program.ms.map((ms, i) => ms - empty.ms[i]))
const rows = files.map((p) => ({ name: p.name, ms: median(p.ms), overEmptyMs: overEmpty(p), rssMib: median(p.rss) }))
for (const r of rows)
  console.error(`${r.name}: ${r.ms.toFixed(1)} ms, ${r.overEmptyMs.toFixed(1)} ms over an empty program, ${r.rssMib.toFixed(0)} MiB`)
const { overEmptyMs, rssMib } = rows.find((r) => r.name === 'sealpost')
const [, , flag, file] = process.argv
if (flag === '--json') writeFileSync(file, JSON.stringify({ overEmptyMs, rssMib, rounds, rows }))
