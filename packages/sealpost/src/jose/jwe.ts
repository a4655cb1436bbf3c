/**
 * JSON Web Encryption in its General JSON Serialization, for any number of recipients, with the two key algorithms and three
 * content encryptions of DIDComm. It knows JOSE's rules; what DIDComm says about `apu`, `apv`, `skid` and `typ` it does not know.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7516 | RFC 7516}
 * @module
 */
import { primitives } from '#primitives'
import { decodeBase64url, encodeBase64url } from '../bytes/base64url.ts'
import { isObject, parseJson } from '../bytes/json.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { DidcommError, isDidcommError } from '../errors.ts'
import { concatKdf, importLastingKey } from './agreement.ts'
import { type ContentAlgorithm, type Curve, contentAlgorithms, isAgreementCurve, type KeyAlgorithm, keyAlgorithms } from './algorithms.ts'
import { checkPublicJwk } from './jwk.ts'
import { andThen, isPromise, type Later } from './later.ts'
import type { PublicJwk } from './primitives/primitives.ts'

/** A key to encrypt to. All keys of one envelope are of one curve (1PU-03). */
export type JweRecipient = { readonly kid: string; readonly jwk: PublicJwk }

/** The protected headers of an envelope, but for the ephemeral key: the same for all messages between the same keys. */
export type JweHeader = {
  readonly alg: KeyAlgorithm
  readonly enc: ContentAlgorithm
  /** Octets, empty for ECDH-ES (ES-03). */
  readonly apu: Uint8Array
  readonly apv: Uint8Array
  /** JSON text that lacks the ephemeral key and the closing brace. */
  readonly json: string
}

/**
 * Makes the headers for envelopes between the same keys.
 *
 * @param more - further protected headers, such as `typ` and `skid`
 */
export function jweHeader(
  { alg, enc, apu = none, apv }: { alg: KeyAlgorithm; enc: ContentAlgorithm; apu?: Uint8Array; apv: Uint8Array },
  more: Readonly<Record<string, string>>,
): JweHeader {
  const headers = { ...more, alg, enc, ...(apu.length > 0 && { apu: encodeBase64url(apu) }), apv: encodeBase64url(apv) }
  return { alg, enc, apu, apv, json: JSON.stringify(headers).slice(0, -1) }
}

/** For whom, and for ECDH-1PU by whom: the secret between the sender's static key and a recipient's. */
export type JweParties = {
  readonly recipients: readonly JweRecipient[]
  readonly agree?: ((publicKey: PublicJwk) => Later<Uint8Array>) | undefined
}

/**
 * Encrypts for one or more keys of one curve. Content key, initialization vector and ephemeral key are fresh for each envelope
 * (CEA-06, 1PU-09); the content is encrypted first, because ECDH-1PU derives from its tag (1PU-02, G-09). One ephemeral key
 * for all recipients stands in the protected header with `alg` and `apv` (1PU-01, ES-01).
 *
 * @returns the envelope as JSON text
 */
export async function encryptJwe(plaintext: string | Uint8Array, header: JweHeader, { recipients, agree }: JweParties): Promise<string> {
  const { alg, enc, apu, apv } = header
  const { keyOctets, ivOctets } = contentAlgorithms[enc]
  const crv = (recipients[0] as JweRecipient).jwk.crv
  const ephemeral = primitives.generateEphemeralKey(crv)
  const { publicJwk, privateKey } = isPromise(ephemeral) ? await ephemeral : ephemeral
  const aad = encodeBase64url(encodeUtf8(`${header.json},"epk":${epkJson(publicJwk)}}`))
  const cek = primitives.randomBytes(keyOctets)
  const iv = primitives.randomBytes(ivOctets)
  const encrypted = primitives.encrypt(enc, cek, iv, aad, plaintext)
  const { ciphertext, tag } = isPromise(encrypted) ? await encrypted : encrypted

  const derive = concatKdf({ alg, apu, apv, tag: agree && tag })
  let entries = ''
  for (const { kid, jwk } of recipients) {
    const ze = andThen(importLastingKey(jwk, 'agree'), (publicKey) => primitives.agree(privateKey, publicKey))
    const kek = andThen(ze, (ephemeralSecret) =>
      agree === undefined ? derive(ephemeralSecret) : andThen(agree(jwk), (staticSecret) => derive(ephemeralSecret, staticSecret)),
    )
    const wrapping = andThen(kek, (key) => primitives.wrapKey(key, cek))
    const wrapped = isPromise(wrapping) ? await wrapping : wrapping
    entries += `${entries && ','}{"header":{"kid":${JSON.stringify(kid)}},"encrypted_key":"${encodeBase64url(wrapped)}"}`
  }
  cek.fill(0)
  return `{"protected":"${aad}","recipients":[${entries}],"iv":"${encodeBase64url(iv)}","ciphertext":"${encodeBase64url(ciphertext)}","tag":"${encodeBase64url(tag)}"}`
}

