/**
 * The other implementations: how each is started, and what installs it.
 *
 * @module
 */
import { existsSync } from 'node:fs'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Driver, startDriver } from './driver.ts'

export type Peer = {
  readonly name: string
  start(): Promise<Driver>
  /** A file that is there when it is installed. */
  readonly needs: string
  readonly install: string
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const installedBy = (name: string): string => `sh interop/peers/${name}/install.sh`

/** A peer whose driver is a process of its own. */
function process(name: string, needs: string, command: string, args: readonly string[]): Peer {
  return { name, start: async () => startDriver(command, args), needs: at(needs), install: installedBy(name) }
}

function python(name: string): Peer {
  const interpreter = `.work/${name}/venv/bin/python`
  return process(name, interpreter, at(interpreter), [at(`peers/${name}/driver.py`)])
}

const rust = '.work/didcomm-rust/release/sealpost-interop-didcomm-rust'
const jvm = '.work/didcomm-jvm/classes'

export const peers: readonly Peer[] = [
  {
    name: 'didcomm-node',
    start: async () => (await import('./peers/didcomm-node/peer.ts')).didcommNode,
    needs: at('../node_modules/didcomm-node'),
    install: 'npm ci',
  },
  process('didcomm-rust', rust, at(rust), []),
  python('didcomm-python'),
  process('didcomm-jvm', jvm, 'java', ['-cp', `${at(jvm)}:${at('.work/didcomm-jvm/lib')}/*`, 'interop.Driver']),
  python('authlib'),
  process('veramo', '.work/veramo/node_modules/@veramo/did-comm', execPath, [at('peers/veramo/driver.mjs')]),
]

export const isInstalled = ({ needs }: Peer): boolean => existsSync(needs)
