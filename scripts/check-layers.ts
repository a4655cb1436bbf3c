/**
 * No layer looks up. It exists because the floors of docs/architecture.md are a promise that only a script keeps: who imports a
 * floor above, the other wing, Node, or the inside of another package, reads here why that is not done.
 *
 * @module
 */
import { type Import, imports } from './imports.ts'
import { conclude } from './repository.ts'

type Room = { readonly mayImport: readonly string[]; readonly packages?: RegExp; readonly why: string }

/** The rooms of packages/sealpost/src, from the ground up. */
const rooms: Readonly<Record<string, Room>> = {
  errors: { mayImport: [], why: 'errors are the ground, and stand on nothing' },
  'bounded-map': { mayImport: [], why: 'a bounded map knows nothing of what it holds' },
  bytes: { mayImport: ['errors'], packages: /^@scure\/base$/, why: 'bytes know nothing but bytes' },
  egress: { mayImport: ['errors', 'bytes'], why: 'the guard of connections knows addresses, not messages' },
  jose: {
    mayImport: ['errors', 'bounded-map', 'bytes'],
    packages: /^@noble\//,
    why: 'JOSE is keys and bytes: it knows neither DIDs nor messages',
  },
  message: { mayImport: ['errors', 'bytes', 'egress'], why: 'what is said knows neither keys nor DIDs nor envelopes' },
  did: { mayImport: ['errors', 'bounded-map', 'bytes', 'egress', 'jose'], why: 'who is who does not depend on what is said' },
  envelope: { mayImport: ['errors', 'bounded-map', 'bytes', 'jose', 'message', 'did'], why: 'envelopes know no adapter and no protocol' },
  machine: { mayImport: ['errors', 'message'], why: 'protocols as tables know no envelope, no DID and no store' },
  protocols: {
    mayImport: ['errors', 'bytes', 'message', 'machine'],
    packages: /^valibot$/,
    why: 'a protocol is a table over messages: it knows neither envelopes, nor the agent, nor another protocol',
  },
  agent: {
    mayImport: ['errors', 'bounded-map', 'bytes', 'egress', 'jose', 'message', 'did', 'envelope', 'machine'],
    why: 'the agent runs protocols without knowing any, and reaches the world by its ports',
  },
  mediation: {
    mayImport: ['errors', 'bytes', 'message', 'did', 'machine', 'protocols', 'agent'],
    why: 'mediation is an application of the agent',
  },
  transport: {
    mayImport: ['errors', 'bytes', 'egress', 'message', 'did', 'agent'],
    why: 'a transport implements its port, and knows nothing of what is in an envelope',
  },
  store: { mayImport: ['errors', 'agent'], why: 'a store implements its port, and knows nothing of what is in a row' },
  testing: {
    mayImport: [
      'errors',
      'bounded-map',
      'bytes',
      'egress',
      'jose',
      'message',
      'did',
      'envelope',
      'machine',
      'protocols',
      'agent',
      'mediation',
      'transport',
      'store',
      'keys',
    ],
    why: 'what tests are made of knows no test runner',
  },
  keys: {
    mayImport: ['errors', 'bounded-map', 'bytes', 'jose', 'did'],
    why: 'a key store implements the port of did, and knows no envelope',
  },
}

const library = 'packages/sealpost/src/'
const backends = /^packages\/sealpost\/src\/(?:jose\/primitives|bytes\/encoding)\/(?:node|web)\.ts$/

/** Import conditions stand for a file of a room. */
const conditional: Readonly<Record<string, string>> = { '#primitives': 'jose', '#encoding': 'bytes' }

const roomOf = (file: string): string => file.slice(library.length).replace(/[/.].*$/, '')
const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/'))

function inLibrary({ from, specifier, file }: Import): string | undefined {
  const name = roomOf(from)
  const room = rooms[name]
  if (specifier.startsWith('node:')) {
    return from === `${library}jose/primitives/node.ts`
      ? undefined
      : 'the library runs where there is no Node; only jose/primitives/node.ts may import it'
  }
  if (file !== undefined && backends.test(file) && folderOf(from) !== folderOf(file))
    return 'a backend is chosen by its import condition, never by its path'
  // The front door lists names of every room.
  if (name === 'index') return file === undefined ? 'the front door lists names and takes in no package' : undefined
  if (room === undefined) return `${name} is a room without a floor: give it a row in scripts/check-layers.ts`
  const target = file?.startsWith(library) ? roomOf(file) : conditional[specifier]
  if (target === undefined) {
    if (file !== undefined) return 'a package does not reach outside of itself'
    return room.packages?.test(specifier) ? undefined : `${name}/ takes in no such package`
  }
  return target === name || room.mayImport.includes(target) ? undefined : room.why
}

/** What a package beside the library may import by name, Node's own modules aside. */
const beside: Readonly<Record<string, RegExp>> = {
  node: /^(?:sealpost(?:\/|$)|(?:libsql|ws)$)/,
  pkcs11: /^(?:sealpost(?:\/|$)|pkcs11js$)/,
  cli: /^(?:(?:sealpost|@sealpost\/node|@sealpost\/webvh)(?:\/|$)|(?:commander|uqr)$)/,
  webvh: /^(?:sealpost(?:\/|$)|@noble\/hashes\/)/,
}

/** The packages that run in browsers too. */
const everywhere: ReadonlySet<string> = new Set(['webvh'])

function inPackage({ from, specifier, file }: Import): string | undefined {
  const name = from.split('/')[1] ?? ''
  if (file !== undefined) {
    // Its own package.json has the version that it prints.
    const isOwn = file.startsWith(`packages/${name}/src/`) || file === `packages/${name}/package.json`
    return isOwn ? undefined : 'a package does not reach outside of itself: import the public subpath'
  }
  if (specifier.startsWith('node:'))
    return everywhere.has(name) ? `@sealpost/${name} runs where there is no Node: take what is of Node as an option` : undefined
  return beside[name]?.test(specifier)
    ? undefined
    : `@sealpost/${name} takes in no such package; if it has to, say so in scripts/check-layers.ts`
}

const all = imports()
const problems = all.flatMap((one) => {
  const why = one.from.startsWith(library) ? inLibrary(one) : inPackage(one)
  return why === undefined ? [] : [`${one.from} → ${one.specifier}: ${why} (see docs/architecture.md)`]
})
conclude(problems, `${all.length} imports, none of them up`)
