/**
 * Builds the packages into `dist/`. What is built, and under which name, is read from the `exports` and `imports` of each
 * package.json, so that the two cannot drift apart.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { defineConfig, type UserConfig } from 'tsdown'

type Target = string | { readonly [condition: string]: Target }
type Manifest = { readonly exports?: Target; readonly imports?: Target; readonly bin?: Target }

/** The files that a part of a package.json names, as they stand in order: sources beside what is built of them. */
const filesOf = (target: Target | undefined): readonly string[] =>
  target === undefined ? [] : typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf)

function entriesOf(directory: string): Record<string, string> {
  const { exports, imports, bin } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as Manifest
  const built = [exports, imports, bin].flatMap(filesOf).filter((file) => /^\.\/dist\/(?!node\/).*(?<!\.d)\.js$/.test(file))
  const names = built.map((file) => file.slice('./dist/'.length, -'.js'.length))
  return Object.fromEntries(names.map((name) => [name, `src/${name}.ts`]))
}

/** The entries that a program can import by name: not the backends, which it gets with them. */
function exportedEntries(directory: string): Record<string, string> {
  const { exports } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8')) as Manifest
  const named = new Set(filesOf(exports))
  return Object.fromEntries(Object.entries(entriesOf(directory)).filter(([, source]) => named.has(`./${source}`)))
}

function packageOf(directory: string, options: UserConfig): UserConfig {
  return {
    cwd: directory,
    entry: entriesOf(directory),
    format: 'esm',
    target: 'es2023',
    fixedExtension: false,
    hash: false,
    sourcemap: true,
    tsconfig: '../../tsconfig.build.json',
    // `#primitives` and `#encoding` are chosen where the code runs, not where it is built.
    deps: { neverBundle: [/^node:/, /^#/, /^sealpost/, /^@sealpost\//] },
    dts: { sourcemap: false },
    ...options,
  }
}

/**
 * One chunk a floor and wing, since each file costs Node about half a millisecond at import; the primitives stay apart, for one of two is
 * loaded. From the ground up: a chunk takes in what its modules import, where no chunk before it has that.
 */
const floors: readonly (readonly [name: string, files: string])[] = [
  ['ground', '(?:errors|bounded-map|egress|bytes/[^/]+)'],
  // What the primitives stand on themselves must not be in one chunk with what stands on them.
  ['jose-ground', 'jose/(?:algorithms|primitives/edwards)'],
  ['jose', 'jose/[^/]+'],
  ['message', 'message/.+'],
  ['did', 'did/.+'],
  ['envelope', 'envelope/.+'],
  ['machine', 'machine/.+'],
  ['agent', 'agent/.+'],
]
// Chunks have a folder of their own, so that none can take the name of a file that package.json promises.
const groups = floors.map(([name, files], index) => ({
  name,
  test: new RegExp(`/src/${files}(?<!\\.d)\\.ts$`),
  priority: floors.length - index,
}))

const builds: UserConfig[] = [
  packageOf('packages/sealpost', {
    platform: 'neutral',
    // The next build, which runs at the same time, cleans up after itself.
    clean: ['dist/*', '!dist/node'],
    outputOptions: { codeSplitting: { groups }, chunkFileNames: 'chunks/[name].js', comments: { jsdoc: false } },
  }),
  // On Node a file costs half a millisecond and code next to nothing, so that all subpaths are one file there, with Node's backends in it.
  packageOf('packages/sealpost', {
    platform: 'node',
    entry: exportedEntries('packages/sealpost'),
    outDir: 'dist/node',
    dts: false,
    // A third less to read at each start; names stay, for whoever reads a stack trace.
    minify: { compress: true, mangle: false, codegen: true },
    deps: { neverBundle: [/^node:/, /^@noble\//, /^valibot/] },
    inputOptions: { resolve: { conditionNames: ['@sealpost/source', 'node', 'import', 'default'] } },
    // Who only packs and unpacks pays for no agent, and nobody on Node for what only browsers have.
    outputOptions: {
      codeSplitting: {
        groups: [
          {
            name: 'sealpost',
            test: /\/src\/(?!(?:machine|protocols|agent|mediation|transport|store|testing)\/|keys\/web|jose\/primitives\/(?:web|software))/,
            priority: 1,
          },
          { name: 'agent', test: /\/src\/(?!testing\/|keys\/web|jose\/primitives\/(?:web|software))/ },
        ],
      },
      comments: { jsdoc: false },
    },
  }),
  packageOf('packages/node', { platform: 'node' }),
  packageOf('packages/pkcs11', { platform: 'node' }),
  packageOf('packages/webvh', { platform: 'neutral' }),
  // The command has no surface to type.
  packageOf('packages/cli', { platform: 'node', dts: false }),
]

export default defineConfig(builds) as UserConfig[]
