/**
 * The agent of a profile, put together in one place: its store, its keys, who resolves, how it is reached, what it speaks.
 *
 * @module
 */
import {
  createVettedFetch,
  type KeyFile,
  keyFileStore,
  type ListenTransport,
  listenTransport,
  nodeHttpTransport,
  nodeWebSocketTransport,
  openKeyFile,
  openSqliteStore,
} from '@sealpost/node'
import { type Agent, createAgent, type Logger, type Transport } from 'sealpost/agent'
import { createResolver, type DidMethod, jwk, key, type PeerMethod, peer, type Resolver, web } from 'sealpost/did'
import { DidcommError, isDidcommError } from 'sealpost/errors'
import { coreProtocols, userProfile } from 'sealpost/protocols'
import { keepNames } from './contact.ts'
import { exitCodes } from './exit-codes.ts'
import { isThere } from './input.ts'
import { findPassphrase } from './passphrase.ts'
import { isMade, type Profile, type ProfileFolder, type ProfileOptions, readProfile, type Settings } from './profile.ts'

/** `no`: it only sends. `if-possible`: answers may come while it runs. `must`: it is there to be reached. */
export type Listening = 'no' | 'if-possible' | 'must'

/** An agent that runs. */
export type Running = {
  readonly agent: Agent
  readonly profile: Profile
  /** Where it listens, if it does. */
  readonly url: string | undefined
  /** Aborted by Ctrl-C, or by SIGTERM. */
  readonly signal: AbortSignal
  /** Resolves when the names are kept that contacts told of themselves. */
  readonly named: () => Promise<void>
}

/**
 * Runs the agent of a profile for as long as some work takes, and closes it, however that ends. Ctrl-C aborts the signal that the work is
 * given; a second one ends the process.
 *
 * @param goesOn - whether to be stopped is the usual end: the exit code is 0 then, and not that of Ctrl-C
 * @throws {DidcommError} `ERR_STORE_LOCKED` where another process has the profile open, and what opening keys and store throws.
 */
export async function withAgent(
  options: ProfileOptions,
  { listening, goesOn = false }: { readonly listening: Listening; readonly goesOn?: boolean },
  work: (running: Running) => Promise<void>,
): Promise<void> {
  const profile = await readProfile(options)
  const file = await openKeyFile(profile.keysPath, { passphrase: await findPassphrase(options.passphraseFile, false) })
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const { agent, url, named } = await openAgent(profile, profile.settings, file, listening)
    try {
      await work({ agent, profile, url, signal: stop.signal, named })
    } finally {
      await named()
      await agent.close()
    }
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
  if (stop.signal.aborted && !goesOn) process.exitCode = exitCodes.interrupted.code
}

type Open = { readonly agent: Agent; readonly url: string | undefined; readonly named: () => Promise<void> }

/** Opens the agent of a profile, which goes on with what its store holds. */
export async function openAgent(
  where: ProfileFolder,
  settings: Pick<Settings, 'name' | 'endpoints' | 'listen' | 'allowHttp' | 'allowPrivate'>,
  file: KeyFile,
  listening: Listening,
): Promise<Open> {
  const { name, endpoints, listen, allowHttp = false, allowPrivate = false } = settings
  const allowed = { allowLoopback: allowPrivate, allowPrivate }
  const { resolver, peers } = agentResolver()
  const server = listening === 'no' || listen === undefined ? undefined : patient(listenTransport({ ...listen, graceSeconds: 1 }))
  const agent = await createAgent({
    store: await openStore(where),
    keys: keyFileStore(file),
    resolver,
    transports: [
      nodeHttpTransport({ ...allowed, ...(allowHttp && { schemes: ['https', 'http'] }) }),
      nodeWebSocketTransport({ ...allowed, ...(allowHttp && { schemes: ['wss', 'ws'] }) }),
      ...(server === undefined ? [] : [server.transport]),
    ],
    endpoints,
    protocols: coreProtocols,
    hosts: { [userProfile.piuri]: { context: () => (name === undefined ? undefined : { profile: { displayName: name } }) } },
    ...((process.env['SEALPOST_DEBUG'] ?? '') !== '' && { logger: stderrLogger }),
  })
  const failure = server?.failure()
  if (failure !== undefined && listening === 'must') {
    await agent.close()
    throw failure
  }
  // Peers go on with the short forms of their did:peer:4 alone (G-40).
  for await (const { theirs } of agent.contacts()) if (theirs.did.startsWith('did:peer:4')) await peers.remember(theirs.did).catch(() => {})
  return { agent, url: failure === undefined ? server?.url() : undefined, named: keepNames(agent) }
}

/** Opens the store, and says of one that is in use what can be done. It is made with the profile, and never in place of one that is gone. */
export async function openStore(where: ProfileFolder): ReturnType<typeof openSqliteStore> {
  const { storePath, name } = where
  if ((await isMade(where)) && !(await isThere(storePath)))
    throw new DidcommError('ERR_STORE_DAMAGED', `the store ${storePath} of the profile ${name} is gone: bring back a copy of it`)
  try {
    return await openSqliteStore(storePath, { waitSeconds: 2 })
  } catch (cause) {
    if (!isDidcommError(cause, 'ERR_STORE_LOCKED')) throw cause
    const what = `the profile ${name} is in use by another process, such as \`sealpost listen\`: end that one first; \`sealpost chat\` listens and sends in one`
    throw new DidcommError('ERR_STORE_LOCKED', what, { cause })
  }
}

/** The resolver of an agent, and its did:peer, which is told of long forms. */
function agentResolver(): { readonly resolver: Resolver; readonly peers: PeerMethod } {
  const fetch = createVettedFetch()
  const peers = peer()
  return { resolver: createResolver([key(), jwk(), peers, web({ fetch }), webvhLater(fetch)]), peers }
}

/** did:webvh, which is loaded when the first such DID is looked up: most commands meet none. */
function webvhLater(fetch: ReturnType<typeof createVettedFetch>): DidMethod {
  let loaded: Promise<DidMethod> | undefined
  return {
    method: 'webvh',
    async resolve(did, options) {
      loaded ??= import('@sealpost/webvh').then(({ webvh }) => webvh({ fetch }))
      return (await loaded).resolve(did, options)
    },
  }
}

/** A transport that says afterwards that it could not start, for those who can do without it. */
function patient(server: ListenTransport): { transport: Transport; url(): string; failure(): unknown } {
  let failure: unknown
  const { name, schemes } = server
  return {
    transport: {
      name,
      schemes,
      send: (...parcel) => server.send(...parcel),
      async start(receive) {
        await server.start?.(receive)?.catch((cause: unknown) => {
          failure = cause
        })
      },
      stop: async () => server.stop?.(),
    },
    url: () => server.url,
    failure: () => failure,
  }
}

const toStderr =
  (level: string): Logger['info'] =>
  (event, detail) =>
    void process.stderr.write(`${level} ${event} ${JSON.stringify(detail)}\n`)

const stderrLogger: Logger = { debug: toStderr('debug'), info: toStderr('info'), warn: toStderr('warn'), error: toStderr('error') }
