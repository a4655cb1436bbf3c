/**
 * `sealpost unpack`: an envelope into the message, with what was proved about it.
 *
 * @module
 */
import type { Command } from 'commander'
import { type Policy, receivedWrappings, type Unpacked, unpack, wrappings } from 'sealpost/envelope'
import { DidcommError, isDidcommError } from 'sealpost/errors'
import { readInput, writeOutput } from '../input.ts'
import { type DocumentOptions, makeResolver, noKeys, openKeysIfNamed, withDocuments, withKeys } from '../means.ts'
import { print, printJson, safe, shorten, warn } from '../output.ts'
import { describeProof } from '../proof-text.ts'

type UnpackOptions = DocumentOptions & { readonly allowPlaintext?: true; readonly strict?: true; readonly out?: string }

export function addUnpack(program: Command): void {
  const command = program
    .command('unpack')
    .description('open an envelope: the message goes to stdout, what was proved about it to stderr')
    .argument('[file]', 'the envelope, or - for stdin', '-')
    .option('--allow-plaintext', 'take a message that is neither signed nor encrypted')
    .option('--strict', 'refuse what the specification leaves open')
    .option('-o, --out <file>', 'write the message to a file; else to stdout')
    .addHelpText('after', '\nExample:\n  sealpost unpack message.dcem --keys bob.json --json')
  withDocuments(withKeys(command)).action(run)
}

async function run(name: string, options: UnpackOptions): Promise<void> {
  const envelope = await readInput(name)
  const file = await openKeysIfNamed(options)
  const policy: Policy = {
    ...(options.strict && { strict: true }),
    ...(options.allowPlaintext && { wrappings: options.strict ? wrappings : receivedWrappings }),
  }
  const resolver = await makeResolver(file, options.documents)
  const unpacked: Unpacked = await unpack(envelope, { keys: file?.keys ?? noKeys(), resolver, policy }).catch((cause: unknown) => {
    if (file !== undefined || !isDidcommError(cause, 'ERR_TRUST_NOT_FOR_US')) throw cause
    const hint = 'the message is encrypted, and no keys were given: name the key file with --keys'
    throw new DidcommError('ERR_TRUST_NOT_FOR_US', hint, { rule: 'JOSE-07', cause })
  })
  const { message, proof } = unpacked
  if (options.out !== undefined) await writeOutput(options.out, `${JSON.stringify(message, null, 2)}\n`, 0o600)
  if (options.json) return printJson(unpacked)
  for (const line of describeProof(proof)) warn(shorten(safe(line)))
  if (options.out === undefined) print(safe(JSON.stringify(message, null, 2)))
}
