/**
 * `sealpost chat`: listens as `sealpost listen` does, and sends each line that is typed to one contact: one process has a profile, so that
 * both are one.
 *
 * @module
 */
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import type { Agent } from 'sealpost/agent'
import { textMessageType } from '../compose.ts'
import { contactOf, nameOf } from '../contact.ts'
import { printEvents } from '../events.ts'
import { ends } from '../outcome.ts'
import { note, warn } from '../output.ts'
import { type ProfileOptions, type WaitOptions, withProfile, withWait } from '../profile.ts'
import { withAgent } from '../profile-agent.ts'

export function addChat(program: Command): void {
  const command = program
    .command('chat')
    .description('talk with a contact: each line of stdin is sent, all that comes is printed; Ctrl-C, or the end of stdin, ends it')
    .argument('<contact>', 'a name, the beginning of an id, or a DID')
    .addHelpText('after', '\nExample:\n  sealpost chat Bob')
  withProfile(withWait(command, 5, 'for what was sent to arrive, once stdin has ended')).action(run)
}

async function run(named: string, options: ProfileOptions & WaitOptions): Promise<void> {
  const { json = false, wait } = options
  await withAgent(options, { listening: 'if-possible', goesOn: true }, async ({ agent, signal }) => {
    const contact = await contactOf(agent, named)
    const lines = createInterface({ input: process.stdin })
    const stop = new AbortController()
    const end = (): void => {
      stop.abort()
      lines.close()
    }
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
    const pending = deliveries(agent)
    const printing = printEvents(agent, { json, follow: true, signal: stop.signal, wanted: () => true })
    try {
      note(`What you type goes to ${nameOf(contact)}. Ctrl-C ends it.`)
      for await (const content of lines) {
        if (content.trim() === '') continue
        const id = randomUUID()
        pending.add(id)
        await agent.send(contact.id, { id, type: textMessageType, body: { content } })
      }
      if (!(await pending.settled(wait, signal)))
        warn('Not all of it has arrived: the rest goes out with the next command, or with `sealpost listen`.')
    } finally {
      end()
      await printing
    }
  })
}

type Deliveries = {
  add(id: string): void /** False where some have not come to an end in so many seconds. */
  settled(seconds: number, signal: AbortSignal): Promise<boolean>
}

/** Messages that are on their way. */
function deliveries(agent: Agent): Deliveries {
  const open = new Set<string>()
  let wake = (): void => {}
  agent.on('*', ({ name, messageId }) => {
    if (messageId !== undefined && ends.has(name) && open.delete(messageId) && open.size === 0) wake()
  })
  return {
    add: (id) => void open.add(id),
    settled: (seconds, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          resolve(open.size === 0)
        }
        const timer = setTimeout(done, seconds * 1000)
        wake = done
        signal.addEventListener('abort', done)
        if (open.size === 0 || signal.aborted) done()
      }),
  }
}
