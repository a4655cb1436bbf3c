/**
 * Beginning a relationship out of band: an invitation is shown, somebody answers it.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#out-of-band-messages | v2.1, Out Of Band Messages}
 * @module
 */
import { type Did, didOf } from '../did/did.ts'
import type { NewEndpoint } from '../did/service.ts'
import { canonicalDid } from '../did/subject.ts'
import { unpack } from '../envelope/unpack.ts'
import { DidcommError } from '../errors.ts'
import { idKey } from '../message/identifier.ts'
import { invitationUrl, parseInvitationUrl } from '../message/invitation-url.ts'
import { checkInvitation, chooseInvitedMessage, createInvitation, type Invitation } from '../message/out-of-band.ts'
import type { Attachment, Plaintext } from '../message/plaintext.ts'
import { chooseProfile, profileV2 } from '../message/profiles.ts'
import { expects } from './arguments.ts'
import { type Core, nowSeconds } from './core.ts'
import { identityOf, keepIdentity, makeDid } from './identities.ts'
import type { Relationship } from './records.ts'
import { begin } from './relationships.ts'
import type { Proved } from './work.ts'

export type InviteOptions = {
  /** What it is for, for programs and for people (OOB-05). */
  readonly goalCode?: string
  readonly goal?: string
  /** Whether one or many may answer. One, where nothing is said. */
  readonly uses?: 'once' | 'many'
  readonly expiresInSeconds?: number
  /** First messages to choose one from (OOB-06): plaintext messages in attachments. */
  readonly attachments?: readonly Attachment[]
  /** A public DID of ours to be answered to; a fresh one where nothing is said. */
  readonly from?: Did
  /** A name for who will answer. */
  readonly label?: string
  /** The page that a URL of the invitation leads to, such as `https://example.com/invitation` (OOB-09). */
  readonly url?: string
}

export type Invite = {
  readonly invitation: Invitation /** For a link or a QR code (OOB-10); where a page was given. */
  readonly url?: string
}

export type AcceptOptions = {
  readonly label?: string
  /** Where the DID is reached that is made for it, instead of by the routes of the agent: none for a peer that answers over connections of ours. */
  readonly endpoints?: readonly NewEndpoint[]
  /** Takes the first of the attached messages that is understood as if it had been received (OOB-06). Only where a person or a policy said so. */
  readonly begin?: boolean
}

/** How a relationship with a public DID begins: `endpoints` as in {@link AcceptOptions}. */
export type ConnectOptions = Pick<AcceptOptions, 'label' | 'endpoints'> & { readonly from?: Did }

/** Makes an invitation, and stores it before anybody sees it. */
export async function invite(core: Core, options: InviteOptions): Promise<Invite> {
  const { goalCode, goal, uses = 'once', expiresInSeconds, attachments, from, label, url } = options
  const id = core.random.id()
  const did = from ?? (await makeDid(core))
  const invitation = createInvitation({
    id,
    from: did,
    accept: [profileV2],
    ...(goalCode !== undefined && { goalCode }),
    ...(goal !== undefined && { goal }),
    ...(attachments !== undefined && { attachments }),
    ...(expiresInSeconds !== undefined && { expiresTime: nowSeconds(core) + Math.ceil(expiresInSeconds) }),
  })
  const unit = core.journal.begin()
  if (from === undefined) keepIdentity(core, unit, { did, invitation: id })
  else if ((await identityOf(unit, from)) === undefined)
    throw new DidcommError('ERR_USAGE_ARGUMENT', `expected \`from\` to be a DID of this agent, found ${from}`, { rule: 'OOB-04' })
  unit.put('invitations', idKey(id), { message: invitation, uses, used: 0, ...(label !== undefined && { label }) })
  await core.journal.commit(unit)
  return { invitation, ...(url !== undefined && { url: invitationUrl(url, invitation) }) }
}

/** Takes an invitation back: nobody can answer it any more. */
export async function withdraw(core: Core, id: string): Promise<void> {
  expects(typeof id === 'string', 'the id of an invitation')
  const unit = core.journal.begin()
  unit.put('invitations', idKey(id), undefined)
  await core.journal.commit(unit)
}

/**
 * Accepts an invitation: a relationship with a DID of our own for it. Whoever accepts the same one again has the same relationship.
 *
 * @throws {DidcommError} `ERR_MALFORMED_INVITATION`, `ERR_TRUST_POLICY` where it has expired, `ERR_UNSUPPORTED_PROFILE` where it takes no
 * profile that we speak (O10).
 */
export async function accept(
  core: Core,
  given: string | Invitation,
  { label, endpoints, begin: beginWith = false }: AcceptOptions,
  handle: (relationship: Relationship, proved: Proved) => Promise<void>,
): Promise<Relationship> {
  const invitation = await invitationIn(core, given)
  if (invitation.expires_time !== undefined && invitation.expires_time < nowSeconds(core))
    throw new DidcommError('ERR_TRUST_POLICY', 'the invitation has expired: ask for a new one', { rule: 'HDR-18' })
  chooseProfile(invitation.body?.accept)
  const theirs = didOf(invitation.from as Did)
  return core.exclusive(`accept ${canonicalDid(theirs)}`, async () => {
    // The same id with another DID is another invitation.
    const row = `${idKey(invitation.id)} ${canonicalDid(theirs)}`
    const accepted = await core.journal.get('accepted', row)
    const known = accepted && (await core.journal.get('relationships', accepted.relationship))
    if (known !== undefined && known.state === 'active') return known
    // PSI-03: one DID for one relationship.
    const ours = await makeDid(core, endpoints)
    const unit = core.journal.begin()
    const relationship = begin(core, unit, {
      ours,
      theirs,
      invitation: { id: invitation.id, role: 'invitee' },
      ...(label !== undefined && { label }),
    })
    keepIdentity(core, unit, { did: ours, relationship: relationship.id })
    unit.put('accepted', row, { relationship: relationship.id })
    await core.journal.commit(unit)
    const first = beginWith ? chooseInvitedMessage(invitation, (type) => core.registry.find(type) !== undefined) : undefined
    if (first !== undefined) await handle(relationship, { message: asReceived(first.message, invitation), peer: theirs, signed: false })
    return relationship
  })
}

/** An attached message may lack who it is from, and says which invitation it came with (OOB-17). */
const asReceived = (message: Readonly<Record<string, unknown>>, invitation: Invitation): Plaintext =>
  ({ ...message, id: message['id'] ?? invitation.id, pthid: invitation.id, from: invitation.from }) as unknown as Plaintext

/** The invitation itself: out of a URL, and verified where it is signed (OOB-16). */
async function invitationIn(core: Core, given: string | Invitation): Promise<Invitation> {
  if (typeof given !== 'string') return checkInvitation(given)
  const found = parseInvitationUrl(given)
  if (found.form === 'plain') return found.invitation
  if (found.form === 'short')
    throw new DidcommError(
      'ERR_MALFORMED_INVITATION',
      'expected the invitation in the URL, found a short URL: fetch it first, by `fetchInvitation`',
      {
        rule: 'OOB-11',
      },
    )
  const { message } = await unpack(found.jws, {
    keys: core.keys.keys,
    resolver: core.resolver,
    policy: { wrappings: ['signed'], nowSeconds: () => nowSeconds(core) },
  })
  return checkInvitation(message)
}
