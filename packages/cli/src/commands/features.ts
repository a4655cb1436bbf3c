/**
 * `sealpost features`: what a contact can do, as far as it tells.
 *
 * @module
 */
import type { Command } from 'commander'
import { query } from 'sealpost/protocols'
import { contactOf, nameOf } from '../contact.ts'
import { exitCodes } from '../exit-codes.ts'
import { note, print, printJson, safe, style } from '../output.ts'
import { type ProfileOptions, type WaitOptions, withProfile, withWait } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'
import { unlessStopped } from '../stopped.ts'

const featureTypes = ['protocol', 'goal-code', 'header', 'constraint'] as const

export function addFeatures(program: Command): void {
  const command = program
    .command('features')
    .description('ask a contact which protocols, goals and headers it knows; exit code 3 where no answer comes')
    .argument('<contact>', 'a name, the beginning of an id, or a DID')
    .option('--match <pattern>', 'which ids, with * for anything', '*')
    .addHelpText(
      'after',
      '\nWhat is not told may be there all the same.\n\nExample:\n  sealpost features Bob --match "https://didcomm.org/*"',
    )
  withProfile(withWait(command, 10, 'for the answer')).action(run)
}

async function run(named: string, options: ProfileOptions & WaitOptions & { readonly match: string }): Promise<void> {
  await withAgent(options, { listening: 'if-possible' }, async ({ agent, signal }) => {
    const contact = await contactOf(agent, named)
    note('waiting for an answer…')
    const queries = featureTypes.map((featureType) => ({ featureType, match: options.match }))
    const asked = query(agent, contact.id, { queries, timeoutSeconds: options.wait, returnRoute: 'all' }, { signal })
    const end = await unlessStopped(signal, asked)
    if (end === undefined) return
    const answered = end.at === 'disclosed'
    // In an order of chance, as they come: nobody is to be recognised by it. For people they are sorted.
    const features = answered ? [...end.disclosures].sort((a, b) => (a.id < b.id ? -1 : 1)) : []
    if (!answered) process.exitCode = exitCodes.delivery.code
    if (options.json) return printJson({ contact: contact.id, answered, features })
    if (!answered) return print(`No answer of ${nameOf(contact)} in ${options.wait} s`)
    for (const type of new Set(features.map((feature) => feature['feature-type']))) {
      print(style().bold(safe(type)))
      for (const { id, roles, 'feature-type': its } of features)
        if (its === type) print(`  ${safe(id)}${roles === undefined ? '' : style().dim(`  as ${safe(roles.join(', '))}`)}`)
    }
    if (features.length === 0) print(`${nameOf(contact)} tells of nothing that matches.`)
  })
}
