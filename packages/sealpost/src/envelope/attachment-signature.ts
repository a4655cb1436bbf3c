/**
 * Attachments signed by themselves: a detached JWS, whose signer need not be who sends the message.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#signing-attachments | v2.1, Signing Attachments}
 * @module
 */
import { isObject } from '../bytes/json.ts'
import { type Did, type DidUrl, didOf, isDidUrl } from '../did/did.ts'
import type { MethodKey } from '../did/document.ts'
import type { Keys } from '../did/keys.ts'
import type { Resolver } from '../did/resolver.ts'
import { sameSubject } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import { parseDetachedJws, signDetachedJws, verifySignature } from '../jose/jws.ts'
import { signedContent } from '../message/attachment.ts'
import type { Attachment } from '../message/plaintext.ts'
import { lookupOf, ownKeys } from './lookup.ts'
import { defaultLimits } from './policy.ts'
import type { Party } from './proof.ts'
import { signerOf } from './seal.ts'

/** Content of an attachment that is not in it: what was fetched from its links. */
export type DetachedContent = { readonly content?: Uint8Array }

/**
 * Signs an attachment: its `base64`, or the content of its links (ATT-11).
 *
 * Exported from `sealpost` and `sealpost/envelope`.
 *
 * @param signBy - the DID that signs, or a DID URL that picks its key
 * @returns the attachment with `data.jws`
 * @throws {DidcommError} `ERR_MALFORMED_ATTACHMENT` where there are no octets to sign, as with `json`; `ERR_USAGE_NO_KEY`, `ERR_DID_*`.
 */
export async function signAttachment(
  attachment: Attachment,
  {
    keys,
    resolver,
    signBy,
    content,
  }: { readonly keys: Keys; readonly resolver: Resolver; readonly signBy: Did | DidUrl } & DetachedContent,
): Promise<Attachment> {
  const [key] = await ownKeys(signBy, 'authentication', keys, lookupOf(resolver, 2))
  const jws = await signDetachedJws(signedContent(attachment, content), signerOf(key as MethodKey, keys))
  return { ...attachment, data: { ...attachment.data, jws } }
}

/**
 * Verifies the signature of an attachment.
 *
 * Exported from `sealpost` and `sealpost/envelope`.
 *
 * @param signers - whose signature counts: anybody can sign anything, so that a valid signature by a stranger says nothing
 * @returns who signed
 * @throws {DidcommError} `ERR_MALFORMED_ATTACHMENT`, `ERR_MALFORMED_ENVELOPE`, `ERR_TRUST_KEY`, `ERR_TRUST_SIGNATURE`, `ERR_DID_*`.
 */
export async function verifyAttachment(
  attachment: Attachment,
  { resolver, signers, content }: { readonly resolver: Resolver; readonly signers: readonly Did[] } & DetachedContent,
): Promise<Party> {
  const { jws } = attachment.data
  if (!isObject(jws))
    throw new DidcommError('ERR_MALFORMED_ATTACHMENT', 'expected an attachment with a signature in `data.jws`, found none', {
      rule: 'ATT-11',
    })
  const signature = parseDetachedJws(jws, signedContent(attachment, content), defaultLimits.maxHeaderBytes)
  const { kid } = signature
  // Before a DID is resolved that a stranger wrote down.
  if (!isDidUrl(kid) || !signers.some((did) => sameSubject(did, didOf(kid)))) {
    throw new DidcommError(
      'ERR_TRUST_KEY',
      `expected a signature by ${signers.join(' or ')}, found one by ${JSON.stringify(kid.slice(0, 80))}`,
      { rule: 'ATT-11' },
    )
  }
  const key = await lookupOf(resolver, 2).publicKeys(kid, 'authentication')
  if (key === undefined) {
    throw new DidcommError(
      'ERR_TRUST_KEY',
      `expected ${kid} to be a key for signatures in the document of its DID (authentication), found none`,
      { rule: 'SIG-11' },
    )
  }
  await verifySignature(signature, key.jwk)
  return { did: didOf(kid), kid }
}