/** Coordinates are base64url, which JSON has no need to escape. */
function epkJson({ kty, crv, x, y }: PublicJwk): string {
  return y === undefined ? `{"kty":"${kty}","crv":"${crv}","x":"${x}"}` : `{"kty":"${kty}","crv":"${crv}","x":"${x}","y":"${y}"}`
}

const none = new Uint8Array(0)

/** An envelope whose form was checked, and nothing proved. */
export type Jwe = {
  readonly alg: KeyAlgorithm
  readonly enc: ContentAlgorithm
  /** The ephemeral key: a point on its curve. */
  readonly epk: PublicJwk
  /** Octets, base64url-decoded; undefined where the header has none. */
  readonly apu: Uint8Array | undefined
  readonly apv: Uint8Array | undefined
  /** All protected headers. What names keys elsewhere (`jku`, `jwk`, `x5u`, `x5c`) is never looked at (JOSE-08). */
  readonly header: Readonly<Record<string, unknown>>
  readonly recipients: readonly { readonly kid: string; readonly encryptedKey: string }[]
  /** Those of the recipients, as they stand. */
  readonly kids: readonly string[]
  /** Whether they stand in the order of their code units, as `apv` has them. */
  readonly sorted: boolean
  /** As received: the additional authenticated data (CEA-09). */
  readonly protected: string
  readonly iv: Uint8Array
  readonly ciphertext: Uint8Array
  readonly tag: Uint8Array
}

/** Bounds that are held before any operation with a key (JOSE-05). */
export type JweLimits = { readonly maxRecipients: number; readonly maxHeaderBytes: number }

/** Headers that are protected or nothing: one elsewhere could be changed on the way (1PU-01, JOSE-09). */
const protectedOnly = ['alg', 'enc', 'epk', 'apu', 'apv', 'skid', 'typ', 'cty', 'zip', 'crit']

/**
 * Checks the form of an envelope.
 *
 * @throws {DidcommError} `ERR_MALFORMED_ENVELOPE`, `ERR_MALFORMED_KEY`, `ERR_MALFORMED_LIMIT`; `ERR_UNSUPPORTED_ALGORITHM` and
 * `ERR_UNSUPPORTED_CURVE` for what is outside of the profile.
 */
export function parseJwe(envelope: Readonly<Record<string, unknown>>, { maxRecipients, maxHeaderBytes }: JweLimits): Jwe {
  if ('encrypted_key' in envelope || 'header' in envelope) {
    throw malformed('expected a JWE in General JSON Serialization with `recipients`, found the flattened one (decision D-05)', 'ENC-05')
  }
  if ('aad' in envelope) throw malformed('expected no member `aad`: DIDComm has no additional authenticated data', 'CEA-09')
  const encodedHeader = text(envelope, 'protected')
  if (encodedHeader.length * 0.75 > maxHeaderBytes)
    throw limit(`expected a protected header of at most ${maxHeaderBytes} octets, found more`)
  const header = parseJson(decodeUtf8(decodeBase64url(encodedHeader)))
  if (!isObject(header)) throw malformed('expected the protected header to be a JSON object', 'JOSE-02')
  const shared = envelope['unprotected']
  if (shared !== undefined) checkUnprotected(shared, header)
  const { alg, enc } = algorithmsOf(header)
  const { recipients, kids, sorted } = recipientsOf(envelope['recipients'], header, shared, maxRecipients)
  const epk = ephemeralKeyOf(header['epk'])
  const apu = octets(header, 'apu')
  const apv = octets(header, 'apv')

  const { ivOctets, tagOctets } = contentAlgorithms[enc]
  const iv = decodeBase64url(text(envelope, 'iv'))
  const tag = decodeBase64url(text(envelope, 'tag'))
  const ciphertext = decodeBase64url(text(envelope, 'ciphertext'))
  // CEA-07, G-11: a backend may take a shorter tag for a weaker proof.
  if (iv.length !== ivOctets || tag.length !== tagOctets) {
    throw malformed(`expected ${ivOctets} octets of iv and ${tagOctets} of tag with ${enc}, found ${iv.length} and ${tag.length}`, 'CEA-07')
  }
  if (enc === 'A256CBC-HS512' && (ciphertext.length === 0 || ciphertext.length % 16 !== 0)) {
    throw malformed('expected a ciphertext of whole blocks of 16 octets with A256CBC-HS512, found another length', 'CEA-01')
  }
  return { alg, enc, epk, apu, apv, header, recipients, kids, sorted, protected: encodedHeader, iv, ciphertext, tag }
}

