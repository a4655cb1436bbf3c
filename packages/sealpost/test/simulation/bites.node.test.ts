import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faults } from './faults.ts'

const home = fileURLToPath(new URL('../..', import.meta.url))
const root = fileURLToPath(new URL('../../../..', import.meta.url))
const seeds = 400

let copy: string

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'sealpost-faults-'))
  await mkdir(join(copy, 'test'), { recursive: true })
  for (const name of ['src', 'test/simulation', 'package.json']) await cp(join(home, name), join(copy, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rm(copy, { recursive: true, force: true }))

/** Runs the simulation on the copy until a seed fails. */
function simulated(): Promise<{ readonly found: boolean; readonly output: string }> {
  const options = ['--import', 'tsx', '--conditions=@sealpost/source', join(copy, 'test/simulation/run.ts'), '--seeds', String(seeds)]
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, options, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ found: code !== 0 && /^seed \d+:/m.test(output), output }))
  })
}

describe('REL-01, REL-02: the simulation finds mistakes', () => {
  for (const { name, file, find, become } of faults)
    it(`${name}: that is found`, { timeout: 120_000 }, async () => {
      const path = join(copy, 'src/agent', file)
      const right = await readFile(path, 'utf8')
      expect(right.split(find), `${file} has the text of the fault once`).toHaveLength(2)
      await writeFile(path, right.replace(find, become))
      try {
        const { found, output } = await simulated()
        expect(found, output.slice(-2000)).toBe(true)
      } finally {
        await writeFile(path, right)
      }
    })
})
