/**
 * What happened, in lines for people. Everything in it came from outside, and is made fit for a terminal.
 *
 * @module
 */
import type { AgentEvent } from 'sealpost/agent'
import { type Style, safe, shorten } from './output.ts'
import { moment } from './seconds.ts'

const basicMessage = 'https://didcomm.org/basicmessage/2.0'

/** Whether it is a text from a contact. */
export const isText = ({ name, protocol }: AgentEvent): boolean => name === 'message' && protocol === basicMessage

/**
 * An event as lines; undefined for what is of interest to programs alone.
 *
 * @param who - what the contact is called
 */
export function eventText(event: AgentEvent, who: string, style: Style): string | undefined {
  const { name, detail, at } = event
  const text = (member: string): string => shorten(safe(String(detail[member] ?? '')))
  const line = (what: string): string => `${style.dim(moment(at))}  ${what}`
  if (isText(event)) return line(`${style.bold(who)}: ${indented(safe(String(detail['content'])))}${attached(detail['attachments'])}`)
  switch (name) {
    case 'connected':
      return line(style.good(`${who} is a contact now`))
    case 'rotated':
      return line(detail['by'] === 'peer' ? `${who} has another DID now` : `we have another DID for ${who} now`)
    case 'ended':
      return line(detail['by'] === 'peer' ? style.warn(`${who} ended the relationship`) : `the relationship with ${who} is ended`)
    case 'keys-changed':
      return line(style.warn(`the keys of ${who} are others than before: ask them, if you did not expect it`))
    case 'acknowledged':
      return line(style.dim(`${who} acknowledged ${event.messageId ?? 'a message'}`))
    case 'expired':
    case 'failed':
      return line(style.bad(`not delivered to ${who}: ${text('message')} (${event.messageId ?? ''})`))
    case 'problem':
      return line(style.warn(`${who} reports a problem: ${text('text') || text('code')}`))
    case 'quarantined':
      return line(style.bad(`a message of ${who} could not be handled: ${text('reason')}`))
    case 'unsupported':
      return line(style.dim(`${who} sent what is not understood here`))
    default:
      return undefined
  }
}

/** The lines after the first stand under it, so that no text looks like an event of its own. */
const indented = (text: string): string => text.split('\n').join(`\n${' '.repeat(18)}`)

const attached = (attachments: unknown): string => {
  const count = Array.isArray(attachments) ? attachments.length : 0
  return count === 0 ? '' : `  (with ${count} ${count === 1 ? 'attachment' : 'attachments'}: --json shows more)`
}
