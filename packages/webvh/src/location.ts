/**
 * What a did:webvh says by itself: the identifier that certifies its log, and where the log lies. Nothing is fetched here.
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#method-specific-identifier | did:webvh 1.0, Method-Specific Identifier}
 * @module
 */
import { type Did, didWebUrl, isDid } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'

/** The parts of a did:webvh: `scid` certifies the log, `place` is what did:web would call the rest. */
export type Location = { readonly scid: string; readonly place: string }

// A sha2-256 multihash in base58btc has 46 characters, of which `Qm` are the first.
const syntax = /^did:webvh:(Qm[1-9A-HJ-NP-Za-km-z]{44}):([^:].*)$/

/**
 * Takes a did:webvh apart.
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID`.
 */
export function locate(did: string): Location {
  const [, scid, place] = isDid(did) ? (syntax.exec(did) ?? []) : []
  if (scid === undefined || place === undefined)
    throw new DidcommError('ERR_MALFORMED_DID', 'expected a did:webvh with the hash of its log and a domain name, found another text')
  return { scid, place }
}

/**
 * The URL at which the log of a did:webvh lies. The rules for domain and path are those of did:web.
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID` for another hash than sha2-256, IP addresses, dot segments, and encoded separators.
 *
 * @example
 * ```ts
 * import { webvhUrl } from '@sealpost/webvh'
 *
 * console.log(webvhUrl('did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:example.com:alice')) // https://example.com/alice/did.jsonl
 * ```
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#the-did-to-https-transformation | did:webvh 1.0, The DID to HTTPS Transformation}
 */
export const webvhUrl = (did: Did): string => didWebUrl(`did:web:${locate(did).place}`).replace(/did\.json$/, 'did.jsonl')

/** The URL of the proofs of witnesses, beside the log. */
export const witnessUrl = (did: Did): string => webvhUrl(did).replace(/did\.jsonl$/, 'did-witness.json')
