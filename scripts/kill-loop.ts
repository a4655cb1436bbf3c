/**
 * Kills agents with SIGKILL, again and again, while they send to each other: `npm run kill-loop -- <kills> <seed>`. It exists because nobody
 * should have to believe that nothing is lost. The tests run a short form of it.
 *
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killLoop } from '../packages/node/test/fixtures/kill-loop.ts'

const [kills = '200', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'sealpost-kill-loop-'))
console.log(`${kills} kills, seed ${seed}, stores in ${folder}`)
const result = await killLoop({
  folder,
  kills: Number(kills),
  seed: Number(seed),
  progress: (killed) => killed % 20 === 0 && console.log(`${killed} kills`),
})
console.log(result)
const { lost, doubled, untold, forgotten, complaints } = result
if (lost + doubled + untold + forgotten + complaints.length > 0) process.exitCode = 1
else rmSync(folder, { recursive: true })
