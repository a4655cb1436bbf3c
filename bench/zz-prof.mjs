import { loadAdapters } from './adapters/index.mjs'
import { suites } from './lib/cases.mjs'
import { environment, plaintext } from './lib/fixtures.mjs'

const [title, c, envO, bytes] = suites[process.argv[2]][+process.argv[3]]
const { adapters } = await loadAdapters()
const a = adapters.find((a) => a.name === 'sealpost')
const env = environment(envO)
const m = plaintext({ from: c.auth ? env.alice.did : undefined, to: env.bob.did, bytes })
const p = await a.prepare(c, env, m)
const packed = await p.pack(m)
const f = process.argv[4] === 'pack' ? () => p.pack(m) : () => p.unpack(packed)

import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'

for (let i = 0; i < 3000; i++) await f()
const S = new Session()
S.connect()
await S.post('Profiler.enable')
await S.post('Profiler.setSamplingInterval', { interval: 100 })
await S.post('Profiler.start')
const until = performance.now() + 4000
let n = 0
while (performance.now() < until) {
  for (let i = 0; i < 200; i++) await f()
  n += 200
}
const { profile } = await S.post('Profiler.stop')
writeFileSync('/tmp/prof.json', JSON.stringify(profile))
console.log(n, 4e6 / n)
