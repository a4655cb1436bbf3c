/**
 * Explains any bytes that may be DIDComm: looks what they are, and asks the room that knows. Nothing is fetched but what resolving DIDs needs.
 *
 * @module
 */
import { decodeBase64Tolerant, decodeUtf8, isObject, parseJson } from 'sealpost/bytes'
import { isDidUrl } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { parseInvitationUrl } from 'sealpost/message'
import type { Context, Means } from './context.ts'
import { explainDid, explainDocument, explainKey } from './did.ts'
import { explainEncrypted } from './encrypted.ts'
import { broken, type Explanation, explanation, fact, sizeOf } from './explanation.ts'
import { explainFromPrior } from './from-prior.ts'
import { explainPlaintext } from './plaintext.ts'
import { explainSigned } from './signed.ts'

/** Explains bytes: an envelope, a message, an invitation's URL, a from_prior, a DID, a DID document. */
export async function explainBytes(bytes: Uint8Array, means: Means): Promise<Explanation> {
  const context: Context = { ...means, nested: (value, octets) => explainValue(value, octets, context) }
  let whole: string
  try {
    whole = decodeUtf8(bytes)
  } catch (error) {
    return nothing('This is not text, so it is nothing of DIDComm.', bytes.length, error)
  }
  const text = whole.trim()
  if (text === '') return nothing('There is nothing here.', bytes.length)
  // As it came: a byte order mark, which `trim` takes away, is what a receiver refuses.
  if (text.startsWith('{') || text.startsWith('[')) return explainJson(whole, bytes.length, context)
  if (text.startsWith('did:')) {
    if (isDidUrl(text)) return explainDid(text, context)
    return nothing(
      'This begins like a DID and is none.',
      bytes.length,
      new DidcommError('ERR_MALFORMED_DID', 'expected a DID or a DID URL'),
    )
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(text)) return explainUrl(text, bytes.length, context)
  if (compact.test(text)) return explainCompact(text, bytes.length, context)
  const inner = decoded(text)
  if (inner === undefined) return nothing('This is neither JSON nor a URL, a DID or a JWT.', bytes.length)
  const explained = await explainJson(inner, inner.length, context)
  return { ...explained, summary: `In base64url: ${explained.summary}` }
}

/** Three parts of a JWS, five of a JWE. */
const compact = /^[A-Za-z0-9_-]{1,1000000}\.[A-Za-z0-9_-]{0,1000000}\.[A-Za-z0-9_-]{0,1000000}(?:\.|$)/

async function explainJson(text: string, octets: number, context: Context): Promise<Explanation> {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    return nothing('This looks like JSON, and is not what a receiver takes.', octets, error)
  }
  return explainValue(value, octets, context)
}

/** Explains a JSON value by its structure (MED-09). */
async function explainValue(value: unknown, octets: number, context: Context): Promise<Explanation> {
  if (!isObject(value)) return nothing('This is JSON, but no object, so it is nothing of DIDComm.', octets)
  if ('ciphertext' in value) return explainEncrypted(value, octets, context)
  if ('payload' in value) return explainSigned(value, octets, context)
  if ('type' in value && ('id' in value || 'body' in value)) return explainPlaintext(value, octets, context)
  if (isDidUrl(value['id'])) return explainDocument(value, octets)
  if ('kty' in value) return explainKey(value)
  return nothing('This is JSON, but neither a message nor an envelope, a DID document or a key.', octets)
}

async function explainUrl(text: string, octets: number, context: Context): Promise<Explanation> {
  try {
    const reference = parseInvitationUrl(text)
    if (reference.form === 'signed') return explainValue(reference.jws, octets, context)
    if (reference.form === 'plain') {
      const explained = await explainPlaintext(reference.invitation, octets, context)
      return { ...explained, summary: `A URL with an invitation. ${explained.summary}` }
    }
    const facts = [...fact('Id', reference.oobid), ...fact('Address', new URL(reference.url).origin)]
    const finding = {
      level: 'note',
      text: 'the invitation itself lies at that address and was not fetched',
      advice: 'add --fetch to fetch it',
    } as const
    return explanation('invitation', 'The short URL of an invitation.', [{ title: 'Invitation', facts, findings: [finding] }])
  } catch (error) {
    return nothing('This is a URL, but not that of an invitation.', octets, error)
  }
}

async function explainCompact(text: string, octets: number, context: Context): Promise<Explanation> {
  if (text.split('.').length === 3) return explainFromPrior(text, context)
  const error = new DidcommError('ERR_MALFORMED_ENVELOPE', 'expected a JWE in General JSON Serialization, found a compact one', {
    rule: 'ENC-05',
  })
  return nothing('A compact JWE, which DIDComm does not have.', octets, error)
}

/** JSON that was encoded, such as the value of `_oob` alone. */
function decoded(text: string): string | undefined {
  try {
    const inner = decodeUtf8(decodeBase64Tolerant(text.replace(/\s+/g, '')))
    return inner.trimStart().startsWith('{') ? inner : undefined
  } catch {
    return undefined
  }
}

const nothing = (summary: string, octets: number, error?: unknown): Explanation =>
  explanation('other', summary, [
    { title: 'Input', facts: fact('Size', sizeOf(octets)), findings: error === undefined ? [] : [broken(error)] },
  ])
