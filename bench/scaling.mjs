/**
 * Growth: time over recipients and over bytes. A hostile message must not cost more than its length, so it fails where the time of an
 * unpack grows faster than its input.
 *
 *     node --expose-gc scaling.mjs [--quick] [--json FILE]
 *
 * @module
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { adapters } from './adapters/sealpost.mjs'
import { authcrypt } from './lib/cases.mjs'
import { environment, plaintext } from './lib/fixtures.mjs'
import { compare, formatUs } from './lib/harness.mjs'

const { values: args } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } })
const anoncrypt = { mode: 'encrypted', auth: false, enc: 'A256GCM' }
const [{ prepare }] = adapters
/** Beyond this exponent, time grows faster than input. A quadratic cost would show 2; caches and garbage collection show up to 1.15. */
const limit = 1.25

const points = {
  recipients: [1, 4, 16, 64, 250, 1000].map((n) => ({ n, envOptions: { recipients: n }, bytes: 100 })),
  bytes: [1, 4, 16, 64, 256, 1024, 4096, 16384].map((kib) => ({ n: kib * 1024, envOptions: {}, bytes: kib * 1024 })),
}

async function lineOf(over, title, c, what) {
  const measured = []
  for (const { n, envOptions, bytes } of points[over]) {
    if (args.quick && n > (over === 'bytes' ? 1 << 20 : 250)) continue
    const env = environment(envOptions)
    const plain = plaintext({ from: c.auth ? env.alice.did : undefined, to: env.bob.did, bytes })
    const { pack, unpack } = await prepare(c, env, plain)
    const packed = await pack(plain)
    const operation = what === 'pack' ? () => pack(plain) : () => unpack(packed)
    const { once } = await compare({ once: operation }, { samples: args.quick ? 3 : 7, windowMs: args.quick ? 10 : 40 })
    measured.push({ n, us: once.us })
  }
  return { over, title, what, points: measured, exponent: exponent(measured.slice(-4)), perUnitUs: perUnit(measured) }
}

/** The slope of the logarithms, by least squares, over the longest inputs: 1 is linear. */
function exponent(measured) {
  const logs = measured.map(({ n, us }) => [Math.log(n), Math.log(us)])
  const mean = (i) => logs.reduce((sum, pair) => sum + pair[i], 0) / logs.length
  const [x, y] = [mean(0), mean(1)]
  return logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0)
}

/** What one recipient or byte more costs, between the longest input and the shortest. */
function perUnit(measured) {
  const [first, last] = [measured[0], measured.at(-1)]
  return (last.us - first.us) / (last.n - first.n)
}

const lines = []
for (const over of Object.keys(points)) {
  for (const [title, c] of [
    ['authcrypt', authcrypt],
    ['anoncrypt A256GCM', anoncrypt],
  ]) {
    for (const what of ['pack', 'unpack']) {
      const line = await lineOf(over, title, c, what)
      lines.push(line)
      const times = line.points.map(({ n, us }) => `${n}: ${formatUs(us)}`).join(', ')
      console.error(`${title} ${what} over ${over}: exponent ${line.exponent.toFixed(2)}; ${times}`)
    }
  }
}
if (args.json) writeFileSync(args.json, JSON.stringify({ limit, lines }))
const superlinear = lines.filter((line) => line.exponent > limit)
for (const { title, what, over } of superlinear) console.error(`${title} ${what} grows faster than its ${over}: the limit is ${limit}`)
process.exitCode = superlinear.length ? 1 : 0
