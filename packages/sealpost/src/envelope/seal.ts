/**
 * Sealing: a plaintext message into signed and encrypted envelopes. Keys are given; no DID is looked up here.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-encryption | v2.1, Message Encryption} and Message Signing
 * @module
 */
import { defaultMaxDepth, isObject, mayBeDeeper, parseJson } from '../bytes/json.ts'
import { type Did, type DidUrl, didOf } from '../did/did.ts'
import type { MethodKey } from '../did/document.ts'
import type { Keys } from '../did/keys.ts'
import { sameSubject } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import { type ContentAlgorithm, contentAlgorithms, isAgreementCurve, signatureAlgorithmOf } from '../jose/algorithms.ts'
import { encryptJwe } from '../jose/jwe.ts'
import { checkPublicJwk } from '../jose/jwk.ts'
import { type Signer, signJws } from '../jose/jws.ts'
import type { Later, PublicJwk } from '../jose/primitives/primitives.ts'
import { checkPlaintext } from '../message/check.ts'
import { mediaTypes } from '../message/media-types.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { isBeyondReason } from '../message/time.ts'
import { requireMessage, requirePorts, wrongArgument } from './arguments.ts'
import { type Audience, anoncryptHeader, audienceOf, authcryptHeader } from './recipients.ts'
import { type Layer, layersOf, type Wrapping } from './wrapping.ts'

/** What every implementation reads. */
export const defaultEnc: ContentAlgorithm = 'A256CBC-HS512'

export type SealOptions = {
  readonly as: Wrapping
  readonly keys: Keys
  /** The keys to encrypt for: of one DID, on one curve. */
  readonly recipients?: readonly MethodKey[]
  /** The sender's key for authcrypt, which `keys` holds: on the recipients' curve. */
  readonly sender?: DidUrl
  /** The sender's key for signatures, which `keys` holds. */
  readonly signer?: MethodKey
  /** The content encryption of anoncrypt. Authcrypt has A256CBC-HS512 alone (CEA-04). */
  readonly enc?: ContentAlgorithm
}

/**
 * Seals a message with keys that are given.
 *
 * Exported from `sealpost/envelope`.
 *
 * @returns the envelope as JSON text
 * @throws {DidcommError} `ERR_USAGE_*` where a key that the wrapping needs is missing or does not fit; `ERR_MALFORMED_MESSAGE` for a message that breaks the specification.
 *
 * @example
 * ```ts
 * import { seal } from 'sealpost/envelope'
 * import { generateKey, publicJwkOf } from 'sealpost/jose'
 * import { memoryKeys } from 'sealpost/keys/memory'
 *
 * const bob = await generateKey('X25519')
 * const envelope = await seal(
 *   { id: '1', type: 'https://example.com/hello/1.0/hello', body: {} },
 *   { as: 'anoncrypt', keys: memoryKeys([]), recipients: [{ kid: 'did:example:bob#key-1', jwk: publicJwkOf(bob) }] },
 * )
 * ```
 */
export async function seal(message: Plaintext, options: SealOptions): Promise<string> {
  requireMessage(message)
  requirePorts(options, 'keys')
  const { as, keys, recipients = [], sender, signer, enc = defaultEnc } = options
  if (!Array.isArray(recipients) || !recipients.every((key) => typeof key?.kid === 'string' && isObject(key.jwk)))
    throw wrongArgument('`recipients` to be an array of keys, each with `kid` and `jwk`', recipients)
  const layers = layersFor(as)
  checkEnc(layers, enc)
  const text = serialize(message, layers)
  const inner = layers.includes('signed') ? await signLayer(text, message, keys, signer) : text
  if (!layers.some((layer) => layer !== 'signed')) return inner
  const crv = recipients[0]?.jwk.crv
  if (
    crv === undefined ||
    recipients.some(({ kid, jwk }) => jwk.crv !== crv || !sameSubject(didOf(kid), didOf((recipients[0] as MethodKey).kid)))
  ) {
    throw new DidcommError('ERR_USAGE_NO_RECIPIENT', 'expected keys of one DID on one curve as recipients', { rule: 'ENC-01' })
  }
  for (const { jwk } of recipients) checkPublicJwk(jwk)
  if (!isAgreementCurve(crv))
    throw new DidcommError('ERR_UNSUPPORTED_CURVE', `expected keys for key agreement, found ${crv}`, { rule: 'CRV-07' })
  return encryptLayers(inner, layers, { keys, audience: await audienceOf(recipients, crv), sender, enc })
}

/** @throws {DidcommError} `ERR_USAGE_WRAPPING` for a combination that is none of those of v2.1 (MED-12). */
export function layersFor(wrapping: Wrapping): readonly Layer[] {
  if (Object.hasOwn(layersOf, wrapping)) return layersOf[wrapping]
  throw new DidcommError(
    'ERR_USAGE_WRAPPING',
    `expected \`as\` to be ${Object.keys(layersOf).join(', ')}, found ${JSON.stringify(wrapping)}`,
    {
      rule: 'MED-12',
    },
  )
}

