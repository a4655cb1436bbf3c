/**
 * `sealpost receive`: receives messages over HTTP and prints them as they come.
 *
 * @module
 */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createReceiver, type KeyFile, listen, type Received, writeFileAtomically } from '@sealpost/node'
import { type Command, InvalidArgumentError } from 'commander'
import { type Did, documentOf, endpointsOf, type Keys, type Resolver } from 'sealpost/did'
import { unpack } from 'sealpost/envelope'
import { DidcommError } from 'sealpost/errors'
import { memoryKeys } from 'sealpost/keys/memory'
import { fileExtensions } from 'sealpost/message'
import { createIdentity } from '../identity.ts'
import { makeFolder } from '../input.ts'
import { type KeyOptions, makeResolver, openKeysIfNamed, withKeys } from '../means.ts'
import { errorAsJson, errorAsText, print, printJson, safe, shorten, style, warn } from '../output.ts'
import { describeProof } from '../proof-text.ts'

type ReceiveOptions = KeyOptions & {
  readonly port: number
  readonly host: string
  readonly endpoint?: string
  readonly once?: true
  readonly save?: string
}

export function addReceive(program: Command): void {
  const command = program
    .command('receive')
    .description('receive messages over HTTP and print them as they come; Ctrl-C ends it')
    .option('-p, --port <number>', 'the port; 0 is any free one', toPort, 0)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('-e, --endpoint <url>', 'how others reach it, where that is not the address it listens on')
    .option('--once', 'end after the first message that opens')
    .option('--save <folder>', 'store each envelope there before its sender is told that it was taken')
    .addHelpText(
      'after',
      '\nIt uses the DID of the key file whose endpoint this is, or makes one. Without a key file it makes one that lasts as long as it runs.\n\nExample:\n  sealpost receive --keys bob.json --port 8080 --endpoint https://bob.example.com/',
    )
  withKeys(command).action(run)
}

/** Envelopes that wait to be opened; more are refused with 503, and their senders keep them. */
const maxWaiting = 1000

async function run(options: ReceiveOptions): Promise<void> {
  const waiting: Uint8Array[] = []
  const arrivals = new EventTarget()
  const arrived = (): void => void arrivals.dispatchEvent(new Event('message'))
  if (options.save !== undefined) await makeFolder(options.save)
  const receiver = createReceiver({
    async onMessage(envelope, received) {
      if (waiting.length >= maxWaiting) throw new DidcommError('ERR_MALFORMED_LIMIT', `more than ${maxWaiting} messages wait`)
      if (options.save !== undefined) await save(options.save, envelope, received)
      waiting.push(envelope)
      arrived()
    },
  })
  // Opened before the port is: a wrong passphrase must not take messages.
  const file = await openKeysIfNamed(options, { create: true })
  const server = await listen(receiver, { port: options.port, host: options.host })
  let stopped = false
  const stop = (): void => {
    stopped = true
    arrived()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const url = options.endpoint ?? server.url
    const { did, keys, resolver } = await identityFor(url, file)
    if (options.json) printJson({ event: 'listening', url: server.url, endpoint: url, did })
    else print(`Listening at ${url}\nDID ${did}\n`)
    while (!stopped) {
      const envelope = waiting.shift()
      if (envelope === undefined) await once(arrivals, 'message')
      else if ((await show(envelope, keys, resolver, options)) && options.once) break
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await server.close({ graceSeconds: 1 })
  }
}

type Me = { readonly did: Did; readonly keys: Keys; readonly resolver: Resolver }

/** The DID whose endpoint this is: one of the key file, or a new one. */
async function identityFor(url: string, file: KeyFile | undefined): Promise<Me> {
  const resolver = await makeResolver(file)
  for (const { did } of file?.dids() ?? []) {
    const document = await documentOf(resolver, did).catch(() => undefined)
    if (document !== undefined && file !== undefined && endpointsOf(document).some(({ uri }) => uri === url))
      return { did, keys: file.keys, resolver }
  }
  const { keys, stored } = await createIdentity({ method: 'peer:2', endpoints: [url] }, resolver, Math.floor(Date.now() / 1000))
  if (file === undefined) return { did: stored.did, keys: memoryKeys(keys), resolver }
  await file.add({ keys, dids: [stored] })
  return { did: stored.did, keys: file.keys, resolver }
}

/** Prints a message; false where it did not open. */
async function show(envelope: Uint8Array, keys: Keys, resolver: Resolver, { json = false }: ReceiveOptions): Promise<boolean> {
  try {
    const { message, proof } = await unpack(envelope, { keys, resolver })
    if (json) printJson({ event: 'message', message, proof })
    else
      print(
        [...describeProof(proof).map((line) => style().dim(shorten(safe(line)))), safe(JSON.stringify(message, null, 2)), ''].join('\n'),
      )
    return true
  } catch (error) {
    // Told here alone: the sender had its answer before (HTTP-07). Whatever a stranger sends, the next message is read.
    if (json) printJson({ event: 'refused', ...errorAsJson(error) })
    else warn(shorten(safe(errorAsText(error))))
    return false
  }
}

/** The same envelope twice is one file. */
async function save(folder: string, envelope: Uint8Array, { mediaType }: Received): Promise<void> {
  const name = createHash('sha256').update(envelope).digest('hex').slice(0, 32)
  await writeFileAtomically(join(folder, `${name}${fileExtensions[mediaType]}`), envelope)
}

function toPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new InvalidArgumentError('Expected a port, from 0 to 65535.')
}
