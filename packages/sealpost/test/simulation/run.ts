/**
 * Lives through seeds, one after the other: `npm run simulate -- --seed 7`, `npm run simulate -- --seeds 100000 --from 1`. It ends with 1
 * where a seed shows a problem.
 *
 * @module
 */
import { simulate } from './storm.ts'

const given = (name: string, otherwise: number): number => {
  const index = process.argv.indexOf(`--${name}`)
  return index === -1 ? otherwise : Number(process.argv[index + 1])
}

const one = given('seed', Number.NaN)
const from = Number.isNaN(one) ? given('from', 1) : one
const seeds = Number.isNaN(one) ? given('seeds', 2000) : 1
const most = given('failures', 1)
const linesShown = given('lines', Number.isNaN(one) ? 40 : 400)

let [failed, steps, deeds] = [0, 0, 0]
const began = performance.now()
for (let seed = from; seed < from + seeds && failed < most; seed++) {
  const outcome = await simulate(seed)
  steps += outcome.steps
  deeds += outcome.deeds
  if (outcome.problems.length === 0 && Number.isNaN(one)) continue
  if (outcome.problems.length > 0) failed++
  console.log(`seed ${seed}:\n  ${outcome.problems.join('\n  ') || 'all holds'}\n${outcome.lines.slice(-linesShown).join('\n')}`)
  if (outcome.problems.length > 0) console.log(`Again: npm run simulate -- --seed ${seed}`)
}
const seconds = (performance.now() - began) / 1000
console.log(`${seeds} seeds from ${from}: ${failed} failed, ${deeds} deeds, ${steps} steps, ${seconds.toFixed(1)} s`)
process.exitCode = failed > 0 ? 1 : 0