/** The shared secrets of one recipient: with the ephemeral key and, for ECDH-1PU, with the sender's static key. */
export type JweSecrets = { readonly ephemeral: () => Later<Uint8Array>; readonly static?: (() => Later<Uint8Array>) | undefined }

/**
 * Decrypts with one recipient's key.
 *
 * @throws {DidcommError} `ERR_TRUST_DECRYPT` for every failure: which step failed is not told, and is not the cause of the error
 * (JOSE-07); `ERR_MALFORMED_KEY` where a keys port finds the ephemeral key to be of another curve.
 */
export async function decryptJwe(jwe: Jwe, kid: string, secrets: JweSecrets): Promise<Uint8Array> {
  const { alg, enc, epk, iv, ciphertext, tag } = jwe
  try {
    const encryptedKey = decodeBase64url(
      (jwe.recipients.find((recipient) => recipient.kid === kid) as { encryptedKey: string }).encryptedKey,
    )
    // KWA-07: the length is checked first, since a native unwrap takes what is no multiple of eight, or nothing at all. So the key in it has the length of `enc` (KWA-08).
    if (encryptedKey.length !== contentAlgorithms[enc].keyOctets + 8) throw new RangeError('length')
    const derive = concatKdf({ alg, apu: jwe.apu ?? none, apv: jwe.apv ?? none, tag: alg === 'ECDH-1PU+A256KW' ? tag : undefined })
    const kek = andThen(secrets.ephemeral(), (ze) =>
      secrets.static === undefined
        ? derive(nonZero(ze, epk.crv))
        : andThen(secrets.static(), (zs) => derive(nonZero(ze, epk.crv), nonZero(zs, epk.crv))),
    )
    const unwrapped = andThen(kek, (key) => primitives.unwrapKey(key, encryptedKey))
    const cek = isPromise(unwrapped) ? await unwrapped : unwrapped
    const decrypted = primitives.decrypt(enc, cek, iv, jwe.protected, ciphertext, tag)
    const plaintext = isPromise(decrypted) ? await decrypted : decrypted
    cek.fill(0)
    return plaintext
  } catch (error) {
    // That the ephemeral key is of another curve than the recipient's is for all to see (CRV-09).
    if (isDidcommError(error, 'ERR_MALFORMED_KEY')) throw error
    // Nor is it an oracle that a keys port far away could not be asked.
    if (isDidcommError(error) && error.retryable) throw error
    throw new DidcommError('ERR_TRUST_DECRYPT', 'the envelope could not be decrypted: it was changed on the way, or made for another key', {
      rule: 'GEN-01',
    })
  }
}

/** CRV-04: each secret of X25519 is looked at by itself, whatever the backend or the keys port checks. On the other curves zero is a coordinate. */
function nonZero(secret: Uint8Array, crv: Curve): Uint8Array {
  if (crv !== 'X25519') return secret
  let any = 0
  for (let i = 0; i < secret.length; i++) any |= secret[i] as number
  if (any === 0) throw new RangeError('zero secret')
  return secret
}

function algorithmsOf(header: Record<string, unknown>): { alg: KeyAlgorithm; enc: ContentAlgorithm } {
  const { alg, enc } = header
  // JOSE-01: none is understood, so any is one too many, and an empty list is forbidden.
  if ('crit' in header) throw malformed('expected no critical headers (`crit`), found some', 'JOSE-01')
  if ('zip' in header) throw malformed('expected no compression (`zip`), found some', 'JOSE-03')
  if (typeof alg !== 'string' || !Object.hasOwn(keyAlgorithms, alg)) {
    throw unsupported(`expected \`alg\` to be ${Object.keys(keyAlgorithms).join(' or ')}, found ${show(alg)}`, 'ENC-08')
  }
  if (typeof enc !== 'string' || !Object.hasOwn(contentAlgorithms, enc)) {
    throw unsupported(`expected \`enc\` to be ${Object.keys(contentAlgorithms).join(', ')}, found ${show(enc)}`, 'CEA-05')
  }
  if (alg === 'ECDH-1PU+A256KW' && !contentAlgorithms[enc as ContentAlgorithm].committing) {
    throw unsupported(`expected A256CBC-HS512 with ECDH-1PU, which must not be used with ${enc}`, 'CEA-04')
  }
  return { alg: alg as KeyAlgorithm, enc: enc as ContentAlgorithm }
}

