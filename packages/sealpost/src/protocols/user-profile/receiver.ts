/**
 * User Profile 1.0, the receiver: it keeps what its peer tells of itself, asks for it, and answers with its own profile where that is
 * asked for.
 *
 * @module
 */
import { type At, emit, type Given, type Role, report, roleOf, type Step, startTimer, stopTimer } from '../../machine/index.ts'
import { type KnownProfile, maxPictureBytes, merged, told } from './known-profile.ts'
import type { Field, Profile, RequestProfile } from './messages.ts'
import { type OwnProfile, withPictures } from './sender.ts'

export type Receiver = {
  states: { readonly at: 'listening'; readonly profile: KnownProfile } | { readonly at: 'requesting'; readonly profile: KnownProfile }
  commands: { request: { readonly query?: readonly Field[]; readonly timeoutSeconds: number } }
  receives: { profile: Profile }
  sends: { profile: Profile; 'request-profile': RequestProfile }
  context: OwnProfile
  tasks: object
}

type State = Receiver['states']
type In<Place extends State['at']> = At<State, Place>

const { onCommand, onMessage, onTimer, send } = roleOf<Receiver>()

export const receiver: Role<Receiver> = {
  name: 'receiver',
  initial: { at: 'listening', profile: {} },
  asks: (_, { kind, with: body }, peer) =>
    kind === 'message' && peer !== undefined && 'send_back_yours' in body ? { profile: 'own' } : undefined,
  transitions: [
    onMessage('listening', 'profile', 'listening', learn),
    onCommand('listening', 'request', 'requesting', request),
    onCommand('requesting', 'request', 'requesting', request),
    onMessage('requesting', 'profile', 'listening', answered),
    onTimer('requesting', 'timeout', 'listening', ({ profile }) => [{ at: 'listening', profile }]),
  ],
}

function request({ profile }: State, { query, timeoutSeconds }: Receiver['commands']['request']): Step<In<'requesting'>> {
  return [
    { at: 'requesting', profile },
    send('request-profile', query ? { query } : {}, { thread: 'new' }),
    startTimer('timeout', timeoutSeconds),
  ]
}

// The answer to a request is a thread of its own, as each profile is: any that comes is the newest.
function answered(state: In<'requesting'>, body: Profile, given: Given<OwnProfile>): Step<In<'listening'>> {
  const [next, ...effects] = learn(state, body, given)
  return [next, stopTimer('timeout'), ...effects]
}

function learn({ profile: known }: State, body: Profile, { peer, context, message }: Given<OwnProfile>): Step<In<'listening'>> {
  const { profile, refused } = merged(known, body.profile, message)
  const effects = [
    emit('profile', { by: peer ?? null, profile }),
    ...refused.map((member) => report('w.m.msg.picture-not-kept', member, String(maxPictureBytes))),
  ]
  if (body.send_back_yours !== true || peer === undefined || context === undefined) return [{ at: 'listening', profile }, ...effects]
  const own = told(context.profile)
  // An answer never asks for a profile in return, or two that ask would go on for ever.
  const answer = send('profile', { profile: own.body }, { ...withPictures(own.attachments), thread: 'child' })
  return [{ at: 'listening', profile }, ...effects, answer]
}
