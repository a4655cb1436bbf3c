/**
 * `sealpost inspect`: explains any DIDComm bytes.
 *
 * @module
 */
import { createVettedFetch } from '@sealpost/node'
import type { Command } from 'commander'
import { encodeUtf8 } from 'sealpost/bytes'
import { DidcommError } from 'sealpost/errors'
import { fetchInvitation } from 'sealpost/message'
import { exitCodes } from '../exit-codes.ts'
import type { Means } from '../explain/context.ts'
import { explainBytes } from '../explain/explain.ts'
import { render } from '../explain/render.ts'
import { isThere, readInput } from '../input.ts'
import { type DocumentOptions, makeResolver, noKeys, openKeysIfNamed, withDocuments, withKeys } from '../means.ts'
import { print, printJson, shorten, style } from '../output.ts'

type InspectOptions = DocumentOptions & { readonly fetch?: true; readonly full?: true }

export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .description('explain any DIDComm bytes: who can read them, who sent them and how that is known, which rule is broken')
    .argument(
      '[input]',
      'a file, - for stdin, or the thing itself: an envelope, an invitation URL, a from_prior, a DID, a DID document',
      '-',
    )
    .option('--full', 'show long DIDs whole')
    .option('--fetch', 'fetch the invitation behind a short URL')
    .addHelpText(
      'after',
      '\nIt exits with 1 where a rule is broken, and with 5 where a DID could not be looked up.\n\nExample:\n  sealpost inspect message.dcem --keys bob.json',
    )
  withDocuments(withKeys(command)).action(run)
}

const outcomes = { sound: 'ok', unchecked: 'did', broken: 'refused', foreign: 'refused' } as const

async function run(input: string, options: InspectOptions): Promise<void> {
  const bytes = await bytesOf(input)
  const file = await openKeysIfNamed(options)
  const means: Means = {
    keys: file?.keys ?? noKeys(),
    hasKeys: file !== undefined,
    resolver: await makeResolver(file, options.documents),
    nowSeconds: Math.floor(Date.now() / 1000),
  }
  const explained = await explainBytes(options.fetch ? await fetched(bytes) : bytes, means)
  const text = (): string => render(explained, style())
  if (options.json) printJson(explained)
  else print(options.full ? text() : shorten(text()))
  process.exitCode = exitCodes[outcomes[explained.verdict]].code
}

async function bytesOf(input: string): Promise<Uint8Array> {
  if (input === '-' || (await isThere(input))) return readInput(input)
  // What looks like a name is a slip in a name, not a message.
  if (/^[\w.\-/\\ ]{1,255}$/.test(input) && !/^[\w-]{40,}(\.[\w-]+){0,4}$/.test(input)) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', `cannot read ${input}: there is no such file or folder`)
  }
  return encodeUtf8(input)
}

async function fetched(bytes: Uint8Array): Promise<Uint8Array> {
  const reference = await fetchInvitation(new TextDecoder().decode(bytes).trim(), { fetch: createVettedFetch() })
  return encodeUtf8(JSON.stringify(reference.form === 'signed' ? reference.jws : reference.invitation))
}
