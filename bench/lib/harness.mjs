/**
 * The interleaved sampler. Every implementation is sampled in turn inside of one run, in rotating order, so that noise on a shared
 * machine hits all of them alike. It knows nothing of DIDComm, and runs in a browser too.
 *
 * @module
 */

const isPromise = (value) => value !== null && typeof value === 'object' && typeof value.then === 'function'

/** The middle of a list of numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The ratio of two implementations: the median of the ratios round by round, so that a disturbed round counts once, not twice. */
export function ratio(numerator, denominator) {
  const rounds = Math.min(numerator.samplesUs.length, denominator.samplesUs.length)
  return median(Array.from({ length: rounds }, (_, i) => numerator.samplesUs[i] / denominator.samplesUs[i]))
}

/** Runs an operation in this process `times` times. */
async function runHere(operation, times) {
  globalThis.gc?.() // with --expose-gc: nobody pays for another's garbage
  const cpu = globalThis.process?.cpuUsage?.()
  const start = performance.now()
  for (let i = 0; i < times; i++) {
    const result = operation()
    if (isPromise(result)) await result
  }
  const wallUs = (performance.now() - start) * 1000
  if (cpu === undefined) return { wallUs, cpuUs: wallUs } // a page cannot ask for its CPU time
  const { user, system } = process.cpuUsage(cpu)
  return { wallUs, cpuUs: user + system }
}

/**
 * Samples operations in turn.
 *
 * @param operations - name to a function that does it once, or `{ run(times) }` that answers `{ wallUs, cpuUs }` from elsewhere.
 * @param options - `samples` rounds, `windowMs` of work a sample, `warmMs` of warming before; an operation that takes more than
 * `patienceMs` is sampled once; `clock` is `wall`, or `cpu` where other programs disturb.
 * @returns name to `{ us, p75Us, cpuUs, samplesUs }`, each for one operation.
 */
export async function compare(operations, { samples = 11, windowMs = 50, warmMs = 120, patienceMs = 4000, clock = 'wall' } = {}) {
  const entries = []
  for (const [name, operation] of Object.entries(operations)) {
    const run = typeof operation === 'function' ? (times) => runHere(operation, times) : operation.run
    let times = 1
    let last = await run(1)
    if (last.wallUs > patienceMs * 1000) {
      entries.push({ name, run, times: 0, us: [last.wallUs], cpu: [last.cpuUs] })
      continue
    }
    for (let spentUs = last.wallUs; spentUs < warmMs * 1000; spentUs += last.wallUs) {
      times = Math.max(1, Math.floor(Math.min(times * 4, (warmMs * 1000) / Math.max(last.wallUs / times, 0.01))))
      last = await run(times)
    }
    entries.push({ name, run, times: Math.max(1, Math.round((windowMs * 1000) / Math.max(last.wallUs / times, 0.01))), us: [], cpu: [] })
  }
  for (let round = 0; round < samples; round++) {
    // Rotated, so that no operation always follows the same neighbour.
    const first = round % entries.length
    for (const entry of [...entries.slice(first), ...entries.slice(0, first)]) {
      if (entry.times === 0) continue
      const { wallUs, cpuUs } = await entry.run(entry.times)
      entry.us.push(wallUs / entry.times)
      entry.cpu.push(cpuUs / entry.times)
    }
  }
  return Object.fromEntries(
    entries.map(({ name, us: wall, cpu }) => {
      const us = clock === 'cpu' ? cpu : wall
      const sorted = [...us].sort((a, b) => a - b)
      const p75Us = sorted[Math.floor((sorted.length - 1) * 0.75)]
      return [name, { us: median(us), p75Us, cpuUs: median(cpu), samplesUs: us }]
    }),
  )
}

/** Microseconds for people. */
export function formatUs(us) {
  if (us >= 1e6) return `${(us / 1e6).toFixed(2)} s`
  if (us >= 1e4) return `${(us / 1e3).toFixed(1)} ms`
  return us >= 100 ? us.toFixed(0) : us.toFixed(1)
}
