/**
 * What to do about an error: by its rule where that says more than its code.
 *
 * @module
 */
import type { DidcommError, ErrorCode } from 'sealpost/errors'

const byRule: Readonly<Record<string, string>> = {
  '1PU-04': 'the sender must set `apu` to its `skid` in base64url; a mismatch can also mean that somebody changed the envelope',
  '1PU-05': "the sender must hash all recipients' kids, sorted by their octets; if it did, somebody took a recipient away or added one",
  'ES-02': "the sender must hash all recipients' kids, sorted by their octets; if it did, somebody took a recipient away or added one",
  'ADR-01': 'do not trust `from`: another key encrypted this. If the peer is yours to fix, it must encrypt with a key of the DID in `from`',
  'ADR-03': 'do not trust `from`: another key signed this. If the peer is yours to fix, it must sign with a key of the DID in `from`',
  'CEA-04': 'the sender must use A256CBC-HS512 for authcrypt',
  'ENC-05': 'the sender must write the General JSON Serialization: an object with `recipients`, even for one recipient',
  'SIG-07': 'DIDComm has no compact form: the sender must write a JSON object',
  'MED-17': 'the sender must sign first and encrypt last, and use one of the seven combinations',
  'MED-20': 'take plaintext only where it is meant to be public, such as in an invitation',
  'MED-22': 'the sender must put `to` into what it signs and encrypts, so that nobody can pass it on as meant for another',
  'HDR-19': 'the sender must make `body` an object, or leave it out',
  'KID-07': 'the sender must use DID URLs with a fragment as `kid`',
}

const byCode: Partial<Record<ErrorCode, string>> = {
  ERR_MALFORMED_JSON: 'ask for the message again: it may have been cut off or re-encoded on the way',
  ERR_MALFORMED_ENCODING: 'ask for the message again: it may have been re-encoded on the way; base64url has no padding and no line breaks',
  ERR_MALFORMED_ENVELOPE: "the sender's software has to be corrected",
  ERR_MALFORMED_MESSAGE: "the sender's software has to be corrected",
  ERR_MALFORMED_ATTACHMENT: "the sender's software has to be corrected",
  ERR_MALFORMED_INVITATION: 'ask for a new invitation',
  ERR_MALFORMED_KEY: 'do not use this key; ask its owner for the right one',
  ERR_MALFORMED_LIMIT: 'ask the sender for something smaller, or raise the limit if you know the sender',
  ERR_TRUST_DECRYPT: 'ask the sender to send it again; if that fails too, compare the kid with your DID document',
  ERR_TRUST_SIGNATURE: 'do not trust the content: it was changed, or signed by another key',
  ERR_TRUST_KEY: 'the sender must use a key that its DID document lists for this purpose; it may have rotated its keys meanwhile',
  ERR_TRUST_ADDRESSING: 'do not trust who it says it is from',
  ERR_TRUST_ROTATION: 'keep to the DID that you knew: this does not prove a change',
  ERR_UNSUPPORTED_ALGORITHM: 'ask the sender to use an algorithm of DIDComm v2.1',
  ERR_UNSUPPORTED_CURVE: 'ask the sender to use a curve of DIDComm v2.1',
  ERR_UNSUPPORTED_METHOD: 'here are resolved: did:key, did:jwk, did:peer, did:web',
  ERR_UNSUPPORTED_MEDIA_TYPE: 'the sender must name the media type of what it sends',
  ERR_DID_NOT_FOUND: 'check the DID; a short did:peer:4 must have been seen in its long form first',
  ERR_DID_UNAVAILABLE: 'try again later, or check your connection',
  ERR_DID_NO_KEY_AGREEMENT: 'the owner of the DID has to add a key for encryption',
  ERR_DELIVERY_BLOCKED: 'nothing was called: the address is inside of a private network, or in disguise',
}

/** What to do about an error, in half a sentence. */
export const adviceFor = ({ code, rule }: DidcommError): string | undefined =>
  (rule === undefined ? undefined : byRule[rule]) ?? byCode[code]
