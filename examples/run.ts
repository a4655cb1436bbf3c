/** Runs every example, each as a program of its own, and fails where one does: `npx tsx examples/run.ts`. It needs what `npm run build` makes. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
const examples = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'run.ts')

for (const name of examples) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', name], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  })
  console.log(`${status === 0 ? '✓' : '✗'} ${name}\n${stdout.replace(/^/gm, '  ').trimEnd()}`)
  if (status !== 0) {
    console.error(stderr)
    process.exitCode = 1
  }
}
