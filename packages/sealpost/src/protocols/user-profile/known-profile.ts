/**
 * A profile as it is kept: words, and pictures as the attachments in which they came. Nothing is fetched: whoever follows a link tells
 * the owner of the link when and from where the profile was read.
 *
 * @module
 */
import { attachmentContent, findAttachment } from '../../message/attachment.ts'
import type { Attachment, Plaintext } from '../../message/plaintext.ts'
import { type Field, type ProfileBody, pictures, words } from './messages.ts'

/** What somebody says of themselves, which proves nothing. Make the words inert before they are shown. */
export type KnownProfile = {
  readonly displayName?: string
  readonly description?: string
  readonly preferredLanguage?: string
  readonly displayPicture?: Attachment
  readonly displayIcon?: Attachment
}

/** What to change about a profile: `null` takes a member back. */
export type ProfileChanges = { readonly [Member in keyof KnownProfile]?: KnownProfile[Member] | null }

/** The largest picture that is kept inline, in octets. */
export const maxPictureBytes = 262_144

/** What a profile is after a message, and the pictures that were too large to be kept. */
export function merged(
  known: KnownProfile,
  body: ProfileBody,
  message: Plaintext | undefined,
): { readonly profile: KnownProfile; readonly refused: readonly string[] } {
  const profile: Record<string, unknown> = { ...known }
  const refused: string[] = []
  for (const member of [...words, ...pictures]) {
    const value = body[member]
    if (value === undefined) continue
    if (value === null || value === '') delete profile[member]
    else if (isWord(member)) profile[member] = value
    else {
      const picture = message && findAttachment(message, value)
      if (picture === undefined) continue
      if (isSmall(picture)) profile[member] = picture
      else refused.push(member)
    }
  }
  return { profile: profile as KnownProfile, refused }
}

/** The body and attachments that tell of a profile, or of the members that were asked for. */
export function told(
  profile: ProfileChanges,
  asked?: readonly string[] | null,
): { readonly body: ProfileBody; readonly attachments: readonly Attachment[] } {
  const body: { [Member in Field]?: string | null } = {}
  const attachments: Attachment[] = []
  for (const member of [...words, ...pictures]) {
    const value = profile[member]
    if (value === undefined || (asked && !asked.includes(member))) continue
    if (value === null || typeof value === 'string') body[member] = value
    else {
      body[member] = `#${member}`
      attachments.push({ ...value, id: member })
    }
  }
  return { body, attachments }
}

const isWord = (member: Field): boolean => (words as readonly string[]).includes(member)

function isSmall(picture: Attachment): boolean {
  // Three octets are four characters: what is too long is not decoded first.
  if ((picture.data.base64?.length ?? 0) > (maxPictureBytes / 3) * 4 + 4) return false
  try {
    const content = attachmentContent(picture)
    return content.kind === 'bytes' ? content.bytes.length <= maxPictureBytes : content.kind === 'links'
  } catch {
    // What cannot be read is not kept.
    return false
  }
}
