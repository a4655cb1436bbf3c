/**
 * The long run: a million times pack and unpack, with the default flags and with a young generation of 1 MiB, which makes garbage
 * collection meet key generation as often as it can. A watchdog stops a process that makes no progress, because a deadlock inside of
 * native code cannot report itself.
 *
 *     node soak.mjs [--rounds 1000000] [--fast] [--node 22] [--hang-seconds 60]
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { majorOf, nodeProgram } from './lib/nodes.mjs'
import { mergeResults } from './lib/results.mjs'

const everyRounds = 500
const growthLimitMib = 64
const variants = [[], ['--max-semi-space-size=1']]

if (process.argv[2] === 'child') await soakHere(Number(process.argv[3]))
else await watch()

/** Packs and unpacks, all wrappings and the two common curves in turn, and says how far it is. */
async function soakHere(rounds) {
  const { adapters } = await import('./adapters/sealpost.mjs')
  const { environment, plaintext } = await import('./lib/fixtures.mjs')
  const cases = [
    { mode: 'encrypted', auth: true, enc: 'A256CBC-HS512' },
    { mode: 'encrypted', auth: false, enc: 'XC20P' },
    { mode: 'encrypted', auth: false, enc: 'A256GCM' },
    { mode: 'encrypted', auth: true, enc: 'A256CBC-HS512', sign: true },
    { mode: 'signed', auth: true },
  ]
  const make = async (prepare, curve) => {
    const env = environment({ curve })
    const message = plaintext({ from: env.alice.did, to: env.bob.did, bytes: 256 })
    return Promise.all(cases.map(async (c) => ({ ...(await prepare(c, env, message)), message })))
  }
  // With kept keys and secrets, and with everything imported anew for each message.
  const chosen = adapters.filter((a) => a.name === 'sealpost' || a.name === 'sealpost, fresh JWKs')
  const turns = (await Promise.all(chosen.flatMap(({ prepare }) => ['X25519', 'P-256'].map((curve) => make(prepare, curve))))).flat()

  for (let done = 0; done < rounds; done++) {
    const { pack, unpack, message } = turns[done % turns.length]
    const opened = await unpack(await pack(message))
    if (opened.body.content !== message.body.content) throw new Error(`round ${done}: what was unpacked is not what was packed`)
    if ((done + 1) % everyRounds === 0 || done + 1 === rounds) {
      // Written at once: a queued write would not leave a process whose event loop never turns.
      writeSync(1, `${JSON.stringify({ done: done + 1, rssMib: Math.round(process.memoryUsage().rss / 1024 ** 2) })}\n`)
      await new Promise((turn) => setImmediate(turn))
    }
  }
}

/** Runs one child, and ends it where it makes no progress. */
function runWatched(program, flags, rounds, hangSeconds) {
  return new Promise((resolve) => {
    const child = spawn(program, [...flags, fileURLToPath(import.meta.url), 'child', String(rounds)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const start = performance.now()
    const rss = []
    let done = 0
    let hung = false
    const bite = () => {
      hung = true
      child.kill('SIGKILL')
    }
    let watchdog = setTimeout(bite, hangSeconds * 1000)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const progress = JSON.parse(line)
      done = progress.done
      rss.push(progress.rssMib)
      clearTimeout(watchdog)
      watchdog = setTimeout(bite, hangSeconds * 1000)
      if (done % (everyRounds * 100) === 0) console.error(`  ${done.toLocaleString('en-US')} rounds, ${progress.rssMib} MiB`)
    })
    child.on('close', (code) => {
      clearTimeout(watchdog)
      const seconds = (performance.now() - start) / 1000
      const settled = rss[Math.floor(rss.length / 5)] ?? 0
      const growthMib = (rss.at(-1) ?? 0) - settled
      const steady = growthMib <= growthLimitMib
      const ok = code === 0 && done === rounds && steady
      const speed = `${Math.round(done / seconds).toLocaleString('en-US')} rounds a second, ${settled} MiB after a fifth and ${rss.at(-1)} MiB at the end`
      const note = ok
        ? speed
        : hung
          ? `hung: no progress for ${hangSeconds} s after ${done} rounds`
          : steady
            ? `ended with code ${code} after ${done} rounds`
            : `memory grew by ${growthMib} MiB: ${speed}`
      resolve({ flags, rounds, done, seconds, growthMib, hung, ok, note })
    })
  })
}

async function watch() {
  const { values: args } = parseArgs({
    options: {
      rounds: { type: 'string', default: '1000000' },
      fast: { type: 'boolean', default: false },
      node: { type: 'string', default: majorOf(process.versions.node) },
      'hang-seconds': { type: 'string', default: '60' },
    },
  })
  const { prepareBench } = await import('./lib/prepare.mjs')
  await prepareBench()
  const rounds = args.fast ? 20_000 : Number(args.rounds)
  const program = nodeProgram(args.node)
  let ok = true
  for (const flags of variants) {
    console.error(`Node ${args.node}, ${flags.join(' ') || 'default flags'}: ${rounds.toLocaleString('en-US')} rounds`)
    const run = await runWatched(program, flags, rounds, Number(args['hang-seconds']))
    console.error(`  ${run.ok ? '✓' : '✗'} ${run.note}`)
    ok &&= run.ok
    if (!args.fast)
      mergeResults('results', (all) => (all.soak = { ...all.soak, [`${args.node} ${flags.join(' ')}`]: { node: args.node, ...run } }))
  }
  process.exitCode = ok ? 0 : 1
}
