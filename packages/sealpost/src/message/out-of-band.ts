/**
 * Out-of-band invitations: what they hold, and which of their messages to act on. An invitation is public and proves nothing: whoever
 * sees it can answer it, and nothing in it may act without the user's consent.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#out-of-band-messages | v2.1, Out Of Band Messages}
 * @module
 */
import { DidcommError, isDidcommError } from '../errors.ts'
import { attachedMessage } from './attachment.ts'
import { checkPlaintext } from './check.ts'
import { sameId } from './identifier.ts'
import { mediaTypes } from './media-types.ts'
import type { Attachment, Plaintext } from './plaintext.ts'
import { matchesType } from './type-uri.ts'
import { kindOf, quote } from './wording.ts'

/** The type of invitations. */
export const invitationType = 'https://didcomm.org/out-of-band/2.0/invitation'

/** An invitation: a plaintext message with the DID of the inviter (OOB-04). */
export type Invitation = Plaintext & {
  readonly from: string
  readonly body?: {
    readonly goal_code?: string
    /** A stranger's words: show them by `inertText`, beside the DID. */
    readonly goal?: string
    /** Profiles, most preferred first. */
    readonly accept?: readonly string[]
    readonly [member: string]: unknown
  }
}

/** What goes into an invitation. Nothing of it is private (OOB-01, OOB-02). */
export type InvitationContent = {
  /** A fresh id: answers carry it as `pthid` (OOB-03). */
  readonly id: string
  /** The DID to answer to. Whoever needs privacy rotates it on the connection that follows. */
  readonly from: string
  readonly goalCode?: string
  readonly goal?: string
  readonly accept?: readonly string[]
  /** First messages to choose one from, the best first (OOB-06, OOB-19). */
  readonly attachments?: readonly Attachment[]
  /** UTC epoch seconds. */
  readonly expiresTime?: number
}

const maxGoalLength = 65_536
const maxProfiles = 256

/**
 * Makes an invitation.
 *
 * @throws {DidcommError} `ERR_MALFORMED_INVITATION` where what it is made of breaks the specification.
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#invitation | v2.1, Invitation}
 * @example
 * ```ts
 * import { createInvitation, invitationUrl } from 'sealpost/message'
 *
 * const invitation = createInvitation({ id: '69212a3a-d068-4f9d-a2dd-4741bca89af3', from: 'did:example:alice', goal: 'To talk' })
 * console.log(invitationUrl('https://example.com/path', invitation))
 * ```
 */
export function createInvitation(content: InvitationContent): Invitation {
  const { id, from, goalCode, goal, accept, attachments, expiresTime } = content
  return checkInvitation({
    type: invitationType,
    // MED-04: it travels bare, so that nothing else says what it is.
    typ: mediaTypes.plaintext,
    id,
    from,
    ...(expiresTime === undefined ? {} : { expires_time: expiresTime }),
    body: {
      ...(goalCode === undefined ? {} : { goal_code: goalCode }),
      ...(goal === undefined ? {} : { goal }),
      ...(accept === undefined ? {} : { accept }),
    },
    ...(attachments === undefined ? {} : { attachments }),
  })
}

/**
 * Checks that a value is an invitation (OOB-04, OOB-16). A goal code that nobody knows is no error. A `goal_code`, `goal` or `accept` that
 * is null is left out.
 *
 * @throws {DidcommError} `ERR_MALFORMED_INVITATION`; `ERR_MALFORMED_LIMIT`.
 */
export function checkInvitation(value: unknown): Invitation {
  const message = checkMessage(value)
  if (message.type !== invitationType && !matchesType(message.type, invitationType)) {
    throw malformed('OOB-04', `expected a message of type ${invitationType}, found ${quote(message.type)}`)
  }
  if (message.from === undefined) throw malformed('OOB-04', 'expected `from` in an invitation, found none: nobody could answer it')
  const body = withoutNulls(message.body)
  const { goal_code: goalCode, goal, accept } = body ?? {}
  for (const [name, text] of [['goal_code', goalCode] as const, ['goal', goal] as const]) {
    if (text === undefined || (typeof text === 'string' && text.length <= maxGoalLength)) continue
    throw malformed('OOB-05', `expected \`${name}\` to be a text of at most ${maxGoalLength} characters, found ${kindOf(text)}`)
  }
  if (accept !== undefined && (!Array.isArray(accept) || accept.length > maxProfiles || !accept.every((id) => typeof id === 'string'))) {
    throw malformed('OOB-05', `expected \`accept\` to be an array of profiles, found ${kindOf(accept)}`)
  }
  return (body === message.body ? message : { ...message, body }) as Invitation
}

/** OOB-05: some inviters write null where they have none. */
function withoutNulls(body: Plaintext['body']): Plaintext['body'] {
  if (body === undefined || ['goal_code', 'goal', 'accept'].every((name) => body[name] !== null)) return body
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => value !== null || !['goal_code', 'goal', 'accept'].includes(name)),
  )
}

/**
 * Chooses the message of an invitation to act on: the first that we understand (OOB-06). It may lack `from` and `to` (OOB-17). It is a
 * proposal to whoever decides, never carried out as if its sender were known (O06).
 *
 * @param understands - whether we can act on a message of this type
 */
export function chooseInvitedMessage(
  invitation: Invitation,
  understands: (type: string) => boolean,
): { readonly attachment: Attachment; readonly message: Readonly<Record<string, unknown>> } | undefined {
  for (const attachment of invitation.attachments ?? []) {
    const message = messageOf(attachment)
    if (typeof message?.type === 'string' && understands(message.type)) return { attachment, message }
  }
  return undefined
}

/**
 * Tells whether a message answers an invitation: its `pthid` is the invitation's `id` (OOB-03). Several may, each with a thread of its
 * own (OOB-18); whether a second one is welcome is for policy to say (O07).
 */
export const answersInvitation = ({ pthid }: Pick<Plaintext, 'pthid'>, invitation: Pick<Plaintext, 'id'>): boolean =>
  pthid !== undefined && sameId(pthid, invitation.id)

const malformed = (rule: string | undefined, message: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_INVITATION', message, { rule, cause })

function checkMessage(value: unknown): Plaintext {
  try {
    return checkPlaintext(value)
  } catch (error) {
    if (!isDidcommError(error, 'ERR_MALFORMED_MESSAGE', 'ERR_MALFORMED_ATTACHMENT')) throw error
    throw malformed(error.rule, `an invitation is a plaintext message: ${error.message}`, error)
  }
}

function messageOf(attachment: Attachment): Record<string, unknown> | undefined {
  try {
    return attachedMessage(attachment)
  } catch (error) {
    // The messages are alternatives: one that cannot be read does not spoil the others.
    if (isDidcommError(error)) return undefined
    throw error
  }
}
