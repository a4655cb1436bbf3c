const norm = (x) => (Array.isArray(x) ? { title: x[0], case: x[1], environment: x[2], bytes: x[3] } : x)

import { loadAdapters } from './adapters/index.mjs'
import { authcrypt, suites } from './lib/cases.mjs'
import { environment, plaintext } from './lib/fixtures.mjs'

const want = (process.argv[2] ?? 'core').split(',')
const names = (process.argv[3] ?? 'sealpost,primitive floor').split(',')
const { adapters } = await loadAdapters()
const use = adapters.filter((a) => names.includes(a.name))
for (const s of want)
  for (const { title, case: c, environment: envO, bytes: size } of suites[s].map(norm)) {
    if (process.argv[4] && !title.includes(process.argv[4])) continue
    const env = environment(envO)
    const input0 = plaintext({ from: c.auth ? env.alice.did : undefined, to: env.bob.did, bytes: size })
    let input = input0
    if (c.mode === 'forward') {
      const p = await adapters.find((a) => a.name === 'sealpost').prepare(authcrypt, env)
      input = await p.pack({ ...input0, from: env.alice.did })
    }
    const rows = {}
    const ops = []
    for (const a of use) {
      const p = await a.prepare(c, env, input0)
      if (!p) continue
      if (!p.pack) continue
      const packed = await p.pack(input)
      ops.push([a.name, 'pack', () => p.pack(input)], [a.name, 'unpack', () => p.unpack(packed)])
    }
    for (const o of ops) {
      for (let i = 0; i < (size > 1e5 ? 20 : 400); i++) await o[2]()
      o[3] = Infinity
    }
    const n = size > 1e5 ? 1 : 20
    for (let r = 0; r < (size > 1e5 ? 40 : 150); r++)
      for (const o of ops) {
        const t = performance.now()
        for (let i = 0; i < n; i++) await o[2]()
        const us = ((performance.now() - t) * 1000) / n
        if (us < o[3]) o[3] = us
      }
    for (const w of ['pack', 'unpack']) {
      const f = ops.find((o) => o[0] === 'primitive floor' && o[1] === w)?.[3]
      console.log(
        title,
        w,
        ops
          .filter((o) => o[1] === w)
          .map((o) => `${o[0]} ${o[3].toFixed(1)} (${(o[3] / f).toFixed(2)})`)
          .join(' | '),
      )
    }
  }
