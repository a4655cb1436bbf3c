/**
 * Rotation of our own DIDs: the new one, and the proof that it is the successor of the prior one.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#did-rotation | v2.1, DID Rotation}
 * @module
 */
import { canonicalDid } from '../did/subject.ts'
import { fromPrior } from '../envelope/from-prior.ts'
import { idKey } from '../message/identifier.ts'
import { type Core, nowSeconds } from './core.ts'
import { identityOf, keepIdentity, makeDid } from './identities.ts'
import type { Relationship } from './records.ts'

/**
 * Whether others know us by the DID by which this peer does: whoever is told with its key that it is left (ROT-18) could tell it to them, and
 * so end relationships that are not its own.
 */
export async function isShared({ journal }: Pick<Core, 'journal'>, { id, ours }: Relationship): Promise<boolean> {
  const identity = await identityOf(journal, ours.did)
  if (identity?.relationship === id) return false
  const invited = identity?.invitation === undefined ? undefined : await journal.get('invitations', idKey(identity.invitation))
  return invited?.uses !== 'once'
}

/** Makes a DID of our own for a relationship that began by another one, and the proof that it is its successor (ROT-01). */
export async function rotateOurs(core: Core, relationship: Relationship): Promise<Relationship> {
  const { ours } = relationship
  const did = await makeDid(core)
  const jwt = await fromPrior(
    { prior: ours.did, next: did, issuedAtSeconds: nowSeconds(core) },
    { keys: core.keys.keys, resolver: core.resolver },
  )
  const { durable, rotated } = await core.exclusive(relationship.id, async () => {
    const unit = core.journal.begin()
    const current = (await unit.get('relationships', relationship.id)) ?? relationship
    const { wantsOwn: _, ...kept } = current.ours
    const next: Relationship = {
      ...current,
      ours: { ...kept, did, retired: [...kept.retired, kept.did].slice(-16), rotation: { jwt, prior: kept.did } },
    }
    keepIdentity(core, unit, { did, relationship: relationship.id })
    const prior = await identityOf(unit, kept.did)
    // A DID that others write to stays in use.
    if (prior?.relationship !== undefined)
      unit.put('identities', canonicalDid(prior.did), { ...prior, retiredAt: core.clock.epochMilliseconds() })
    unit.put('relationships', relationship.id, next)
    core.events.add(unit, { name: 'rotated', relationship: relationship.id, peer: current.theirs.did, detail: { did, by: 'us' } })
    return { durable: core.journal.commit(unit), rotated: next }
  })
  await durable
  return rotated
}
