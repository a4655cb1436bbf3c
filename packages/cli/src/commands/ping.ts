/**
 * `sealpost ping`: whether a contact is there, and each can read the other.
 *
 * @module
 */
import type { Command } from 'commander'
import { ping } from 'sealpost/protocols'
import { contactOf, nameOf } from '../contact.ts'
import { exitCodes } from '../exit-codes.ts'
import { note, print, printJson } from '../output.ts'
import { type ProfileOptions, type WaitOptions, withProfile, withWait } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'
import { unlessStopped } from '../stopped.ts'

export function addPing(program: Command): void {
  const command = program
    .command('ping')
    .description('ask a contact for a sign of life; exit code 3 where none comes')
    .argument('<contact>', 'a name, the beginning of an id, or a DID')
    .addHelpText('after', '\nExample:\n  sealpost ping Bob')
  withProfile(withWait(command, 10, 'for the answer')).action(run)
}

async function run(named: string, options: ProfileOptions & WaitOptions): Promise<void> {
  await withAgent(options, { listening: 'if-possible' }, async ({ agent, signal }) => {
    const contact = await contactOf(agent, named)
    note('waiting for an answer…')
    const begun = performance.now()
    const end = await unlessStopped(signal, ping(agent, contact.id, { timeoutSeconds: options.wait, returnRoute: 'all' }, { signal }))
    if (end === undefined) return
    const milliseconds = Math.round(performance.now() - begun)
    const answered = end.at === 'answered'
    if (options.json) printJson({ contact: contact.id, answered, ...(answered && { milliseconds }) })
    else print(answered ? `${nameOf(contact)} answered after ${milliseconds} ms` : `No answer of ${nameOf(contact)} in ${options.wait} s`)
    if (!answered) process.exitCode = exitCodes.delivery.code
  })
}
