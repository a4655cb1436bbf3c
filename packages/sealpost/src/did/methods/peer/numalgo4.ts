/**
 * did:peer:4: the long form carries a document, the short form is its hash.
 *
 * @see {@link https://identity.foundation/peer-did-method-spec/#method-4-short-form-and-long-form | Peer DID Method, numalgo 4}
 * @module
 */
import {
  decodeMultibase,
  encodeMultibase,
  encodeUtf8,
  encodeVarint,
  isObject,
  multicodecs,
  parseJsonBytes,
  readVarint,
} from '../../../bytes/index.ts'
import { DidcommError } from '../../../errors.ts'
import type { Did } from '../../did.ts'
import { relationships } from '../../document.ts'
import type { DidDocument } from '../../resolver.ts'
import { multihashOf } from '../../subject.ts'
import { checkedLength, multikeyIn, type PeerKey, type PeerService, withUniqueIds } from './numalgo2.ts'

/** A new did:peer:4: first contact needs the long form, `did`; afterwards `shortForm` is enough. */
export type DidPeer4 = { readonly did: Did; readonly shortForm: Did; readonly document: DidDocument }

const syntax = /^did:peer:4(z[1-9A-HJ-NP-Za-km-z]+)(?::(z[1-9A-HJ-NP-Za-km-z]+))?$/

/**
 * Makes a did:peer:4, of a document without `id`, or of keys and services.
 *
 * Exported from `sealpost/did`.
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID_DOCUMENT` for a document with `id`, with methods and services whose ids are not relative, or
 * that breaks DID Core; `ERR_USAGE_ARGUMENT` where the long form would have more than 8,192 characters; `ERR_MALFORMED_KEY`.
 *
 * @example
 * ```ts
 * import { createDidPeer4, didCommService } from 'sealpost/did'
 *
 * const { did, shortForm } = createDidPeer4({
 *   keys: [{ purpose: 'keyAgreement', multibase: 'z6LSg8zQom395jKLrGiBNruB9MM6V8PWuf2FpEy4uRFiqQBR' }],
 *   services: [didCommService({ endpoints: [{ uri: 'https://example.com/didcomm' }] })],
 * })
 * console.log(did.startsWith(shortForm)) // true
 * ```
 */
export function createDidPeer4(
  input: { readonly document: Record<string, unknown> } | { readonly keys: readonly PeerKey[]; readonly services?: readonly PeerService[] },
): DidPeer4 {
  const document = 'document' in input ? input.document : documentOfKeys(input.keys, input.services ?? [])
  checkInput(document)
  const text = JSON.stringify(document)
  // The time of base58 grows with the square of the length, and it is longer than what it encodes.
  checkedLength(text)
  const encoded = encodeMultibase(Uint8Array.from([...encodeVarint(multicodecs.json), ...encodeUtf8(text)]), 'z')
  const shortForm = `did:peer:4${multihashOf(encoded)}` as Did
  const did = checkedLength(`${shortForm}:${encoded}`)
  return { did, shortForm, document: resolveLongForm(did) }
}

function documentOfKeys(keys: readonly PeerKey[], services: readonly PeerService[]): Record<string, unknown> {
  const verificationMethod = keys.map((key, i) => ({ id: `#key-${i + 1}`, type: 'Multikey', publicKeyMultibase: multikeyIn(key) }))
  const listed = relationships.map((name) => [name, keys.flatMap(({ purpose }, i) => (purpose === name ? [`#key-${i + 1}`] : []))] as const)
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    verificationMethod,
    ...Object.fromEntries(listed.filter(([, ids]) => ids.length > 0)),
    ...(services.length > 0 && { service: withUniqueIds(services) }),
  }
}

/** The DID is not known yet, so the document has no `id`, and what is in it is named relative to it. */
function checkInput(document: unknown): void {
  if (!isObject(document) || Object.keys(document).length === 0) throw malformedInput('none, or an empty one')
  if ('id' in document) throw malformedInput('`id`')
  const { alsoKnownAs, verificationMethod, service } = document
  if (alsoKnownAs !== undefined && !Array.isArray(alsoKnownAs)) throw malformedInput('`alsoKnownAs` that is no array')
  checkEntries('verificationMethod', verificationMethod, ['type'], false)
  for (const name of relationships) checkEntries(name, document[name], ['type'], true)
  checkEntries('service', service, ['type', 'serviceEndpoint'], false)
}

function checkEntries(name: string, entries: unknown, members: readonly string[], orReferences: boolean): void {
  if (entries === undefined) return
  if (!Array.isArray(entries)) throw malformedInput(`\`${name}\` that is no array`)
  for (const entry of entries) {
    const isReference = orReferences && typeof entry === 'string'
    const id = isReference ? entry : isObject(entry) ? entry['id'] : undefined
    if (typeof id !== 'string' || (!isReference && !id.startsWith('#')))
      throw malformedInput(`an entry of \`${name}\` without a relative \`id\``)
    if (!isReference && members.some((member) => entry[member] === undefined))
      throw malformedInput(`an entry of \`${name}\` without ${members.join(' or ')}`)
  }
}

const malformedInput = (found: string): DidcommError =>
  new DidcommError(
    'ERR_MALFORMED_DID_DOCUMENT',
    `expected a document for a did:peer:4 without \`id\` and with relative ids, found ${found}`,
  )

/** Whether a did:peer:4 is a long form, a short form, or neither. */
export function formOf(did: Did): { readonly shortForm: Did; readonly encoded: string | undefined } {
  const [, hash, encoded] = syntax.exec(did) ?? []
  if (hash === undefined) throw malformed('another text')
  return { shortForm: `did:peer:4${hash}` as Did, encoded }
}

/**
 * The document in a long form, as the document of the long form, or, where `as` is the short form, of that.
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID` where the hash is that of another document (K09), or there is no document.
 */
export function resolveLongForm(longForm: Did, as: Did = longForm): DidDocument {
  const { shortForm, encoded } = formOf(longForm)
  if (encoded === undefined) throw malformed('a short form')
  // The hash is over the encoded document with its `z`; the document is what was hashed, never encoded anew.
  if (shortForm !== `did:peer:4${multihashOf(encoded)}`) throw malformed('a hash of another document')
  const document = decodeDocument(encoded)
  const { alsoKnownAs, verificationMethod } = document
  const other = as === longForm ? shortForm : longForm
  const controlled = (entries: unknown): unknown =>
    Array.isArray(entries)
      ? entries.map((entry) => (isObject(entry) && entry['controller'] === undefined ? { ...entry, controller: as } : entry))
      : entries
  const listed = relationships.filter((name) => document[name] !== undefined).map((name) => [name, controlled(document[name])])
  return {
    ...document,
    ...(verificationMethod !== undefined && { verificationMethod: controlled(verificationMethod) }),
    ...Object.fromEntries(listed),
    id: as,
    alsoKnownAs: [...(Array.isArray(alsoKnownAs) ? alsoKnownAs.filter((name) => name !== other) : []), other],
  }
}

function decodeDocument(encoded: string): Record<string, unknown> {
  let document: unknown
  try {
    const bytes = decodeMultibase(encoded)
    const { value, length } = readVarint(bytes)
    document = value === multicodecs.json ? parseJsonBytes(bytes.subarray(length)) : undefined
  } catch (cause) {
    throw malformed('a document that is not JSON', cause)
  }
  if (!isObject(document)) throw malformed('a document that is no JSON object')
  return document
}

const malformed = (found: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_MALFORMED_DID', `expected a did:peer:4 with its document and the hash of it, found ${found}`, {
    rule: 'G-40',
    cause,
  })