/** @throws {DidcommError} `ERR_USAGE_WRAPPING` where ECDH-1PU would be used without a tag that commits to the key (CEA-04). */
export function checkEnc(layers: readonly Layer[], enc: ContentAlgorithm): void {
  if (!Object.hasOwn(contentAlgorithms, enc)) {
    throw new DidcommError(
      'ERR_USAGE_WRAPPING',
      `expected \`enc\` to be ${Object.keys(contentAlgorithms).join(', ')}, found ${JSON.stringify(enc)}`,
      { rule: 'CEA-05' },
    )
  }
  if (layers[0] === 'authcrypt' && !contentAlgorithms[enc].committing) {
    throw new DidcommError('ERR_USAGE_WRAPPING', `expected A256CBC-HS512 for authcrypt, found ${enc}, which is for anoncrypt alone`, {
      rule: 'CEA-04',
    })
  }
}

/**
 * Writes a message as JSON, checked by the same rules that a receiver checks: `typ` is always set (MED-04), and `body` is always there (HDR-20).
 */
export function serialize(message: Plaintext, layers: readonly Layer[]): string {
  const whole =
    message.typ === undefined || message.body === undefined
      ? { ...message, typ: message.typ ?? mediaTypes.plaintext, body: message.body ?? {} }
      : message
  refuseMilliseconds(message, 'created_time', 'HDR-16')
  refuseMilliseconds(message, 'expires_time', 'HDR-17')
  checkPlaintext(whole)
  if (layers.length > 1 && layers.includes('signed') && message.to === undefined) {
    throw new DidcommError('ERR_USAGE_NO_RECIPIENT', 'expected `to` in a message that is signed and encrypted', { rule: 'MED-21' })
  }
  let text: string
  try {
    text = JSON.stringify(whole)
  } catch (cause) {
    if (cause instanceof RangeError) {
      throw new DidcommError('ERR_MALFORMED_LIMIT', 'expected a message that can be written, found one that is too deep or too large', {
        rule: 'JOSE-05',
        cause,
      })
    }
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected a message of JSON values alone', { rule: 'PLN-01', cause })
  }
  // What no receiver takes must not be sent: lone surrogates, which are written as escapes, members that would set a prototype, and
  // levels beyond the limit.
  if (text.includes('\\ud') || text.includes('"__proto__"') || mayBeDeeper(whole, defaultMaxDepth)) parseJson(text)
  if ('payload' in whole || 'ciphertext' in whole) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected no header `payload` or `ciphertext`, by which envelopes are known', {
      rule: 'MED-09',
    })
  }
  return text
}

/** A receiver would only warn: to whom it was sent, it is a message that never expires. */
function refuseMilliseconds(message: Plaintext, header: 'created_time' | 'expires_time', rule: string): void {
  if (!isBeyondReason(message[header])) return
  const found = `${message[header]}, beyond the year 5000: if it is milliseconds, divide by 1,000`
  throw new DidcommError('ERR_MALFORMED_MESSAGE', `expected \`${header}\` to be UTC epoch seconds, found ${found}`, { rule })
}

/** Signs before anything is encrypted (SIG-01), with `typ` in the protected header (MED-05). */
export function signLayer(text: string, message: Plaintext, keys: Keys, signer: MethodKey | undefined): Promise<string> {
  if (signer === undefined) throw new DidcommError('ERR_USAGE_NO_KEY', 'expected a key to sign with, found none', { rule: 'SIG-05' })
  requireFrom(message, signer.kid, 'ADR-03')
  return signJws(text, mediaTypes.signed, signerOf(signer, keys))
}

/** A key of a DID document as something that signs. */
export function signerOf({ kid, jwk }: MethodKey, keys: Keys): Signer {
  const alg = signatureAlgorithmOf(jwk.crv)
  if (alg === undefined)
    throw new DidcommError('ERR_USAGE_NO_KEY', `expected a key for signatures, found ${kid} to be of ${jwk.crv}`, { rule: 'SIG-15' })
  return { kid, alg, sign: (data) => keys.sign(kid, data) }
}

/** The sender that a key proves is the one that the message names. */
export function requireFrom({ from }: Plaintext, kid: DidUrl, rule: string): void {
  if (from === undefined || !sameSubject(didOf(from as Did), didOf(kid))) {
    throw new DidcommError('ERR_USAGE_NO_SENDER', `expected \`from\` to be the DID of ${kid}, found ${from ?? 'none'}`, { rule })
  }
}

type Encryption = { readonly keys: Keys; readonly audience: Audience; readonly sender: DidUrl | undefined; readonly enc: ContentAlgorithm }

/** Encrypts from the inside out, for one DID (ENC-01). Outside of the ciphertext stand key ids and algorithms alone (GEN-05). */
export async function encryptLayers(text: string, layers: readonly Layer[], { keys, audience, sender, enc }: Encryption): Promise<string> {
  const { recipients } = audience
  let sealed = text
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i]
    if (layer === 'anoncrypt') {
      sealed = await encryptJwe(sealed, anoncryptHeader(audience, enc), { recipients })
    } else if (layer === 'authcrypt') {
      if (sender === undefined) {
        throw new DidcommError('ERR_USAGE_NO_SENDER', 'expected a sender for authcrypt, found none', { rule: 'HDR-09' })
      }
      const agree = (publicKey: PublicJwk): Later<Uint8Array> => keys.agree(sender, publicKey, true)
      sealed = await encryptJwe(sealed, authcryptHeader(audience, sender), { recipients, agree })
    }
  }
  return sealed
}
