/**
 * Which identifiers name one subject, as far as DID methods define it: did:peer:4 has a long and a short form, did:peer:2 has its
 * did:peer:3. All others are compared octet by octet. Nothing is resolved here.
 *
 * @see {@link https://identity.foundation/peer-did-method-spec/ | Peer DID Method}
 * @module
 */
import { primitives } from '#primitives'
import { boundedMap } from '../bounded-map.ts'
import { encodeBase58btc, encodeUtf8 } from '../bytes/index.ts'
import { type Did, type DidUrl, didOf } from './did.ts'

const longForm = /^did:peer:4z[1-9A-HJ-NP-Za-km-z]+(?=:)/
const numalgo2 = 'did:peer:2'

// The peers of a program are few, and each is looked up several times for a message.
const hashed = boundedMap<Did, Did>(1024)

/** The sha2-256 multihash of text, in base58btc with its `z`. */
export function multihashOf(text: string): string {
  const digest = primitives.sha256Sync(encodeUtf8(text))
  return `z${encodeBase58btc(Uint8Array.from([0x12, 0x20, ...digest]))}`
}

/**
 * The did:peer:3 of a did:peer:2: the hash of what follows its prefix.
 *
 * Exported from `sealpost/did`.
 */
export const peer3Of = (peer2: Did): Did => `did:peer:3${multihashOf(peer2.slice(numalgo2.length))}` as Did

/**
 * The one form of a DID by which its subject is remembered and compared: the short form of a did:peer:4, the did:peer:3 of a did:peer:2,
 * every other DID as it is (ADR-07, G-40).
 *
 * Exported from `sealpost/did`.
 *
 * @example
 * ```ts
 * import { canonicalDid } from 'sealpost/did'
 *
 * console.log(canonicalDid('did:example:alice')) // did:example:alice
 * ```
 */
export function canonicalDid(did: Did): Did {
  if (!did.startsWith(numalgo2)) return (longForm.exec(did)?.[0] ?? did) as Did
  let known = hashed.get(did)
  if (known === undefined) {
    known = peer3Of(did)
    hashed.set(did, known)
  }
  return known
}

/**
 * The one form of a kid by which a store remembers and finds its key, since peers write kids in either form of a did:peer (ADR-07).
 *
 * Exported from `sealpost/did`.
 */
export function canonicalKid(kid: DidUrl): DidUrl {
  const did = didOf(kid)
  return `${canonicalDid(did)}${kid.slice(did.length)}` as DidUrl
}

/**
 * Tells whether two DIDs name one subject (ADR-07): equal, or two forms of one did:peer.
 *
 * Exported from `sealpost/did`.
 */
export function sameSubject(a: Did, b: Did): boolean {
  if (a === b) return true
  // Hashing is for the one pair that needs it: two did:peer:2 that differ have different hashes.
  if (!a.startsWith('did:peer:') || !b.startsWith('did:peer:')) return false
  if (a.startsWith(numalgo2) && b.startsWith(numalgo2)) return false
  return canonicalDid(a) === canonicalDid(b)
}

/**
 * The fragments under which a key was known to old resolvers of its DID, beside the id that the method gives it now: those of did:peer:2
 * and did:peer:0 spelled the key, with or without the `z` (G-39).
 */
export function formerFragments(did: Did | DidUrl, multikey: string): readonly string[] {
  return did.startsWith(numalgo2) || did.startsWith('did:peer:0') ? [multikey, multikey.slice(1)] : []
}
