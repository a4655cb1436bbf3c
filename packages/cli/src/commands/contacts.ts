/**
 * `sealpost contacts`: who is known, what they are called, and which DIDs are used with them.
 *
 * @module
 */
import type { Command } from 'commander'
import type { Agent, Relationship } from 'sealpost/agent'
import { DidcommError } from 'sealpost/errors'
import { contactOf, everybody, freeLabel, labelOf, nameOf } from '../contact.ts'
import { print, printJson, safe, shorten, style } from '../output.ts'
import { type ProfileOptions, withProfile } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'
import { moment } from '../seconds.ts'

type ContactsOptions = ProfileOptions & { readonly label?: string; readonly end?: true; readonly full?: boolean }

export function addContacts(program: Command): void {
  const command = program
    .command('contacts')
    .description('list the contacts, or show, name or end one')
    .argument('[contact]', 'a name, the beginning of an id, or a DID')
    .option('-l, --label <name>', 'call the contact so')
    .option('--end', 'end the relationship, and tell the other side: it cannot be taken back')
    .option('--full', 'show long DIDs whole')
    .addHelpText('after', '\nExample:\n  sealpost contacts 3f0c21aa --label Bob')
  withProfile(command).action(run)
}

async function run(named: string | undefined, options: ContactsOptions): Promise<void> {
  if (named === undefined && (options.label !== undefined || options.end))
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected a contact: --label and --end are of one alone')
  await withAgent(options, { listening: 'no' }, async ({ agent }) => {
    if (named === undefined) {
      const all = await everybody(agent)
      if (options.json) printJson(all.map(asJson))
      else if (all.length === 0) print('No contacts yet: sealpost invite, or sealpost accept <url>')
      else list(all)
      return
    }
    const contact = await contactOf(agent, named)
    if (options.label !== undefined) {
      const label = labelOf(options.label)
      if (label === undefined) throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected a name after --label, found nothing')
      if ((await freeLabel(agent, label, contact.id)) !== label)
        throw new DidcommError('ERR_USAGE_ARGUMENT', `another contact is called ${label}: choose another name`)
      await agent.label(contact.id, label)
    }
    if (options.end) await agent.end(contact.id)
    await show(agent, (await agent.contact(contact.id)) ?? contact, options)
  })
}

function list(all: readonly Relationship[]): void {
  const { bold, dim } = style()
  const width = Math.min(30, Math.max(...all.map((contact) => nameOf(contact).length)))
  for (const contact of all) {
    const since = `since ${moment(contact.createdAt)}`
    print(
      `${bold(nameOf(contact).padEnd(width))}  ${contact.id.slice(0, 8)}  ${dim(contact.state === 'ended' ? `${since}, ended` : since)}`,
    )
  }
}

async function show(agent: Agent, contact: Relationship, { json = false, full = false }: ContactsOptions): Promise<void> {
  // One whose DID cannot be resolved now is shown all the same.
  const endpoints = contact.state === 'ended' ? [] : await agent.endpoints(contact.id).catch(() => [])
  if (json) return printJson({ ...asJson(contact), endpoints: endpoints.map(({ uri }) => uri) })
  const did = full ? safe : (text: string): string => shorten(safe(text))
  const { bold, dim } = style()
  const line = (title: string, text: string): void => print(`${dim(title.padEnd(12))}${text}`)
  print(bold(nameOf(contact)))
  line('id', contact.id)
  line('state', `${contact.state}, since ${moment(contact.createdAt)}`)
  line('theirs', did(contact.theirs.did))
  line('ours', did(contact.ours.did))
  line('reached at', endpoints.length === 0 ? 'nowhere that is known' : endpoints.map(({ uri }) => did(uri)).join(', '))
  if (contact.ours.rotation !== undefined) line('rotation', 'of ours, which they have not answered yet')
}

/** What a program may know of a contact; the shape stays as it is where the store's changes. */
const asJson = ({ id, label, state, createdAt, ours, theirs, invitation }: Relationship) => ({
  id,
  ...(label !== undefined && { label }),
  state,
  createdAt,
  ours: ours.did,
  theirs: theirs.did,
  ...(invitation !== undefined && { invitation: invitation.id, role: invitation.role }),
})
