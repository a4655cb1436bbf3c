/**
 * The message that `pack` and `post` start from: read from JSON, or made of a text; what is left out is filled in.
 *
 * @module
 */
import { randomUUID } from 'node:crypto'
import type { KeyFile } from '@sealpost/node'
import { type Command, Option } from 'commander'
import { isObject } from 'sealpost/bytes'
import { type Did, type DidUrl, didOf, isDidUrl, type Keys, type Resolver } from 'sealpost/did'
import { layersOf, type Packed, pack, type Wrapping } from 'sealpost/envelope'
import { DidcommError } from 'sealpost/errors'
import { type ContentAlgorithm, contentAlgorithms } from 'sealpost/jose'
import { mediaTypes, type Plaintext } from 'sealpost/message'
import { readJson } from './input.ts'
import { type DocumentOptions, makeResolver, noKeys, openKeysIfNamed, withDocuments } from './means.ts'

/** The type of a message that is a text for people. */
export const textMessageType = 'https://didcomm.org/basicmessage/2.0/message'

export type ComposeOptions = DocumentOptions & {
  readonly text?: string
  readonly to?: readonly string[]
  readonly from?: string
  readonly as?: Wrapping
  readonly enc?: ContentAlgorithm
  readonly signBy?: string
  readonly forward: boolean
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** Adds the options that say what is packed, for whom and how. */
export const withMessage = (command: Command): Command =>
  withDocuments(command)
    .argument('[file]', 'the plaintext message in JSON, or - for stdin')
    .option('-t, --text <text>', 'a text, in place of a file: it becomes a basicmessage')
    .option('--to <did>', 'the recipient (can be repeated); else the `to` of the message', collect)
    .option('--from <did>', 'the sender, or one of its kids; else the `from` of the message, or the only DID of the key file')
    .addOption(
      new Option('--as <wrapping>', 'how it is protected; authcrypt where there is a sender, else anoncrypt').choices(
        Object.keys(layersOf),
      ),
    )
    .addOption(new Option('--enc <algorithm>', 'content encryption of anoncrypt').choices(Object.keys(contentAlgorithms)))
    .option('--sign-by <did>', 'who signs, or with which key; else the sender')
    .option('--no-forward', 'do not wrap for the mediators of the recipient')

/** Packs what the command line says. */
export async function composeAndPack(name: string | undefined, options: ComposeOptions): Promise<readonly Packed[]> {
  const { as, enc, signBy, forward } = options
  if ((name === undefined) === (options.text === undefined)) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected either a file (or - for stdin) or --text')
  }
  const message = options.text === undefined ? await readJson(name ?? '-') : { type: textMessageType, body: { content: options.text } }
  if (!isObject(message)) throw new DidcommError('ERR_MALFORMED_MESSAGE', 'expected the message to be a JSON object', { rule: 'PLN-01' })
  const to = options.to?.map((did) => checkDid(did, '--to'))
  const file = await openKeysIfNamed(options)
  const resolver: Resolver = await makeResolver(file, options.documents)
  const keys: Keys = file?.keys ?? noKeys()
  const from = senderOf(message, options, file)
  return pack(complete(message as Plaintext, from, to), {
    keys,
    resolver,
    forward,
    ...(as !== undefined && { as }),
    ...(enc !== undefined && { enc }),
    ...(to !== undefined && { to: to.map(didOf) }),
    ...(from !== undefined && { from }),
    ...(signBy !== undefined && { signBy: checkDid(signBy, '--sign-by') }),
  })
}

function senderOf({ from }: Record<string, unknown>, options: ComposeOptions, file: KeyFile | undefined): Did | DidUrl | undefined {
  if (options.from !== undefined) return checkDid(options.from, '--from')
  if (from !== undefined || options.as === 'anoncrypt' || options.as === 'plaintext') return undefined
  const dids = file?.dids() ?? []
  if (dids.length > 1)
    throw new DidcommError('ERR_USAGE_NO_SENDER', `the key file holds ${dids.length} DIDs: choose one with --from`, { rule: 'HDR-09' })
  return dids[0]?.did
}

/** Fills in what every message has; what is there stays, right or wrong. */
function complete(message: Plaintext, from: Did | DidUrl | undefined, to: readonly DidUrl[] | undefined): Plaintext {
  const { id = randomUUID(), ...rest } = message
  return {
    id,
    typ: mediaTypes.plaintext,
    created_time: Math.floor(Date.now() / 1000),
    ...(from !== undefined && { from: didOf(from) }),
    ...(to !== undefined && { to: to.map(didOf) }),
    ...rest,
  }
}

function checkDid(text: string, option: string): DidUrl {
  if (isDidUrl(text)) return text
  throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a DID after ${option}, found ${JSON.stringify(text.slice(0, 80))}`, {
    rule: 'HDR-05',
  })
}
