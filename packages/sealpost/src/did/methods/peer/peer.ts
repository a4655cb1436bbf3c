/**
 * did:peer: DIDs that are known to their peers alone, and carry their documents themselves. The forms that are hashes need what they are
 * hashes of: the method remembers the long forms that it saw. The regular expression of the specification is not used: it lacks numalgo 3
 * and 4 (G-42).
 *
 * @see {@link https://identity.foundation/peer-did-method-spec/ | Peer DID Method}
 * @module
 */
import { isObject, parseJson } from '../../../bytes/index.ts'
import { DidcommError } from '../../../errors.ts'
import type { Later } from '../../../jose/primitives/primitives.ts'
import { lruMap } from '../../cache.ts'
import { type Did, isDid } from '../../did.ts'
import { checkDocument } from '../../document.ts'
import { documentOfKey } from '../../key-document.ts'
import type { DidDocument, DidMethod } from '../../resolver.ts'
import { answer } from '../../result.ts'
import { canonicalDid, multihashOf } from '../../subject.ts'
import { resolveNumalgo2 } from './numalgo2.ts'
import { formOf, resolveLongForm } from './numalgo4.ts'

/**
 * PORT: the long forms that were seen, by their short forms: the did:peer:4 by its hash, the did:peer:2 by its did:peer:3. An agent that
 * outlives its process keeps them (G-40): peers go on with the short form alone.
 */
export type LongForms = {
  get(shortForm: Did): Later<Did | undefined>
  /** @param told - the application remembered it by itself: what strangers make us resolve must not push it out */
  set(shortForm: Did, longForm: Did, told: boolean): Later<void>
}

export type PeerOptions = {
  /** Where long forms are kept; by default in memory, as {@link memoryLongForms} does. */
  readonly longForms?: LongForms
  /** Documents of did:peer:1, by DID: the genesis document as text, to be checked against the DID, or a document that is trusted as it is. */
  readonly genesis?: ReadonlyMap<string, string | DidDocument>
}

/** The method, which can be told of long forms before it is asked for short ones. */
export type PeerMethod = DidMethod & {
  /**
   * Keeps a did:peer:2 or the long form of a did:peer:4, which is checked first. What was merely resolved never pushes it out. Throws
   * `ERR_MALFORMED_DID`.
   */
  remember(longForm: Did): Promise<void>
}

/**
 * The did:peer method, numalgo 0 to 4.
 *
 * did:peer:3, and did:peer:4 in its short form, resolve where the long form was seen, by this method or by {@link LongForms}; else they are
 * `notFound` (K08).
 *
 * Exported from `sealpost/did`.
 *
 * @example
 * ```ts
 * import { createResolver, peer } from 'sealpost/did'
 *
 * const resolver = createResolver([peer()])
 * ```
 */
export function peer({ longForms = memoryLongForms(), genesis = new Map() }: PeerOptions = {}): PeerMethod {
  async function resolve(did: Did, told: boolean): Promise<DidDocument> {
    if (!isDid(did)) throw malformed(did)
    switch (did.slice(0, 10)) {
      case 'did:peer:0':
        return documentOfKey(did, did.slice(10))
      case 'did:peer:1':
        return resolveGenesis(did, genesis)
      case 'did:peer:2':
        return remembered(did, resolveNumalgo2(did), told)
      case 'did:peer:3':
        return resolveNumalgo3(did)
      case 'did:peer:4':
        return formOf(did).encoded === undefined ? resolveLongForm(await longFormOf(did), did) : remembered(did, resolveLongForm(did), told)
      default:
        throw malformed(did)
    }
  }

  async function remembered(did: Did, document: DidDocument, told: boolean): Promise<DidDocument> {
    await longForms.set(canonicalDid(did), did, told)
    return document
  }

  async function resolveNumalgo3(did: Did): Promise<DidDocument> {
    if (!/^did:peer:3zQm[1-9A-HJ-NP-Za-km-z]{44}$/.test(did)) throw malformed(did)
    const longForm = await longFormOf(did)
    const { verificationMethod, ...document } = resolveNumalgo2(longForm)
    const methods = (verificationMethod as readonly object[]).map((method) => ({ ...method, controller: did }))
    return { ...document, verificationMethod: methods, id: did, alsoKnownAs: [longForm] }
  }

  /** What a store says is checked: a long form stands for no other short form than its own. */
  async function longFormOf(shortForm: Did): Promise<Did> {
    const longForm = await longForms.get(shortForm)
    if (longForm !== undefined && canonicalDid(longForm) === shortForm) return longForm
    throw new DidcommError(
      'ERR_DID_NOT_FOUND',
      'expected a short form of did:peer whose long form was seen, found one that was not: first contact needs the long form',
      { rule: 'G-40' },
    )
  }

  return {
    method: 'peer',
    immutable: true,
    resolve: (did) => answer(() => resolve(did, false)),
    remember: async (longForm) => {
      await resolve(longForm, true)
    },
  }
}

/**
 * Keeps long forms in memory: of those that were resolved the 10,000 that were used last, 16 MiB at most, and as many of those that the
 * application remembered, so that strangers cannot push out friends (SEC-44).
 *
 * Exported from `sealpost/did`.
 */
export function memoryLongForms({
  maxEntries = 10_000,
  maxBytes = 16_777_216,
}: {
  maxEntries?: number
  maxBytes?: number
} = {}): LongForms {
  const map = () => lruMap<Did, Did>(maxEntries, maxBytes, (longForm, shortForm) => longForm.length + shortForm.length)
  const [friends, strangers] = [map(), map()]
  return {
    get: (shortForm) => friends.get(shortForm) ?? strangers.get(shortForm),
    set: (shortForm, longForm, told) => (told ? friends : strangers).set(shortForm, longForm),
  }
}

/** did:peer:1: a DID is the hash of the document that it began with, which only its peers have. */
function resolveGenesis(did: Did, genesis: ReadonlyMap<string, string | DidDocument>): DidDocument {
  if (!/^did:peer:1z[1-9A-HJ-NP-Za-km-z]{46,47}$/.test(did)) throw malformed(did)
  const pinned = genesis.get(did)
  if (pinned === undefined)
    throw new DidcommError('ERR_DID_NOT_FOUND', 'expected a did:peer:1 whose document is held, found one that is not')
  if (typeof pinned !== 'string') return checkDocument(pinned, did)
  if (multihashOf(pinned) !== did.slice(10))
    throw new DidcommError('ERR_MALFORMED_DID_DOCUMENT', 'expected the genesis document of the did:peer:1, found one with another hash')
  const document = parseJson(pinned)
  return checkDocument(isObject(document) ? { ...document, id: did } : document, did)
}

const malformed = (did: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_DID', `expected a did:peer of numalgo 0 to 4, found ${JSON.stringify(String(did).slice(0, 40))}`)