function ephemeralKeyOf(value: unknown): PublicJwk {
  if (value === undefined) throw malformed('expected the ephemeral key `epk` in the protected header, found none', '1PU-01')
  const epk = checkPublicJwk(value)
  if (!isAgreementCurve(epk.crv))
    throw new DidcommError('ERR_UNSUPPORTED_CURVE', `expected an ephemeral key for key agreement, found ${epk.crv}`, { rule: 'CRV-07' })
  return epk
}

function recipientsOf(
  value: unknown,
  header: Record<string, unknown>,
  shared: unknown,
  maxRecipients: number,
): Pick<Jwe, 'recipients' | 'kids' | 'sorted'> {
  if (!Array.isArray(value) || value.length === 0) throw malformed('expected at least one recipient in `recipients`, found none', 'JOSE-06')
  if (value.length > maxRecipients) throw limit(`expected at most ${maxRecipients} recipients, found ${value.length}`)
  const recipients: { kid: string; encryptedKey: string }[] = []
  const kids: string[] = []
  let sorted = true
  let last = ''
  for (const entry of value) {
    const own = isObject(entry) ? entry['header'] : undefined
    if (!isObject(entry) || !isObject(own)) throw malformed('expected each recipient to have a `header` with a `kid`', 'KID-03')
    const { kid } = own
    const encryptedKey = entry['encrypted_key']
    if (typeof kid !== 'string' || typeof encryptedKey !== 'string') {
      throw malformed('expected each recipient to have a `kid` and an `encrypted_key`', 'KID-03')
    }
    for (const name in own) {
      if (name !== 'kid' || 'kid' in header) checkPlace(name, header)
      if (isObject(shared) && Object.hasOwn(shared, name)) throw twice(name)
    }
    if (kid <= last) sorted = false
    last = kid
    recipients.push({ kid, encryptedKey })
    kids.push(kid)
  }
  // Most senders write them in the order of their kids, as `apv` has them; then none stands twice.
  if (!sorted && new Set(kids).size !== kids.length) {
    throw malformed('expected each recipient once, found a `kid` twice', 'JOSE-02')
  }
  return { recipients, kids, sorted }
}

function checkUnprotected(shared: unknown, header: Record<string, unknown>): void {
  if (!isObject(shared)) throw malformed('expected `unprotected` to be a JSON object', 'JOSE-09')
  for (const name of Object.keys(shared)) checkPlace(name, header)
}

/** JOSE-02: a header stands in one place; and some must be protected. */
function checkPlace(name: string, header: Record<string, unknown>): void {
  if (Object.hasOwn(header, name)) throw twice(name)
  if (protectedOnly.includes(name)) throw malformed(`expected \`${name}\` in the protected header, found it outside`, 'JOSE-02')
}

const twice = (name: string): DidcommError => malformed(`expected the header \`${show(name)}\` in one place, found it in two`, 'JOSE-02')

function text(envelope: Readonly<Record<string, unknown>>, name: string): string {
  const value = envelope[name]
  if (typeof value !== 'string') throw malformed(`expected \`${name}\` to be base64url text`, 'JOSE-04')
  return value
}

function octets(header: Record<string, unknown>, name: string): Uint8Array | undefined {
  const value = header[name]
  // ES-03: an older implementation writes `"apu":null`.
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw malformed(`expected \`${name}\` to be base64url text`, 'JOSE-04')
  return decodeBase64url(value)
}

const malformed = (message: string, rule: string): DidcommError => new DidcommError('ERR_MALFORMED_ENVELOPE', message, { rule })
const unsupported = (message: string, rule: string): DidcommError => new DidcommError('ERR_UNSUPPORTED_ALGORITHM', message, { rule })
const limit = (message: string): DidcommError => new DidcommError('ERR_MALFORMED_LIMIT', message, { rule: 'JOSE-05' })
const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value)
