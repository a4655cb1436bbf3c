/**
 * Every package resolves. It exists because what is published is a tarball, not this repository: each is packed, read by publint and
 * attw, installed into an empty directory beside nothing else, and imported there by every subpath it offers.
 *
 * @module
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conclude, packages, read, root, workshop } from './repository.ts'

type Manifest = {
  readonly name: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}

const problems: string[] = []

/** Runs a program. Where it fails, what it printed is a problem under the name given. */
function run(name: string, directory: string, program: string, ...parameters: readonly string[]): string {
  try {
    return execFileSync(program, parameters, { cwd: directory, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    problems.push(`${name}:\n${stdout}${stderr}`)
    return ''
  }
}

const tarballs = workshop('tarballs')
const binary = (name: string): string => join(root, 'node_modules', '.bin', name)

const packed = packages.map((directory) => {
  const manifest = JSON.parse(read(`packages/${directory}/package.json`)) as Manifest
  const list = run(`npm pack ${manifest.name}`, join(root, 'packages', directory), 'npm', 'pack', '--json', '--pack-destination', tarballs)
  const [{ filename }] = JSON.parse(list) as [{ filename: string }]
  return {
    manifest,
    tarball: join(tarballs, filename),
    subpaths: Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json')),
  }
})

for (const { manifest, tarball, subpaths } of packed) {
  run(`publint ${manifest.name}`, tarballs, binary('publint'), 'run', tarball, '--strict')
  if (subpaths.length > 0) run(`attw ${manifest.name}`, tarballs, binary('attw'), tarball, '--profile', 'esm-only')
}

// Outside of the repository, so that nothing of its node_modules is found by accident.
const empty = mkdtempSync(join(tmpdir(), 'sealpost-'))
writeFileSync(join(empty, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
run(
  'npm install of the tarballs',
  empty,
  'npm',
  'install',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  ...packed.map(({ tarball }) => tarball),
)
for (const { manifest, subpaths } of packed) {
  for (const subpath of subpaths) {
    const specifier = manifest.name + subpath.slice(1)
    run(`import ${specifier}`, empty, process.execPath, '--input-type=module', '--eval', `await import('${specifier}')`)
  }
  for (const command of Object.keys(manifest.bin ?? {})) run(`${command} --help`, empty, join('node_modules', '.bin', command), '--help')
}
rmSync(empty, { recursive: true })

conclude(problems, packed.map(({ manifest, subpaths }) => `${manifest.name} (${subpaths.length} subpaths)`).join(', '))
