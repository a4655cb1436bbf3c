/**
 * User Profile 1.0, the sender: it tells of itself, by its own decision or because it was asked.
 *
 * @module
 */
import { type Given, type Role, roleOf, type SendOptions, type Step } from '../../machine/index.ts'
import type { Attachment } from '../../message/plaintext.ts'
import { type KnownProfile, type ProfileChanges, told } from './known-profile.ts'
import type { Profile, RequestProfile } from './messages.ts'

export type Sender = {
  states: { readonly at: 'listening' }
  commands: { send: { readonly profile: ProfileChanges; readonly sendBackYours?: boolean } }
  receives: { 'request-profile': RequestProfile }
  sends: { profile: Profile }
  context: OwnProfile
  tasks: object
}

/** What the host lets this peer know of its own profile; undefined: nothing. */
export type OwnProfile = { readonly profile: KnownProfile } | undefined

type State = Sender['states']

const { onCommand, onMessage, send } = roleOf<Sender>()

export const sender: Role<Sender> = {
  name: 'sender',
  initial: { at: 'listening' },
  asks: (_, { kind }, peer) => (kind === 'message' && peer !== undefined ? { profile: 'own' } : undefined),
  transitions: [onCommand('listening', 'send', 'listening', tell), onMessage('listening', 'request-profile', 'listening', answer)],
}

function tell(state: State, { profile, sendBackYours }: Sender['commands']['send']): Step<State> {
  const { body, attachments } = told(profile)
  return [state, send('profile', { profile: body, ...(sendBackYours && { send_back_yours: true }) }, withPictures(attachments))]
}

// The answer is a thread of its own, whose parent is the request.
function answer(state: State, { query }: RequestProfile, { peer, context }: Given<OwnProfile>): Step<State> {
  if (peer === undefined || context === undefined) return [state]
  const { body, attachments } = told(context.profile, query)
  return [state, send('profile', { profile: body }, { ...withPictures(attachments), thread: 'child' })]
}

/** Attachments where there are some. */
export const withPictures = (attachments: readonly Attachment[]): SendOptions => (attachments.length > 0 ? { attachments } : {})
