/**
 * Exchanges every case with every other implementation that is installed, both ways, and prints one table.
 *
 * `--peer <name>` runs one of them; `--between` lets the others talk with each other, which shows whose fault a failure is;
 * `--install` runs the scripts that install them.
 *
 * @module
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type Case, cases } from './cases.ts'
import type { Driver } from './driver.ts'
import { exchange } from './exchange.ts'
import { type Direction, type Expectation, expectations } from './expectations.ts'
import { isInstalled, type Peer, peers } from './peers.ts'

type Outcome = { readonly text: string; readonly failed: boolean }

const { values: options } = parseArgs({
  options: { peer: { type: 'string', multiple: true }, between: { type: 'boolean' }, install: { type: 'boolean' } },
})
const unknown = options.peer?.find((name) => peers.every((peer) => peer.name !== name))
if (unknown !== undefined) throw new Error(`no peer is called ${unknown}: there are ${peers.map(({ name }) => name).join(', ')}`)
const chosen = peers.filter(({ name }) => options.peer?.includes(name) ?? true)

// Three in four keys on P-521 have a coordinate with a leading zero octet: so often in a row, once in a million runs.
const triesByChance = 50

const table: string[][] = []
const counts = { ok: 0, cannot: 0, failed: 0 }
const add = (...row: string[]): number => table.push(row)
const count = (outcome: Outcome): string => {
  counts[outcome.failed ? 'failed' : outcome.text.startsWith('ok') ? 'ok' : 'cannot'] += 1
  return outcome.text
}

if (options.install) for (const peer of chosen) install(peer)
await (options.between ? betweenPeers() : withUs())
print()
process.exitCode = counts.failed === 0 ? 0 : 1

async function withUs(): Promise<void> {
  // Not needed between the others, who talk before anything of ours is built.
  const { ours } = await import('./ours.ts')
  add('peer', 'case', 'we → they', 'they → we')
  for (const peer of chosen) {
    const theirs = await start(peer)
    if (theirs === undefined) continue
    for (const exchanged of cases) {
      const sent = await attempt(ours, theirs, exchanged, expectationOf(peer, exchanged, 'we → they'))
      const received = await attempt(theirs, ours, exchanged, expectationOf(peer, exchanged, 'they → we'))
      add(peer.name, exchanged.name, count(sent), count(received))
    }
    theirs.close()
  }
}

async function betweenPeers(): Promise<void> {
  const running: (readonly [string, Driver])[] = []
  for (const peer of chosen) {
    const driver = await start(peer)
    if (driver) running.push([peer.name, driver])
  }
  add('from', 'to', 'case', 'outcome')
  for (const [from, packer] of running) {
    for (const [to, opener] of running) {
      for (const exchanged of cases) add(from, to, exchanged.name, count(await attempt(packer, opener, exchanged, undefined)))
    }
  }
  for (const [, driver] of running) driver.close()
}

function install(peer: Peer): void {
  const [command = '', ...args] = peer.install.split(' ')
  const { status } = spawnSync(command, args, { cwd: new URL('..', import.meta.url), stdio: 'inherit' })
  if (status !== 0) console.error(`${peer.install}: ended with code ${status}`)
}

/** Starts a peer's driver, or says in the table how it would be installed. */
async function start(peer: Peer): Promise<Driver | undefined> {
  if (!isInstalled(peer)) {
    add(peer.name, `not installed: ${peer.install}`)
    return undefined
  }
  const driver = await peer.start()
  try {
    const { name, version } = await driver.hello()
    console.log(`${peer.name}: ${name} ${version}`)
    return driver
  } catch (error) {
    add(peer.name, count({ text: `does not start: ${oneLine(error)}`, failed: true }))
    driver.close()
    return undefined
  }
}

async function attempt(packer: Driver, opener: Driver, exchanged: Case, expected: Expectation | undefined): Promise<Outcome> {
  const most = expected?.sometimes ? triesByChance : 1
  for (let tries = 1; ; tries++) {
    try {
      await exchange(packer, opener, exchanged)
    } catch (error) {
      const reason = oneLine(error)
      if (expected === undefined) return { text: `fails: ${reason}`, failed: true }
      if (!expected.evidence.test(reason)) return { text: `fails otherwise than known (${expected.reason}): ${reason}`, failed: true }
      if (tries < most) continue
      return { text: `cannot: ${expected.reason}`, failed: false }
    }
    if (expected === undefined || (expected.sometimes && tries === 1)) return { text: 'ok', failed: false }
    if (expected.sometimes) return { text: `ok at try ${tries}: ${expected.reason}`, failed: false }
    // What works although it cannot means that a row of the expectations is out of date.
    return { text: `works, and is expected not to: ${expected.reason}`, failed: true }
  }
}

function expectationOf(peer: Peer, exchanged: Case, direction: Direction): Expectation | undefined {
  return expectations.find((row) => row.peer === peer.name && row.cases.test(exchanged.name) && row.directions.includes(direction))
}

function oneLine(error: unknown): string {
  const messages: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) messages.push(at.message)
  const text = messages.join(': ').replaceAll(/\s+/g, ' ')
  return text.length > 200 ? `${text.slice(0, 197)}...` : text
}

function print(): void {
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => (row.length > 2 ? (row[column]?.length ?? 0) : 0))))
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(Math.min(widths[column] ?? 0, 70)))
        .join('  ')
        .trimEnd(),
    )
  console.log(`\n${counts.ok} ok, ${counts.cannot} cannot, ${counts.failed} not as expected`)
}
