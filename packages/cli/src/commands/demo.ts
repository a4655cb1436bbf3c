/**
 * `sealpost demo`: one message from Alice to Bob, by two real processes over real HTTP, and everything that travelled between them.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { openKeyFile } from '@sealpost/node'
import { type Command, Option } from 'commander'
import { decodeUtf8, isObject, parseJson } from 'sealpost/bytes'
import { layersOf, type Wrapping } from 'sealpost/envelope'
import { DidcommError } from 'sealpost/errors'
import { exitCodes } from '../exit-codes.ts'
import { explainBytes } from '../explain/explain.ts'
import { renderParts } from '../explain/render.ts'
import { readInput } from '../input.ts'
import { type CommonOptions, makeResolver, noKeys, withJson } from '../means.ts'
import { note, print, printJson, safe, shorten, style } from '../output.ts'

type DemoOptions = CommonOptions & { readonly as: Wrapping }

const wrappings = Object.entries(layersOf).flatMap(([name, layers]) => (layers.some((layer) => layer !== 'signed') ? [name] : []))
const defaultText = 'Hello Bob, only you can read this.'

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('send a message from Alice to Bob, by two processes over HTTP, and show what travelled')
    .argument('[message...]', 'what to say; else it is read from stdin, or asked for')
    .addOption(new Option('--as <wrapping>', 'how it is protected').choices(wrappings).default('authcrypt'))
    .addHelpText('after', '\nExample:\n  sealpost demo "Meet me at noon"')
  withJson(command).action(run)
}

async function run(words: readonly string[], options: DemoOptions): Promise<void> {
  const text = await textOf(words)
  if (text === undefined) {
    process.exitCode = exitCodes.interrupted.code
    return
  }
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  // Before there is anything to leave behind.
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const folder = await mkdtemp(join(tmpdir(), 'sealpost-demo-'))
  try {
    await show(await exchange(text, folder, options, stop.signal), options)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    process.exitCode = exitCodes.interrupted.code
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
    await rm(folder, { recursive: true, force: true })
  }
}

async function textOf(words: readonly string[]): Promise<string | undefined> {
  if (words.length > 0) return words.join(' ')
  if (!process.stdin.isTTY) return decodeUtf8(await readInput('-')).trim() || defaultText
  return askForText(process.stdin, process.stderr)
}

/** Asks at a terminal. Nothing typed, or Ctrl-D, takes the default; undefined where Ctrl-C gives up. */
export async function askForText(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<string | undefined> {
  const terminal = createInterface({ input, output })
  const stop = new AbortController()
  terminal.once('SIGINT', () => stop.abort())
  try {
    const typed = await terminal.question(`Your message to Bob [${defaultText}]: `, { signal: stop.signal })
    return typed.trim() || defaultText
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    output.write('\n')
    return stop.signal.aborted ? undefined : defaultText
  } finally {
    terminal.close()
  }
}

type Exchange = {
  readonly text: string
  readonly alice: string
  readonly bob: string
  /** Where Bob listens. */
  readonly url: string
  readonly status: number
  readonly sent: string
  /** The envelope as Bob's process stored it. */
  readonly arrived: Uint8Array
  /** What Bob's process says that it received. */
  readonly received: Record<string, unknown>
  readonly bobKeys: { readonly path: string; readonly passphrase: string }
}

/** Runs the processes. Keys, passphrase and stored envelopes lie in a folder that is removed afterwards. */
async function exchange(text: string, folder: string, { as }: DemoOptions, signal: AbortSignal): Promise<Exchange> {
  const passphrase = randomBytes(18).toString('base64url')
  const environment = { ...process.env, SEALPOST_PASSPHRASE: passphrase, SEALPOST_KEYS: '' }
  const start = (args: readonly string[]): ChildProcess => {
    const [program = ''] = process.argv.slice(1)
    return spawn(process.execPath, [...process.execArgv, program, ...args], {
      env: environment,
      signal,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }
  const bobFile = join(folder, 'bob.json')
  const aliceFile = join(folder, 'alice.json')
  note('Bob begins to listen, in a process of his own…')
  const listener = start(['receive', '--json', '--once', '--keys', bobFile, '--save', join(folder, 'inbox')])
  try {
    const heard = eventsOf(listener)
    const { url, did: bob } = await heard.next('listening')
    note('Alice makes a DID…')
    const { did: alice } = await resultOf(start(['did', 'new', '--json', '--keys', aliceFile]))
    note('Alice sends, from another process…')
    const delivery = ['--to', String(bob), '--text', text, '--as', as, '--allow-http', '--allow-private', '--json', '--show']
    const [sent] = Object.values(await resultOf(start(['post', '--keys', aliceFile, '--from', String(alice), ...delivery])))
    if (!isObject(sent)) throw new DidcommError('ERR_INTERNAL', 'the sending process did not say what it sent')
    const received = await heard.next('message')
    const [stored = ''] = await readdir(join(folder, 'inbox'))
    const arrived = await readFile(join(folder, 'inbox', stored))
    const bobKeys = { path: bobFile, passphrase }
    return {
      text,
      alice: String(alice),
      bob: String(bob),
      url: String(url),
      status: Number(sent['status']),
      sent: String(sent['envelope']),
      arrived,
      received,
      bobKeys,
    }
  } finally {
    listener.on('error', () => undefined)
    listener.kill()
  }
}

/** The one JSON value that a process prints; an array comes as an object with its indices. */
async function resultOf(child: ChildProcess): Promise<Record<string, unknown>> {
  let printed = ''
  child.stdout?.on('data', (data: Uint8Array) => {
    printed += String(data)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  const value = code === 0 ? parseJson(printed) : undefined
  if (isObject(value)) return value
  if (Array.isArray(value)) return { ...value }
  throw new DidcommError('ERR_INTERNAL', `a process of the demonstration ended with code ${code}`)
}

/** The events that a process prints, one a line. */
function eventsOf(child: ChildProcess): { next(name: string): Promise<Record<string, unknown>> } {
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => undefined)
  const lines = child.stdout === null ? undefined : createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async next(name) {
      const line = await Promise.race([failed, lines?.next()])
      const event = line?.done === false ? parseJson(line.value) : undefined
      if (isObject(event) && event['event'] === name) return event
      throw new DidcommError(
        'ERR_INTERNAL',
        `expected Bob's process to say ${name}, found ${JSON.stringify(event)?.slice(0, 200) ?? 'its end'}`,
      )
    },
  }
}

async function show(done: Exchange, { json = false }: DemoOptions): Promise<void> {
  const { alice, bob, url, status, sent, arrived, received, bobKeys } = done
  const resolver = await makeResolver()
  const nowSeconds = Math.floor(Date.now() / 1000)
  const outside = await explainBytes(arrived, { keys: noKeys(), hasKeys: false, resolver, nowSeconds })
  const { keys } = await openKeyFile(bobKeys.path, { passphrase: bobKeys.passphrase })
  const inside = await explainBytes(arrived, { keys, hasKeys: true, resolver, nowSeconds })
  const request = { method: 'POST', url, contentType: 'application/didcomm-encrypted+json', contentLength: Buffer.byteLength(sent), status }
  if (json) return printJson({ alice, bob, request, envelope: parseJson(decodeUtf8(arrived)), outside, inside, received })

  const { bold, dim, good } = style()
  const chapter = (title: string, ...lines: readonly string[]): void => print(['', bold(`── ${title} ──`), ...lines].join('\n'))
  chapter('Two people who know each other by DIDs', `Alice  ${alice}`, `Bob    ${bob}`)
  chapter(
    'What travelled over HTTP',
    `POST ${url}`,
    dim(`Content-Type: ${request.contentType}`),
    dim(`Content-Length: ${request.contentLength}`),
    '',
    shortened(sent),
    '',
    `← ${status}: taken over, and nothing said about whether it could be opened`,
  )
  const named = (text: string): string => shorten(text.replaceAll(alice, 'Alice').replaceAll(bob, 'Bob'))
  // The advice to add keys is not for this place.
  const visible = outside.parts.map((part) => ({ ...part, title: 'Envelope', findings: [] }))
  chapter('What everybody on the way can see', named(renderParts(visible, style())))
  chapter('What Bob sees, layer by layer', named(renderParts(inside.parts.slice(1), style())))
  const message = isObject(received['message']) ? received['message'] : {}
  const body = isObject(message['body']) ? message['body'] : {}
  chapter("What Bob's process printed", good(safe(String(body['content']))))
}

/** An envelope with its long members cut. */
function shortened(envelope: string): string {
  const cut = (_: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > 76 ? `${value.slice(0, 60)}… (${value.length} characters)` : value
  return safe(JSON.stringify(parseJson(envelope), cut, 2))
}
