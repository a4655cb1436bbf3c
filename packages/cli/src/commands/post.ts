/**
 * `sealpost post`: packs a message and brings it to each recipient over HTTP. One who cannot be reached does not keep it from the others.
 *
 * @module
 */
import { type Delivered, deliver } from '@sealpost/node'
import { type Command, InvalidArgumentError } from 'commander'
import type { Packed } from 'sealpost/envelope'
import { DidcommError, isDidcommError } from 'sealpost/errors'
import { type ComposeOptions, composeAndPack, withMessage } from '../compose.ts'
import { withKeys } from '../means.ts'
import { errorAsJson, note, print, printJson } from '../output.ts'

type PostOptions = ComposeOptions & {
  readonly endpoint?: string
  readonly allowHttp?: true
  readonly allowPrivate?: true
  readonly timeout: number
  readonly show?: true
}

export function addPost(program: Command): void {
  const command = program.command('post').description('seal a message and deliver it over HTTPS')
  withKeys(withMessage(command))
    .option('--endpoint <url>', 'where to deliver, in place of the endpoints of the recipient')
    .option('--allow-http', 'use http: too, which shows everybody on the way who speaks to whom')
    .option('--allow-private', 'call addresses of this machine and of private networks')
    .option('--timeout <seconds>', 'for each endpoint', toSeconds, 30)
    .option('--show', 'with --json, show the envelopes too')
    .addHelpText('after', '\nExample:\n  sealpost post --keys alice.json --to did:web:example.com --text "Hello"')
    .action(run)
}

async function run(name: string | undefined, options: PostOptions): Promise<void> {
  const packed = await composeAndPack(name, options)
  if (packed.some(({ to }) => to === undefined) && options.endpoint === undefined) {
    throw new DidcommError(
      'ERR_USAGE_NO_RECIPIENT',
      'a message that is not encrypted has no recipient to look up: name where to deliver with --endpoint',
    )
  }
  const results: object[] = []
  const failures: Failure[] = []
  for (const one of packed) {
    const result = await bring(one, options).then(
      ({ failed, ...delivered }) => {
        if (!options.json) print(`delivered to ${delivered.uri} (${delivered.status})`)
        return { ...delivered, failed: failed.map(({ uri, error }) => ({ uri, ...errorAsJson(error) })) }
      },
      (error: unknown) => {
        failures.push({ to: one.to, error })
        return errorAsJson(error)
      },
    )
    results.push({ ...(one.to !== undefined && { to: one.to }), ...result, ...(options.show && { envelope: one.envelope }) })
  }
  if (options.json) printJson(results)
  if (failures.length > 0) throw summary(failures, packed.length)
}

type Failure = { readonly to: string | undefined; readonly error: unknown }

/** One error for all that failed, with the code of the first, which decides how the command ends. */
function summary(failures: readonly Failure[], recipients: number): unknown {
  const [first] = failures
  if (recipients === 1 || !isDidcommError(first?.error)) return first?.error
  const reasons = failures.map(({ to, error }) => `not to ${to}: ${errorAsJson(error).error.message}`).join('; ')
  const { code, rule } = first.error
  return new DidcommError(code, `delivered to ${recipients - failures.length} of ${recipients} recipients; ${reasons}`, {
    rule,
    cause: failures.map(({ error }) => error),
  })
}

function bring({ envelope, mediaType, endpoints }: Packed, options: PostOptions): Promise<Delivered> {
  const { endpoint, allowHttp = false, allowPrivate = false, timeout } = options
  const places = endpoint === undefined ? endpoints : [{ uri: endpoint }]
  note(`delivering ${envelope.length} octets…`)
  const policy = { allowHttp, allowPrivate, allowLoopback: allowPrivate, timeoutSeconds: timeout }
  return deliver({ envelope, mediaType, endpoints: places }, policy).catch((cause: unknown) => {
    if (!isDidcommError(cause, 'ERR_DELIVERY_BLOCKED')) throw cause
    const hint = `${cause.message}; --allow-http and --allow-private let more pass`
    throw new DidcommError('ERR_DELIVERY_BLOCKED', hint, { rule: cause.rule, cause })
  })
}

function toSeconds(text: string): number {
  const seconds = Number(text)
  if (seconds > 0 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('Expected seconds, from 1 to 3600.')
}
