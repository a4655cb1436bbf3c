/**
 * What must be there before anything is measured: the peers, our build, the bundle for browsers.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleWeb } from './bundle.mjs'

const bench = fileURLToPath(new URL('..', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const library = `${root}packages/sealpost/`

const newest = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).mtimeMs), 0)

function run(what, command, parameters, cwd) {
  console.error(`${what} …`)
  const { status } = spawnSync(command, parameters, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) throw new Error(`\`${command} ${parameters.join(' ')}\` failed`)
}

/** Installs the peers where they are absent, builds the library where its sources are newer than its build, and bundles it. */
export async function prepareBench() {
  if (!existsSync(`${bench}node_modules/didcomm-node`)) run('installing the peers', 'npm', ['ci', '--no-audit', '--no-fund'], bench)
  if (!existsSync(`${root}node_modules/tsdown`)) run('installing the workspace', 'npm', ['ci', '--no-audit', '--no-fund'], root)
  const built = existsSync(`${library}dist/index.js`) ? statSync(`${library}dist/index.js`).mtimeMs : 0
  if (newest(`${library}src`) > built)
    run('building sealpost', 'npx', ['tsdown', '--filter', 'packages/sealpost', '--logLevel', 'warn'], root)
  await bundleWeb()
}
