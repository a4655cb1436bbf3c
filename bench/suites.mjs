/**
 * The suites, run in this process: what a packer does, sampled in turn with the others. It prints progress on standard error and writes its
 * results as JSON; gates and documents are made of them elsewhere.
 *
 *     node --expose-gc suites.mjs [--suite core,…] [--impl part-of-a-name,…] [--samples 11] [--window 50]
 *       [--clock wall|cpu] [--quick] [--json FILE]
 *
 * `--clock cpu` is for tuning on a machine that does other things too: it shows CPU time, which they disturb less.
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadAdapters } from './adapters/index.mjs'
import { authcrypt, isHeavy, isHuge, suites } from './lib/cases.mjs'
import { environment, plaintext } from './lib/fixtures.mjs'
import { compare, formatUs, ratio } from './lib/harness.mjs'
import { machine } from './lib/machine.mjs'

const { values: args } = parseArgs({
  options: {
    suite: { type: 'string', default: 'all' },
    impl: { type: 'string' },
    samples: { type: 'string' },
    window: { type: 'string' },
    clock: { type: 'string', default: 'wall' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const samples = Number(args.samples ?? (args.quick ? 3 : 11))
const windowMs = Number(args.window ?? (args.quick ? 8 : 50))
const peer = 'didcomm-node'
const log = (line) => process.stderr.write(`${line}\n`)

const { adapters: all, missing } = await loadAdapters()
const wanted = args.impl?.split(',')
const adapters = all.filter((a) => !wanted || wanted.some((w) => a.name.includes(w)))
const floorName = all.find((a) => a.isFloor)?.name
for (const { file, reason } of missing) log(`without ${file}: ${reason}`)
log(`Node ${process.versions.node}, OpenSSL ${process.versions.openssl}; ${adapters.map((a) => `${a.name} ${a.version}`).join(' | ')}`)

/** Whether what was unpacked is what was packed; a mediator's hop gives the next envelope, still sealed. */
function isWhole(c, env, input, result) {
  if (c.mode !== 'forward') return result?.body?.content === input.body.content
  const next = typeof result === 'string' ? JSON.parse(result) : result
  return env.mediators.length > 1 ? typeof next?.ciphertext === 'string' : next?.ciphertext === JSON.parse(input).ciphertext
}

/** Everybody's two operations for one case, each shown to work before it is measured. */
async function operationsOf(suite, title, c, env, input) {
  const operations = { pack: {}, unpack: {} }
  let packedBytes = 0
  let foreign
  // Whoever cannot pack a case is given what the peer packed.
  const ordered = [...adapters].sort((a, b) => Number(b.name === peer) - Number(a.name === peer))
  for (const adapter of ordered) {
    if (adapter.suites && !adapter.suites.includes(suite)) continue
    try {
      const prepared = await adapter.prepare(c, env, input)
      if (!prepared) continue
      const { pack, unpack, sampled, ownDids } = prepared
      const packed = pack ? await pack(input) : foreign
      if (packed === undefined) continue
      if (!adapter.isFloor) {
        const result = await unpack(packed)
        if (!ownDids && !isWhole(c, env, input, result)) throw new Error('what was unpacked is not what was packed')
        packedBytes ||= packed.length
      }
      if (adapter.name === peer) foreign = packed
      if (pack) operations.pack[adapter.name] = sampled?.pack ?? (() => pack(input))
      operations.unpack[adapter.name] = sampled?.unpack ?? (() => unpack(packed))
    } catch (error) {
      failures.push({ title, name: adapter.name, reason: String(error?.message ?? error).slice(0, 200) })
      log(`  ${adapter.name}: ${String(error?.stack ?? error).slice(0, 400)}`)
    }
  }
  return { operations, packedBytes }
}

const failures = []
const rows = []
for (const suite of args.suite === 'all' ? Object.keys(suites) : args.suite.split(',')) {
  for (const [title, c, envOptions, bytes] of suites[suite]) {
    if (args.quick && isHuge(envOptions, bytes)) continue
    log(title)
    const env = environment(envOptions)
    const plain = plaintext({ from: c.auth || c.sign ? env.alice.did : undefined, to: env.bob.did, bytes })
    const input = c.mode === 'forward' ? await innerEnvelope(env, plain) : plain
    const { operations, packedBytes } = await operationsOf(suite, title, c, env, input)
    const heavy = isHeavy(envOptions, bytes)
    const options = {
      samples: heavy ? Math.min(5, samples) : samples,
      windowMs,
      warmMs: heavy ? 30 : Math.max(60, windowMs * 2.4),
      clock: args.clock,
    }
    for (const what of ['pack', 'unpack']) {
      const results = await compare(operations[what], options)
      for (const [name, result] of Object.entries(results)) {
        rows.push({ suite, title, what, name, bytes, packedBytes, recipients: envOptions.recipients ?? 1, ...result })
      }
      log(
        `  ${what.padEnd(7)}${Object.entries(results)
          .map(([name, r]) => `${name} ${formatUs(r.us)}${relations(r, results)}`)
          .join(' | ')}`,
      )
    }
  }
}

/** What the mediators are to forward: an authcrypt envelope of the peer, which every packer can carry. */
async function innerEnvelope(env, plain) {
  const { adapters: packers } = await loadAdapters([peer])
  return packers[0].prepare(authcrypt, env).pack({ ...plain, from: env.alice.did })
}

function relations(result, results) {
  const parts = []
  if (results[peer] && results[peer] !== result) parts.push(`${ratio(results[peer], result).toFixed(1)}x`)
  if (results[floorName] && results[floorName] !== result) parts.push(`÷ floor ${ratio(result, results[floorName]).toFixed(2)}`)
  return parts.length ? ` (${parts.join(', ')})` : ''
}

if (args.json) {
  const versions = all.map(({ name, version, isFloor }) => ({ name, version, isFloor: !!isFloor }))
  const result = {
    ...machine(),
    takenAt: new Date().toISOString(),
    samples,
    windowMs,
    quick: args.quick,
    versions,
    missing,
    failures,
    rows,
  }
  writeFileSync(args.json, JSON.stringify(result))
}
process.exit(0) // the native process is a child of this one, and ends with its pipe
