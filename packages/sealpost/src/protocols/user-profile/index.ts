/**
 * User Profile 1.0: what people show of themselves: a name, a picture, a few words.
 *
 * What a peer may know of our own profile, the host answers to the question `{ profile: 'own' }` with `{ profile }`, or with nothing.
 *
 * @see {@link https://didcomm.org/user-profile/1.0 | User Profile 1.0}
 * @module
 */
import { type At, type Command, command, type Protocol } from '../../machine/index.ts'
import { messages, piuri, problems } from './messages.ts'
import { type Receiver, receiver } from './receiver.ts'
import { type Sender, sender } from './sender.ts'

export { type KnownProfile, maxPictureBytes, type ProfileChanges } from './known-profile.ts'
export type { Profile, ProfileBody, RequestProfile } from './messages.ts'
export type { Receiver } from './receiver.ts'
export type { OwnProfile, Sender } from './sender.ts'

/** User Profile 1.0. A receiver lives for each peer, and knows the profile of that peer. */
export const userProfile: Protocol = { piuri, messages, problems, instance: 'peer', roles: { sender, receiver } }

/**
 * Tells a peer of our own profile: members that are absent stay as they were, `null` takes one back.
 *
 * @example
 * ```ts
 * import type { Host } from 'sealpost/machine'
 * import { requestProfile, sendProfile } from 'sealpost/protocols/user-profile'
 *
 * declare const agent: Host
 * await sendProfile(agent, 'did:web:bob.example', { profile: { displayName: 'Alice' }, sendBackYours: true })
 * const { profile } = await requestProfile(agent, 'did:web:bob.example', { timeoutSeconds: 60 })
 * console.log(profile.displayName ?? 'nameless')
 * ```
 */
export const sendProfile: Command<Sender, 'send'> = command(userProfile, sender, 'send', ['listening'])

/**
 * Asks a peer for its profile, and answers with what is known of it when it came, or after the timeout. Whatever comes at other times is
 * told as the event `profile`.
 */
export const requestProfile: Command<Receiver, 'request', At<Receiver['states'], 'listening'>> = command(userProfile, receiver, 'request', [
  'listening',
])
