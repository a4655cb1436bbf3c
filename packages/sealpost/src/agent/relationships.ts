/**
 * Relationships: our DIDs and theirs, kept over rotations of both sides.
 *
 * A peer is found by the DID of ours that it wrote to: a DID made for one relationship takes messages of that peer alone.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#did-rotation | v2.1, DID Rotation}
 * @module
 */
import { type Did, didOf } from '../did/did.ts'
import { canonicalDid, sameSubject } from '../did/subject.ts'
import type { Proof } from '../envelope/proof.ts'
import { DidcommError } from '../errors.ts'
import { expects } from './arguments.ts'
import type { Core } from './core.ts'
import { identityOf } from './identities.ts'
import type { Journal, Unit } from './journal.ts'
import type { PeerRef } from './ports.ts'
import type { Relationship } from './records.ts'

const pairRow = (ours: Did | typeof anyOfOurs, theirs: Did): string =>
  `${ours === anyOfOurs ? ours : canonicalDid(ours)} ${canonicalDid(theirs)}`
// The relationship with a peer that was begun last, whatever DID of ours it has.
const anyOfOurs = '*'

/** Whose message it is: of a relationship, by its current DID or by one that it left; or of somebody who is not known. */
export type Found =
  | { readonly relationship: Relationship; readonly by: 'current' | 'retired' }
  | { readonly relationship?: never; readonly by: 'stranger' | 'intruder' }

/** The relationship between a DID of ours and one of theirs. `intruder`: a DID of ours that is for somebody else. */
export async function find(journal: Pick<Journal, 'get'>, ours: Did, theirs: Did): Promise<Found> {
  const identity = await identityOf(journal, ours)
  const id = identity?.relationship ?? (await journal.get('pairs', pairRow(ours, theirs)))?.relationship
  const relationship = id === undefined ? undefined : await journal.get('relationships', id)
  if (relationship === undefined) return { by: 'stranger' }
  if (sameSubject(relationship.theirs.did, theirs)) return { relationship, by: 'current' }
  if (relationship.theirs.retired.some((did) => sameSubject(did, theirs))) return { relationship, by: 'retired' }
  return { by: 'intruder' }
}

/** The relationship that is meant: by its id, or by any DID of the peer. */
export async function relationshipOf(journal: Pick<Journal, 'get'>, peer: PeerRef): Promise<Relationship | undefined> {
  expects(typeof peer === 'string', 'a DID, or the id of a relationship')
  const id = peer.startsWith('did:') ? (await journal.get('pairs', pairRow(anyOfOurs, didOf(peer as Did))))?.relationship : peer
  return id === undefined ? undefined : journal.get('relationships', id)
}

/** The invitation that whatever begins a thread names, until the peer was heard (OOB-03): by it the peer knows us. */
export const invitationToName = ({ invitation, theirs }: Relationship): string | undefined =>
  invitation?.role === 'invitee' && theirs.pinned === undefined ? invitation.id : undefined

/** Begins a relationship. `via`: a DID of ours that others write to as well. `after`: the one with the same DID that ended. */
export function begin(
  core: Core,
  unit: Unit,
  {
    ours,
    theirs,
    via,
    ...rest
  }: { ours: Did; theirs: Did; via?: boolean; wantsOwn?: boolean; after?: Relationship | undefined } & Pick<
    Relationship,
    'invitation' | 'label'
  >,
): Relationship {
  const { wantsOwn, after, ...more } = rest
  const relationship: Relationship = {
    id: core.random.id(),
    state: 'active',
    createdAt: core.clock.epochMilliseconds(),
    ours: { did: ours, retired: [], ...(via && { via: ours }), ...(wantsOwn && { wantsOwn: true as const }) },
    theirs: { did: theirs, retired: [], ...(after?.theirs.rotatedAt !== undefined && { rotatedAt: after.theirs.rotatedAt }) },
    ...(more.invitation !== undefined && { invitation: more.invitation }),
    ...(more.label !== undefined && { label: more.label }),
  }
  unit.put('relationships', relationship.id, relationship)
  unit.put('pairs', pairRow(anyOfOurs, theirs), { relationship: relationship.id })
  if (via) unit.put('pairs', pairRow(ours, theirs), { relationship: relationship.id })
  core.events.add(unit, {
    name: 'connected',
    relationship: relationship.id,
    peer: theirs,
    detail: relationship.invitation ? { invitation: relationship.invitation.id } : {},
  })
  return relationship
}

