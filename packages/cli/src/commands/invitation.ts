/**
 * `sealpost invitation`: an out-of-band invitation as a URL.
 *
 * @module
 */
import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { isObject } from 'sealpost/bytes'
import { type Did, documentOf, endpointsOf, isDid } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { type Attachment, createInvitation, invitationUrl, jsonAttachment, mediaTypes } from 'sealpost/message'
import { readJson } from '../input.ts'
import { type KeyOptions, makeResolver, openKeysIfNamed, withKeys } from '../means.ts'
import { print, printJson } from '../output.ts'

type InvitationOptions = KeyOptions & {
  readonly from?: string
  readonly goal?: string
  readonly goalCode?: string
  readonly base?: string
  readonly attach?: readonly string[]
  readonly expiresIn?: string
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

export function addInvitation(program: Command): void {
  const command = program
    .command('invitation')
    .description('make an invitation, as a URL for links and QR codes; it is public: whoever sees it can answer')
    .option('--from <did>', 'the DID to answer to; else the only DID of the key file')
    .option('--goal <text>', 'what it is for, for people')
    .option('--goal-code <code>', 'what it is for, for programs')
    .option('--base <url>', 'the page that the URL leads to; else the https endpoint of the DID')
    .option('--attach <file>', 'a first message in JSON, or - for stdin (can be repeated, the best first)', collect)
    .option('--expires-in <seconds>', 'when it is no more to be answered')
    .addHelpText('after', '\nExample:\n  sealpost invitation --from did:web:example.com --goal "Chat with Bob" --base https://example.com/')
  withKeys(command).action(run)
}

async function run(options: InvitationOptions): Promise<void> {
  const from = await inviterOf(options)
  const attachments: Attachment[] = []
  for (const [index, name] of (options.attach ?? []).entries()) attachments.push(attachmentOf(await readJson(name), index))
  const invitation = createInvitation({
    id: randomUUID(),
    from,
    accept: ['didcomm/v2'],
    ...(options.goal !== undefined && { goal: options.goal }),
    ...(options.goalCode !== undefined && { goalCode: options.goalCode }),
    ...(attachments.length > 0 && { attachments }),
    ...(options.expiresIn !== undefined && { expiresTime: Math.floor(Date.now() / 1000) + secondsOf(options.expiresIn) }),
  })
  const url = invitationUrl(options.base ?? (await endpointPage(from)), invitation)
  if (options.json) printJson({ url, invitation })
  else print(url)
}

async function inviterOf(options: InvitationOptions): Promise<Did> {
  const { from } = options
  if (from !== undefined) {
    if (isDid(from)) return from
    throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a DID after --from, found ${JSON.stringify(from.slice(0, 80))}`, {
      rule: 'OOB-04',
    })
  }
  const dids = (await openKeysIfNamed(options))?.dids() ?? []
  if (dids[0] === undefined || dids.length > 1) {
    throw new DidcommError('ERR_USAGE_NO_SENDER', `expected the DID to answer to: name it with --from (the key file has ${dids.length})`, {
      rule: 'OOB-04',
    })
  }
  return dids[0].did
}

async function endpointPage(did: Did): Promise<string> {
  const endpoints = endpointsOf(await documentOf(await makeResolver(), did))
  const page = endpoints.find(({ uri }) => /^https?:/i.test(uri))?.uri
  if (page !== undefined) return page
  throw new DidcommError('ERR_USAGE_ARGUMENT', 'the DID has no https endpoint to build the URL on: name a page with --base', {
    rule: 'OOB-07',
  })
}

function attachmentOf(message: unknown, index: number): Attachment {
  if (!isObject(message))
    throw new DidcommError('ERR_MALFORMED_MESSAGE', 'expected the message to attach to be a JSON object', { rule: 'OOB-06' })
  const type = 'ciphertext' in message ? mediaTypes.encrypted : 'payload' in message ? mediaTypes.signed : mediaTypes.plaintext
  return jsonAttachment(message, { id: `request-${index}`, media_type: type })
}

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (Number.isSafeInteger(seconds) && seconds > 0) return seconds
  throw new DidcommError('ERR_USAGE_ARGUMENT', `expected whole seconds after --expires-in, found ${JSON.stringify(text)}`)
}
