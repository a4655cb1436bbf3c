/**
 * Looking up the keys of DIDs: for one message, each DID is resolved once, so that all checks see the same document (K16), and at most
 * as often as the budget allows (SEC-27).
 *
 * @module
 */
import { type Did, type DidUrl, didOf, parseDidUrl } from '../did/did.ts'
import { keyOf, keysOf, type MethodKey, type Relationship } from '../did/document.ts'
import type { Keys } from '../did/keys.ts'
import { documentOf, resolutionBudget } from '../did/resolution.ts'
import type { DidDocument, Resolver } from '../did/resolver.ts'
import { DidcommError } from '../errors.ts'
import type { Later } from '../jose/primitives/primitives.ts'

/** Whoever knows public keys: the key of a kid, if its DID lists it for this use. */
export type PublicKeys = (kid: DidUrl, relationship: Relationship) => Later<MethodKey | undefined>

/** Resolves for one message. */
export type Lookup = { readonly document: (did: Did) => Promise<DidDocument>; readonly publicKeys: PublicKeys }

export function lookupOf(resolver: Resolver, maxResolutions: number): Lookup {
  const budget = resolutionBudget(maxResolutions)
  const document = (did: Did): Promise<DidDocument> => documentOf(resolver, did, budget)
  return {
    document,
    async publicKeys(kid, relationship) {
      const did = didOf(kid)
      const key = keyOf(await document(did), relationship, kid)
      // K13: the peer may have new keys that our cache does not know.
      return key ?? keyOf(await documentOf(resolver, did, budget, { fresh: true }), relationship, kid)
    },
  }
}

/**
 * Our own keys for a use: those that the document of the DID lists and the keys port holds; of a DID URL with fragment, that one alone.
 *
 * @throws {DidcommError} `ERR_USAGE_NO_KEY` where none is held.
 */
export async function ownKeys(
  url: Did | DidUrl,
  relationship: Relationship,
  keys: Keys,
  { document }: Lookup,
): Promise<readonly MethodKey[]> {
  const { did, fragment } = parseDidUrl(url)
  const own = await document(did)
  const listed =
    fragment === undefined ? keysOf(own, relationship) : [keyOf(own, relationship, url as DidUrl)].filter((key) => key !== undefined)
  const held = await keys.held(listed.map(({ kid }) => kid))
  if (held.length === listed.length && held.length > 0) return listed
  if (held.length > 0) return listed.filter(({ kid }) => held.includes(kid))
  const fragments = listed.map(({ kid }) => kid.slice(kid.indexOf('#'))).join(', ')
  const found =
    fragments === '' ? 'none listed' : `${fragments} listed and none held: the \`kid\` of a held key is the DID and one of these`
  throw new DidcommError('ERR_USAGE_NO_KEY', `expected a held key of ${url} that its document lists for ${relationship}, found ${found}`, {
    rule: relationship === 'keyAgreement' ? 'HDR-11' : 'SIG-04',
  })
}
