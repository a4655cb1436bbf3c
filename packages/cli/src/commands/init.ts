/**
 * `sealpost init`: makes a profile: its folder, its keys, its store, and a DID to which anybody may write.
 *
 * @module
 */
import { createServer } from 'node:net'
import { openKeyFile } from '@sealpost/node'
import { type Command, InvalidArgumentError } from 'commander'
import { schemeOf } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { labelOf } from '../contact.ts'
import { note, print, printJson, shorten, style } from '../output.ts'
import { findPassphrase } from '../passphrase.ts'
import { folderOf, isMade, makeProfileFolder, type ProfileOptions, type Settings, withProfile, writeSettings } from '../profile.ts'
import { openAgent } from '../profile-agent.ts'

type InitOptions = ProfileOptions & {
  readonly name?: string
  readonly endpoint?: readonly string[]
  readonly port?: number
  readonly host: string
  readonly local?: true
  readonly allowHttp?: true
  readonly allowPrivate?: true
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
const usualPort = 8080

export function addInit(program: Command): void {
  const command = program
    .command('init')
    .description('make a profile: a DID, an encrypted key file and a store, in a folder of its own')
    .option('-n, --name <name>', 'what contacts are told that you are called; without it, they are told nothing')
    .option('-e, --endpoint <url>', 'where others bring messages: https, http, wss or ws (can be repeated, the best first)', collect)
    .option('--port <number>', `where it listens for them; the port of the endpoint where it is of this machine, else ${usualPort}`, toPort)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--local', 'for trying it out: reached on this machine alone, at a free port, over http')
    .option('--allow-http', 'deliver over http: and ws: too, which shows everybody on the way who speaks to whom')
    .option('--allow-private', 'deliver to addresses of this machine and of private networks')
    .addHelpText(
      'after',
      '\nThe store is not encrypted: whoever reads the folder reads the messages. The keys are.\n\nExample:\n  sealpost init --name Alice --endpoint https://alice.example.com/didcomm --port 8080',
    )
  withProfile(command).action(run)
}

async function run(options: InitOptions): Promise<void> {
  const where = folderOf(options)
  if (await isMade(where))
    throw new DidcommError('ERR_USAGE_ARGUMENT', `there is a profile in ${where.folder}: name another one with --profile`)
  const asked = await settingsOf(options)
  await makeProfileFolder(where)
  // What a run left that was cut short is gone on with.
  note('making keys…')
  const file = await openKeyFile(where.keysPath, { passphrase: await findPassphrase(options.passphraseFile, true), create: true })
  const { agent } = await openAgent(where, asked, file, 'no')
  try {
    const did = await agent.publish()
    await writeSettings(where, { version: 1, ...asked, did })
    if (options.json) return printJson({ profile: where.name, folder: where.folder, did, ...asked })
    const { bold, dim } = style()
    const { listen, endpoints } = asked
    print(`${bold(`The profile ${where.name} is made`)} in ${where.folder}`)
    print(`DID  ${shorten(did)}`)
    if (listen === undefined)
      print(dim('Nobody can bring it messages: answers come over its own connections. --endpoint makes one that is reached.'))
    else print(`Reached at ${endpoints.join(', ')} while \`sealpost listen\` runs, on ${listen.host}:${listen.port}`)
    print(dim('Next: sealpost invite, or sealpost accept <url>'))
  } finally {
    await agent.close()
  }
}

async function settingsOf(options: InitOptions): Promise<Omit<Settings, 'version' | 'did'>> {
  const { local = false, host, port } = options
  const name = options.name === undefined ? undefined : labelOf(options.name)
  const allow = {
    ...((options.allowHttp || local) && { allowHttp: true as const }),
    ...((options.allowPrivate || local) && { allowPrivate: true as const }),
    ...(name !== undefined && { name }),
  }
  if (local) {
    if (options.endpoint !== undefined)
      throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected either --local or --endpoint: --local chooses the endpoint')
    const chosen = port ?? (await freePort())
    return { ...allow, endpoints: [`http://127.0.0.1:${chosen}/`], listen: { host: '127.0.0.1', port: chosen } }
  }
  const endpoints = (options.endpoint ?? []).map(checkEndpoint)
  const [first] = endpoints
  if (first === undefined) {
    if (port !== undefined) throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected --endpoint with --port: it is what others know')
    return { ...allow, endpoints }
  }
  return { ...allow, endpoints, listen: { host, port: port ?? portOf(first, host) } }
}

function checkEndpoint(uri: string): string {
  if (URL.canParse(uri) && ['https', 'http', 'wss', 'ws'].includes(schemeOf(uri) ?? '')) return new URL(uri).href
  throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a URL of https, http, wss or ws as endpoint, found ${JSON.stringify(uri)}`, {
    rule: 'SVC-08',
  })
}

/** The port of an endpoint that nothing stands in front of. */
function portOf(endpoint: string, host: string): number {
  const { hostname, port, protocol } = new URL(endpoint)
  return hostname === host && port !== '' && ['http:', 'ws:'].includes(protocol) ? Number(port) : usualPort
}

/** A port that is free now. Another program may take it later, which `listen` then says. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : usualPort
}

function toPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port
  throw new InvalidArgumentError('Expected a port, from 1 to 65535.')
}
