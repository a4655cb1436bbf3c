/**
 * Whose message it is: a peer that is known, somebody who answers an invitation or writes to a public DID, or nobody that may.
 *
 * @module
 */
import { type Did, didOf } from '../did/did.ts'
import { canonicalDid, sameSubject } from '../did/subject.ts'
import type { Unpacked } from '../envelope/open.ts'
import { DidcommError } from '../errors.ts'
import { idKey, sameId } from '../message/identifier.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { type Core, nowSeconds } from './core.ts'
import { identityOf } from './identities.ts'
import type { Unit } from './journal.ts'
import type { Relationship } from './records.ts'
import { begin, find } from './relationships.ts'

/**
 * The relationship that a message belongs to, by what its envelope proves. Undefined where the sender is not proved.
 *
 * @throws {DidcommError} `ERR_TRUST_POLICY` for strangers where they may not begin, and for anybody who writes to a DID that is for another.
 */
export async function whose(core: Core, { message, proof }: Unpacked, strangers: boolean): Promise<Relationship | undefined> {
  const { rotation } = proof
  // ROT-18: a DID that is left for none is the sender no more; what its key signed tells whose farewell it is.
  const theirs = proof.sender?.did ?? (rotation?.next === undefined ? rotation?.prior : undefined)
  if (theirs === undefined) return undefined
  const ours = proof.recipient?.did ?? (await ourDidIn(core, message))
  if (ours === undefined)
    throw new DidcommError('ERR_TRUST_NOT_FOR_US', 'expected `to` to name a DID of ours, found none', { rule: 'HDR-07' })
  if ((await identityOf(core.journal, theirs)) !== undefined)
    throw new DidcommError('ERR_TRUST_ADDRESSING', 'expected a message of somebody else, found one of our own that came back', {
      rule: 'ADR-04',
    })
  let found = await find(core.journal, ours, theirs)
  // ROT-06: the prior DID tells whose relationship it is.
  if (found.relationship === undefined && rotation !== undefined) found = await find(core.journal, ours, rotation.prior)
  if (found.relationship !== undefined) {
    if (found.relationship.state === 'ended') throw new DidcommError('ERR_TRUST_POLICY', 'the relationship has ended', { rule: 'ROT-18' })
    // ROT-08: MUST be ignored.
    const isOld = found.by === 'retired' && !(rotation !== undefined && sameSubject(rotation.prior, found.relationship.theirs.did))
    if (isOld)
      throw new DidcommError('ERR_TRUST_ROTATION', 'expected the DID that the peer rotated to, found one that it left', {
        rule: 'ROT-16',
      })
    return found.relationship
  }
  if (rotation !== undefined)
    throw new DidcommError('ERR_TRUST_ROTATION', 'expected a rotation of a peer of ours, found one of a DID that is none', {
      rule: 'ROT-20',
    })
  if (found.by === 'intruder')
    throw new DidcommError('ERR_TRUST_POLICY', 'expected the peer that this DID of ours is for, found another', { rule: 'THR-12' })
  return core.exclusive(`begin ${canonicalDid(didOf(ours))}`, () => meet(core, message, didOf(ours), theirs, strangers))
}

const ourDidIn = async (core: Core, { to = [] }: Plaintext): Promise<Did | undefined> => {
  for (const did of to) if ((await identityOf(core.journal, didOf(did as Did))) !== undefined) return didOf(did as Did)
  return undefined
}

/** The invitation that is answered: the one that the DID was made for, or one of a public DID that the message names. */
async function invitationFor(unit: Unit, ours: Did, { pthid }: Plaintext): Promise<string | undefined> {
  const own = (await identityOf(unit, ours))?.invitation
  if (own !== undefined || pthid === undefined) return own
  const named = await unit.get('invitations', idKey(pthid))
  return named !== undefined && sameSubject(named.message.from as Did, ours) ? named.message.id : undefined
}

/** Begins a relationship with somebody who is not known: by an invitation of ours, or by a public DID. */
async function meet(core: Core, message: Plaintext, ours: Did, theirs: Did, strangers: boolean): Promise<Relationship> {
  const again = await find(core.journal, ours, theirs)
  if (again.relationship !== undefined) return again.relationship
  const unit = core.journal.begin()
  const id = await invitationFor(unit, ours, message)
  if (id === undefined) {
    if (!strangers) throw new DidcommError('ERR_TRUST_POLICY', 'expected a peer that is known, found a stranger', { rule: 'OOB-16' })
    const relationship = begin(core, unit, { ours, theirs, via: true })
    await core.journal.commit(unit)
    return relationship
  }
  const invited = await unit.get('invitations', idKey(id))
  const closed = (why: string): DidcommError => new DidcommError('ERR_TRUST_POLICY', `the invitation ${why}`, { rule: 'OOB-18' })
  if (invited === undefined) throw closed('was withdrawn')
  if (invited.uses === 'once' && invited.used > 0) throw closed('was used before')
  if (invited.message.expires_time !== undefined && invited.message.expires_time < nowSeconds(core)) throw closed('has expired')
  // OOB-03: the answer names the invitation.
  if (message.pthid !== undefined && !sameId(message.pthid, id)) throw closed('that is named is another than the one that this DID is for')
  unit.put('invitations', idKey(id), { ...invited, used: invited.used + 1 })
  const relationship = begin(core, unit, {
    ours,
    theirs,
    via: true,
    // OOB-02: the DID of an invitation was shown to anybody. A public one stays.
    ...((await identityOf(unit, ours))?.invitation !== undefined && { wantsOwn: true }),
    invitation: { id, role: 'inviter' },
    ...(invited.label !== undefined && { label: invited.label }),
  })
  await core.journal.commit(unit)
  return relationship
}
