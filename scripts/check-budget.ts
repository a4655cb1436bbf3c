/**
 * The size budget holds. It exists because weight comes a little at a time: it measures what a browser downloads for the whole library,
 * what `import 'sealpost'` costs on Node, and that an import of one floor carries nothing of the floors above it.
 *
 * @module
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type BuildResult, build } from 'esbuild'
import { conclude, root, workshop } from './repository.ts'

const mostBytes = 50_000
const mostMilliseconds = 15
const runs = 31
const attempts = 3

type Result = BuildResult<{ write: false; metafile: true }>

/** Bundles a program that uses all of a subpath, as a browser would get it. */
function bundle(subpath: string, ...conditions: readonly string[]): Promise<Result> {
  return build({
    stdin: { contents: `import * as all from '${subpath}'; globalThis.all = all`, resolveDir: root },
    bundle: true,
    minify: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    outdir: 'out',
    conditions: [...conditions],
    logLevel: 'silent',
  })
}

const problems: string[] = []
const sizesOf = (result: Result): readonly number[] => result.outputFiles.map(({ contents }) => gzipSync(contents, { level: 9 }).length)
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`

// The first is what an import downloads, with the NIST curves by WebCrypto. The others hold curves and ciphers in JavaScript, and a
// browser fetches one when it meets a message that its own WebCrypto cannot open: secp256k1 and XC20P in all of today's, the rest in old ones.
const [atOnce = 0, ...later] = sizesOf(await bundle('sealpost'))
const whenNeeded = later.reduce((sum, size) => sum + size, 0)
if (atOnce > mostBytes) {
  problems.push(`a browser downloads ${kilobytes(atOnce)} for all of sealpost (minified, gzip): the budget is ${kilobytes(mostBytes)}`)
}

/**
 * Rooms that an import of a subpath must not carry, and words that would betray them in what is published: names of the wire, which
 * no minifier changes.
 */
const forbidden: Readonly<Record<string, { readonly rooms: readonly string[]; readonly words: readonly string[] }>> = {
  'sealpost/errors': {
    rooms: ['bytes', 'egress', 'jose', 'message', 'did', 'envelope', 'keys'],
    words: ['A256KW', 'please_ack', 'keyAgreement'],
  },
  'sealpost/bytes': { rooms: ['egress', 'jose', 'message', 'did', 'envelope', 'keys'], words: ['A256KW', 'please_ack', 'keyAgreement'] },
  'sealpost/jose': { rooms: ['egress', 'message', 'did', 'envelope', 'keys'], words: ['please_ack', 'keyAgreement'] },
  'sealpost/message': { rooms: ['jose', 'did', 'envelope', 'keys'], words: ['A256KW', 'keyAgreement', 'AES-'] },
  'sealpost/did': { rooms: ['message', 'envelope', 'keys'], words: ['please_ack', 'received_orders'] },
  'sealpost/envelope': { rooms: ['keys'], words: [] },
}

for (const [subpath, { rooms, words }] of Object.entries(forbidden)) {
  const { metafile } = await bundle(subpath, '@sealpost/source')
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  for (const [path, { bytesInOutput }] of inputs) {
    const room = /packages\/sealpost\/src\/([a-z-]+)/.exec(path)?.[1] ?? ''
    if (bytesInOutput > 0 && rooms.includes(room)) problems.push(`an import of ${subpath} carries ${path}, of a room above it`)
  }
  const published = (await bundle(subpath)).outputFiles.map(({ text }) => text).join('\n')
  for (const word of words)
    if (published.includes(word)) problems.push(`an import of ${subpath} carries "${word}", which belongs to a room above it`)
}

const directory = workshop('import-time')
writeFileSync(join(directory, 'empty.mjs'), '')
writeFileSync(join(directory, 'import.mjs'), "import 'sealpost'\n")

function millisecondsOf(program: string): number {
  const before = performance.now()
  execFileSync(process.execPath, [join(directory, program)])
  return performance.now() - before
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

// Where the budget was set, an empty program takes this long. A machine on which it takes longer is slow, or busy, for the import alike.
const emptyMilliseconds = 50

// Taken in turns, so that a machine that is busy for a while is busy for both.
function importCost(): { readonly cost: number; readonly budget: number } {
  const pairs = Array.from({ length: runs }, () => ({ empty: millisecondsOf('empty.mjs'), full: millisecondsOf('import.mjs') }))
  const empty = median(pairs.map((pair) => pair.empty))
  return { cost: median(pairs.map(({ full }) => full)) - empty, budget: mostMilliseconds * Math.max(1, empty / emptyMilliseconds) }
}

// Other work on the machine can only add to it: what is over the budget is measured again, and the least counts.
let measured = importCost()
for (let attempt = 1; attempt < attempts && measured.cost > measured.budget; attempt += 1) measured = importCost()
const { cost, budget } = measured
if (cost > budget)
  problems.push(`import 'sealpost' costs ${cost.toFixed(1)} ms on Node over an empty program: the budget here is ${budget.toFixed(1)} ms`)

conclude(
  problems,
  `${kilobytes(atOnce)} in a browser, and ${kilobytes(whenNeeded)} more where its WebCrypto lacks everything; import 'sealpost' on Node: ${cost.toFixed(1)} of ${budget.toFixed(1)} ms`,
)
