/**
 * `sealpost invite`: an invitation of the profile's agent, as a URL and as a QR code. Who answers it becomes a contact.
 *
 * @module
 */
import type { Command } from 'commander'
import { DidcommError } from 'sealpost/errors'
import { note, print, printJson, warn } from '../output.ts'
import { type ProfileOptions, type Settings, withProfile } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'
import { qrCode } from '../qr.ts'
import { toSeconds } from '../seconds.ts'

type InviteOptions = ProfileOptions & {
  readonly goal?: string
  readonly goalCode?: string
  readonly many?: true
  readonly expires?: number
  readonly label?: string
  readonly qr?: true
  readonly url?: string
}

export function addInvite(program: Command): void {
  const command = program
    .command('invite')
    .description('invite somebody to become a contact: prints a URL; whoever has it can answer')
    .option('--goal <text>', 'what it is for, for people')
    .option('--goal-code <code>', 'what it is for, for programs')
    .option('--many', 'many may answer it, not one alone')
    .option('--expires <time>', 'when it is no more to be answered, such as 15m, 12h or 7d', toSeconds)
    .option('-l, --label <name>', 'what to call who answers')
    .option('--qr', 'print a QR code too')
    .option('--url <page>', 'the page that the URL leads to; else the endpoint of the profile')
    .addHelpText('after', '\nExample:\n  sealpost invite --goal "To have lunch" --label Bob --expires 7d --qr')
  withProfile(command).action(run)
}

async function run(options: InviteOptions): Promise<void> {
  await withAgent(options, { listening: 'no' }, async ({ agent, profile }) => {
    const { goal, goalCode, many = false, expires, label } = options
    const { invitation, url = '' } = await agent.invite({
      url: pageOf(options, profile.settings),
      uses: many ? 'many' : 'once',
      ...(goal !== undefined && { goal }),
      ...(goalCode !== undefined && { goalCode }),
      ...(label !== undefined && { label }),
      ...(expires !== undefined && { expiresInSeconds: expires }),
    })
    if (options.json) return printJson({ id: invitation.id, url, invitation })
    print(url)
    if (options.qr) {
      const code = qrCode(url)
      print(code.text)
      if (process.stdout.isTTY && process.stdout.columns < code.columns)
        warn(
          `The QR code is ${code.columns} columns wide, and the terminal ${process.stdout.columns}: make it wider, or the letters smaller.`,
        )
    }
    note(`${many ? 'Everybody' : 'One'} who has it can answer, while \`sealpost listen\` runs.`)
  })
}

function pageOf({ url }: InviteOptions, { endpoints }: Settings): string {
  if (endpoints.length === 0)
    throw new DidcommError(
      'ERR_USAGE_ARGUMENT',
      'this profile has no endpoint to which an answer could come: `sealpost init --endpoint` makes one',
      {
        rule: 'OOB-07',
      },
    )
  const page = url ?? endpoints.find((uri) => /^https?:/i.test(uri))
  if (page !== undefined) return page
  throw new DidcommError('ERR_USAGE_ARGUMENT', 'the profile has no https endpoint to build the URL on: name a page with --url', {
    rule: 'OOB-07',
  })
}