const refused = (message: string, rule: string): DidcommError => new DidcommError('ERR_TRUST_ROTATION', message, { rule })

/**
 * Takes a rotation that the envelope proved (ROT-07): the relationship goes on with the new DID, or ends where there is none (ROT-18).
 *
 * @throws {DidcommError} `ERR_TRUST_ROTATION` where it is old (R04), leads back (R06), or to the DID of another relationship (R07).
 */
export async function rotate(
  core: Core,
  unit: Unit,
  relationship: Relationship,
  { prior, next, issuedAt }: NonNullable<Proof['rotation']>,
): Promise<Relationship> {
  const { theirs, ours } = relationship
  // R10: a rotation is repeated until it is answered.
  if (next !== undefined && sameSubject(next, theirs.did)) return relationship
  if (!sameSubject(prior, theirs.did))
    throw refused(`expected a rotation of ${theirs.did}, found one of a DID that was left before`, 'ROT-16')
  // ROT-21: two in one second are told by what they leave; of a DID that they met with again, a farewell could be one that was said before.
  const last = theirs.rotatedAt ?? -1
  const isRepeated = next === undefined && issuedAt === last && theirs.retired.length === 0
  if (issuedAt < last || isRepeated) throw refused('expected a rotation newer than the last one', 'ROT-21')
  if (next === undefined) return end(core, unit, { ...relationship, theirs: { ...theirs, rotatedAt: issuedAt } }, 'peer')
  if (theirs.retired.some((did) => sameSubject(did, next)))
    throw refused('expected a rotation to a new DID, found one back to a DID that was left', 'ROT-16')
  const other = await find(unit, ours.via ?? ours.did, next)
  if (other.relationship !== undefined && other.relationship.id !== relationship.id)
    throw refused('expected a rotation to a new DID, found one to the DID of another relationship', 'ROT-16')
  const rotated: Relationship = {
    ...relationship,
    theirs: { did: next, retired: [...theirs.retired, theirs.did].slice(-16), rotatedAt: issuedAt },
  }
  unit.put('relationships', relationship.id, rotated)
  unit.put('pairs', pairRow(anyOfOurs, next), { relationship: relationship.id })
  if (ours.via !== undefined) unit.put('pairs', pairRow(ours.via, next), { relationship: relationship.id })
  core.events.add(unit, { name: 'rotated', relationship: relationship.id, peer: next, detail: { prior: theirs.did, by: 'peer' } })
  return rotated
}

/** Ends a relationship: nothing is taken from the peer any more, and nothing sent to it. */
export function end(core: Core, unit: Unit, relationship: Relationship, by: 'peer' | 'us'): Relationship {
  const ended: Relationship = { ...relationship, state: 'ended' }
  unit.put('relationships', relationship.id, ended)
  core.events.add(unit, { name: 'ended', relationship: relationship.id, peer: relationship.theirs.did, detail: { by } })
  return ended
}

/** Writes what is new of a relationship, where anything is. */
export function update(unit: Unit, relationship: Relationship, change: Partial<Relationship>): Relationship {
  const updated = { ...relationship, ...change }
  unit.put('relationships', relationship.id, updated)
  return updated
}

/** All relationships, in pages, oldest id first. */
export async function* relationships(journal: Journal): AsyncGenerator<Relationship> {
  for (let after: string | undefined; ; ) {
    const page = await journal.list({ table: 'relationships', limit: 200, ...(after !== undefined && { after }) })
    for (const { value } of page) yield value
    if (page.length < 200) return
    after = page.at(-1)?.key
  }
}
