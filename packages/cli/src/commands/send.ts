/**
 * `sealpost send`: a text to a contact, by the profile's agent. It is on the disk before anything else, and goes out until it arrives.
 *
 * @module
 */
import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import type { Whereabouts } from 'sealpost/agent'
import { decodeUtf8 } from 'sealpost/bytes'
import { DidcommError } from 'sealpost/errors'
import { textMessageType } from '../compose.ts'
import { contactOf, nameOf } from '../contact.ts'
import { readInput } from '../input.ts'
import { exitCodeOfState, sentAndAwaited } from '../outcome.ts'
import { note, print, printJson, safe, shorten } from '../output.ts'
import { type ProfileOptions, type WaitOptions, withProfile, withWait } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'
import { toSeconds } from '../seconds.ts'

type SendOptions = ProfileOptions & WaitOptions & { readonly ack?: true; readonly expires?: number; readonly lang?: string }

export function addSend(program: Command): void {
  const command = program
    .command('send')
    .description('send a text to a contact; what cannot be delivered now is kept, and goes out later')
    .argument('<contact>', 'a name, the beginning of an id, or a DID')
    .argument('[text...]', 'the text; else, or where it is -, it is read from stdin')
    .option('--ack', 'ask for an acknowledgment, and send again until it comes')
    .option('--expires <time>', 'when it is of no use any more, such as 15m, 12h or 7d', toSeconds)
    .option('--lang <tag>', 'the language it is in, such as en or fr-CH')
    .addHelpText(
      'after',
      '\nIt ends with 0 once the text is kept: the output says whether it arrived. To post an envelope without a profile: sealpost post.\n\nExample:\n  sealpost send Bob "Meet me at noon"',
    )
  withProfile(withWait(command, 5, 'for it to arrive')).action(run)
}

async function run(named: string, words: readonly string[], options: SendOptions): Promise<void> {
  const content = await textOf(words)
  await withAgent(options, { listening: 'if-possible' }, async ({ agent, signal }) => {
    const contact = await contactOf(agent, named)
    const id = randomUUID()
    const { ack = false, expires, lang } = options
    const send = async (): Promise<string> => {
      await agent.send(
        contact.id,
        { id, type: textMessageType, body: { content }, ...(lang !== undefined && { lang }) },
        { ack, ...(expires !== undefined && { expiresInSeconds: expires }) },
      )
      note('kept; sending…')
      return id
    }
    const found = await sentAndAwaited(agent, send, options.wait, signal)
    if (options.json) printJson({ contact: contact.id, ...found })
    else print(shorten(safe(sentence(found, nameOf(contact)))))
    process.exitCode = exitCodeOfState(found.state)
  })
}

async function textOf(words: readonly string[]): Promise<string> {
  const text = words.length === 0 || (words.length === 1 && words[0] === '-') ? decodeUtf8(await readInput('-')).trimEnd() : words.join(' ')
  if (text.trim() === '') throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected a text to send, found none')
  return text
}

/** What became of it, with the id by which `where` finds it. */
function sentence({ id, state, why }: Whereabouts, name: string): string {
  switch (state) {
    case 'handed-over':
      return `Delivered to ${name}  ${id}`
    case 'acknowledged':
      return `${name} acknowledged it  ${id}`
    case 'awaiting-ack':
      return `Delivered to ${name}, who has not acknowledged it yet  ${id}`
    case 'queued':
      return `Kept for ${name}: it goes out with the next command, or with \`sealpost listen\`. ${why}  ${id}`
    default:
      return `Not delivered to ${name}: ${why}  ${id}`
  }
}
