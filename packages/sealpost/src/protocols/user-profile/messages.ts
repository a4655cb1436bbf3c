/**
 * The messages of User Profile 1.0: `profile` and `request-profile`.
 *
 * @see {@link https://didcomm.org/user-profile/1.0 | User Profile 1.0}
 * @module
 */
import * as v from 'valibot'
import type { Messages } from '../../machine/index.ts'
import { list, maybe, text } from '../shapes.ts'

export const piuri = 'https://didcomm.org/user-profile/1.0'

/** The members that are words, and those that name an attachment, such as `#picture`. */
export const words = ['displayName', 'description', 'preferredLanguage'] as const
export const pictures = ['displayPicture', 'displayIcon'] as const

export type Field = (typeof words)[number] | (typeof pictures)[number]

/** What somebody says of themselves. A member that is absent is as it was; `null` or the empty text: it is taken back. */
export type ProfileBody = { readonly [Member in Field]?: string | null }

/** A profile. `send_back_yours` asks for one in return; what answers must not ask again. */
export type Profile = { readonly profile: ProfileBody; readonly send_back_yours?: boolean | null }

/** Asks for a profile: for some members of it, or for all. */
export type RequestProfile = { readonly query?: readonly string[] | null }

const profile = v.looseObject({
  displayName: maybe(text(1_000)),
  description: maybe(text(10_000)),
  preferredLanguage: maybe(text(100)),
  displayPicture: maybe(text(1_000)),
  displayIcon: maybe(text(1_000)),
})

export const messages: Messages<{ profile: Profile; 'request-profile': RequestProfile }> = {
  profile: { body: v.looseObject({ profile, send_back_yours: maybe(v.boolean()) }), protection: 'authenticated' },
  'request-profile': { body: v.looseObject({ query: maybe(list(text(100), 100)) }), protection: 'authenticated' },
}

export const problems = {
  'w.m.msg.picture-not-kept': 'The picture {1} is not kept: it cannot be read, or has more than {2} octets.',
} as const
