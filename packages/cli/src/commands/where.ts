/**
 * `sealpost where`: where a message is, and why.
 *
 * @module
 */
import type { Command } from 'commander'
import { nameOf } from '../contact.ts'
import { exitCodes } from '../exit-codes.ts'
import { exitCodeOfState } from '../outcome.ts'
import { print, printJson, safe, shorten, style } from '../output.ts'
import { type ProfileOptions, withProfile } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'
import { moment } from '../seconds.ts'

export function addWhere(program: Command): void {
  const command = program
    .command('where')
    .description('tell where a message is, and why; exit code 3 where it cannot be delivered, 2 where nothing is known of it')
    .argument('<message-id>', 'the id of the message, as `send` and `listen` print it')
    .addHelpText('after', '\nExample:\n  sealpost where 5d9bf1b2-9f5e-4a6d-8e0a-2f1f5e0c3a77')
  withProfile(command).action(run)
}

async function run(id: string, options: ProfileOptions): Promise<void> {
  await withAgent(options, { listening: 'no' }, async ({ agent }) => {
    const found = await agent.where(id)
    process.exitCode = found.state === 'unknown' ? exitCodes.usage.code : exitCodeOfState(found.state)
    if (options.json) return printJson(found)
    const contact = found.relationship === undefined ? undefined : await agent.contact(found.relationship)
    const { bold, dim } = style()
    const line = (title: string, text: string | undefined): void => {
      if (text !== undefined) print(`${dim(title.padEnd(10))}${shorten(safe(text))}`)
    }
    print(`${bold(found.state)}  ${shorten(safe(found.why))}`)
    line(found.direction === 'out' ? 'to' : 'from', contact === undefined ? undefined : nameOf(contact))
    line('type', found.type)
    line('since', found.since === undefined ? undefined : moment(found.since))
    line('tries', found.attempts === undefined ? undefined : String(found.attempts))
    line('next try', found.nextAttemptAt === undefined ? undefined : moment(found.nextAttemptAt))
    line('at', found.endpoint)
  })
}
