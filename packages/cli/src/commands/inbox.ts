/**
 * `sealpost inbox`: the texts that came and were not shown yet.
 *
 * @module
 */
import type { Command } from 'commander'
import { isText } from '../event-text.ts'
import { ofContact, printEvents } from '../events.ts'
import { print } from '../output.ts'
import { type ProfileOptions, withProfile } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'

type InboxOptions = ProfileOptions & { readonly follow?: boolean; readonly all?: boolean; readonly from?: string }

export function addInbox(program: Command): void {
  const command = program
    .command('inbox')
    .description('print the texts that came and were not printed yet')
    .option('-f, --follow', 'go on, and print what comes; Ctrl-C ends it')
    .option('--all', 'from the oldest that is kept on; what is new stays new')
    .option('--from <contact>', 'those of one contact, of all that are kept')
    .addHelpText('after', '\nExample:\n  sealpost inbox --follow')
  withProfile(command).action(run)
}

async function run({ json = false, follow = false, all = false, from, ...options }: InboxOptions): Promise<void> {
  await withAgent(options, { listening: follow ? 'must' : 'no', goesOn: follow }, async ({ agent, signal }) => {
    const isOfContact = await ofContact(agent, from)
    const wanted = (event: Parameters<typeof isText>[0]): boolean => isText(event) && isOfContact(event)
    // What is left out must not count as read.
    const count = await printEvents(agent, { json, follow, signal, wanted, all: all || from !== undefined })
    if (count === 0 && !json && !follow) print(all || from !== undefined ? 'Nothing came yet.' : 'Nothing new.')
  })
}
