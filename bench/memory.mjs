/**
 * Peak resident memory: one process for each packer and case.
 *
 *     node memory.mjs [--json FILE]
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { loadAdapters } from './adapters/index.mjs'
import { authcrypt } from './lib/cases.mjs'
import { environment, plaintext } from './lib/fixtures.mjs'

const mib = 1024 ** 2
const cases = [
  ['authcrypt 1 KiB, 300 times', {}, 1024, 300],
  ['authcrypt 1 MiB, 5 times', {}, mib, 5],
  ['authcrypt 16 MiB, twice', {}, 16 * mib, 2],
  ['authcrypt 100 B to 100 recipients, 5 times', { recipients: 100 }, 100, 5],
]
const packers = ['sealpost', 'didcomm-node', 'veramo', 'identus']

async function measureHere(file, index) {
  const [, envOptions, bytes, times] = cases[index]
  const env = environment(envOptions)
  const plain = plaintext({ from: env.alice.did, to: env.bob.did, bytes })
  const { adapters, missing } = await loadAdapters([file])
  if (missing.length) throw new Error(missing[0].reason)
  const [adapter] = adapters
  const prepared = await adapter.prepare(authcrypt, env, plain)
  if (!prepared) return {}
  const before = process.memoryUsage().rss
  let packed
  for (let i = 0; i < times; i++) packed = await prepared.pack(plain)
  for (let i = 0; i < times; i++) await prepared.unpack(packed)
  return { name: adapter.name, beforeMib: before / mib, growthMib: process.resourceUsage().maxRSS / 1024 - before / mib }
}

const [, , mode, ...rest] = process.argv
if (mode === 'child') {
  console.log(JSON.stringify(await measureHere(rest[0], Number(rest[1]))))
} else {
  const rows = []
  for (const [index, [title]] of cases.entries()) {
    for (const file of packers) {
      const options = { encoding: 'utf8', timeout: 120_000 }
      const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'child', file, String(index)], options)
      const answer = stdout.trim().split('\n').pop()
      if (!answer?.startsWith('{')) console.error(`${file}, ${title}: ${stderr.trim().split('\n').slice(-3).join(' ')}`)
      else if (answer !== '{}') rows.push({ title, ...JSON.parse(answer) })
    }
  }
  for (const r of rows) console.error(`${r.title}: ${r.name} ${r.beforeMib.toFixed(0)} MiB, then ${r.growthMib.toFixed(0)} MiB more`)
  if (mode === '--json') writeFileSync(rest[0], JSON.stringify({ rows }))
}
