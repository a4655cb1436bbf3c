/**
 * `sealpost rotate`: another DID of ours for a contact, who learns of it at once.
 *
 * @module
 */
import type { Command } from 'commander'
import { contactOf, nameOf } from '../contact.ts'
import { print, printJson, shorten } from '../output.ts'
import { type ProfileOptions, type WaitOptions, withProfile, withWait } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'

export function addRotate(program: Command): void {
  const command = program
    .command('rotate')
    .description('use another DID and other keys with a contact from now on, and prove to it that it is still you')
    .argument('<contact>', 'a name, the beginning of an id, or a DID')
    .addHelpText('after', '\nA contact that has not written yet cannot follow, and is refused.\n\nExample:\n  sealpost rotate Bob')
  withProfile(withWait(command, 5, 'for the contact to be told')).action(run)
}

async function run(named: string, options: ProfileOptions & WaitOptions): Promise<void> {
  await withAgent(options, { listening: 'if-possible' }, async ({ agent, signal }) => {
    const contact = await contactOf(agent, named)
    const told = new AbortController()
    const off = agent.on('handed-over', ({ relationship }) => {
      if (relationship === contact.id) told.abort()
    })
    const did = await agent.rotate(contact.id)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, options.wait * 1000)
      for (const one of [told.signal, signal])
        one.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      if (told.signal.aborted || signal.aborted) {
        clearTimeout(timer)
        resolve()
      }
    })
    off()
    const state = told.signal.aborted ? 'told' : 'waiting'
    if (options.json) return printJson({ contact: contact.id, did, state })
    print(`For ${nameOf(contact)} we are ${shorten(did)} from now on`)
    print(state === 'told' ? 'They were told.' : 'They were not reached yet: they are told by the next command, or by `sealpost listen`.')
  })
}
