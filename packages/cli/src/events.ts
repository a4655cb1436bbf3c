/**
 * Prints what happened, and what happens: each event once, whichever command printed it, and again only where a process ended in the middle.
 *
 * @module
 */
import type { Agent, AgentEvent } from 'sealpost/agent'
import { contactOf, nameOf } from './contact.ts'
import { eventText } from './event-text.ts'
import { print, printJson, style } from './output.ts'

/** The name under which the agent remembers what was printed. */
const consumer = 'inbox'

export type PrintOptions = {
  readonly json: boolean
  /** Goes on with what comes, until the signal. */
  readonly follow: boolean
  readonly signal: AbortSignal
  /** Which events are printed; the others are passed over. */
  readonly wanted: (event: AgentEvent) => boolean
  /** From the oldest on that is kept, and without remembering it. */
  readonly all?: boolean
}

/** Prints events, and returns how many it were. */
export async function printEvents(agent: Agent, { json, follow, signal, wanted, all = false }: PrintOptions): Promise<number> {
  let count = 0
  for await (const event of agent.events({ ...(all ? { after: '' } : { consumer }), follow, signal })) {
    if (!wanted(event)) continue
    if (await printEvent(agent, event, json)) count++
  }
  return count
}

/** Prints one event; false where people have no interest in it. */
export async function printEvent(agent: Agent, event: AgentEvent, json: boolean): Promise<boolean> {
  const contact = event.relationship === undefined ? undefined : await agent.contact(event.relationship)
  if (json) {
    const { cursor, name, at, ...rest } = event
    const who = contact?.label === undefined ? {} : { label: contact.label }
    printJson({ event: name, at: new Date(at).toISOString(), cursor, ...who, ...rest })
    return true
  }
  const text = eventText(event, contact === undefined ? 'somebody' : nameOf(contact), style())
  if (text !== undefined) print(text)
  return text !== undefined
}

/** Only what is of one contact, where one is named. */
export async function ofContact(agent: Agent, named: string | undefined): Promise<(event: AgentEvent) => boolean> {
  if (named === undefined) return () => true
  const { id } = await contactOf(agent, named)
  return ({ relationship }) => relationship === id
}
