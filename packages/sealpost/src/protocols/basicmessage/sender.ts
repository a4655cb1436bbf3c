/**
 * Basic Message 2.0, the sender: it writes, and expects nothing.
 *
 * @module
 */
import { type Role, roleOf, type SendOptions, type Step } from '../../machine/index.ts'
import type { Attachment } from '../../message/plaintext.ts'
import type { BasicMessage } from './messages.ts'

/** What is written: words, the language they are in (a BCP 47 tag), and what goes with them. */
export type Writing = { readonly content: string; readonly lang?: string; readonly attachments?: readonly Attachment[] }

export type Sender = {
  states: { readonly at: 'ready' }
  commands: { send: Writing }
  receives: object
  sends: { message: BasicMessage }
  context: undefined
  tasks: object
}

const { onCommand, send } = roleOf<Sender>()

export const sender: Role<Sender> = {
  name: 'sender',
  initial: { at: 'ready' },
  transitions: [onCommand('ready', 'send', 'ready', write)],
}

function write(state: Sender['states'], { content, lang, attachments }: Writing): Step<Sender['states']> {
  const options: SendOptions = { ...(attachments && { attachments }), ...(lang && { headers: { lang } }) }
  return [state, send('message', { content }, options)]
}
