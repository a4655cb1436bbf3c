/**
 * The keys of peers, as they were seen last: where a DID document comes with others, the application hears of it.
 *
 * @module
 */
import { keysOf } from '../did/document.ts'
import { documentOf } from '../did/resolution.ts'
import type { DidDocument } from '../did/resolver.ts'
import type { Core } from './core.ts'
import type { Unit } from './journal.ts'
import type { Relationship } from './records.ts'
import { update } from './relationships.ts'

// A document that the resolver's cache gives again is hashed once.
const known = new WeakMap<DidDocument, string>()

/** Compares the keys of the peer's document with those seen last (SEC-28), and keeps the new ones. */
export async function pinned(core: Core, unit: Unit, relationship: Relationship): Promise<Relationship> {
  const { theirs } = relationship
  const document = await documentOf(core.resolver, theirs.did)
  const pin = pinOf(document)
  if (theirs.pinned === pin) return relationship
  if (theirs.pinned !== undefined)
    core.events.add(unit, {
      name: 'keys-changed',
      relationship: relationship.id,
      peer: theirs.did,
      detail: { before: theirs.pinned, now: pin },
    })
  return update(unit, relationship, { theirs: { ...theirs, pinned: pin } })
}

/** The keys of a document in one line: what a person could compare, and what changes where one of them does. */
function pinOf(document: DidDocument): string {
  const kept = known.get(document)
  if (kept !== undefined) return kept
  const keys = (['keyAgreement', 'authentication'] as const).flatMap((use) =>
    keysOf(document, use).map(({ jwk }) => `${use[0]}:${jwk.crv}:${jwk.x}`),
  )
  const pin = [...new Set(keys)].sort().join(' ')
  known.set(document, pin)
  return pin
}
