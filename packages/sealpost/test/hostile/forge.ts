/**
 * Builds envelopes that break one rule and hold all others: any header, any content key, any derivation, any padding. For tests alone,
 * on top of the primitives; the key derivation is written again here, so that it is held against the one of the library.
 *
 * @module
 */

import { aeskwp } from '@noble/ciphers/aes.js'
import { primitives } from '#primitives'
import { encodeBase64url } from '../../src/bytes/base64url.ts'
import { encodeUtf8 } from '../../src/bytes/utf8.ts'
import type { AgreementCurve, ContentAlgorithm } from '../../src/jose/algorithms.ts'
import { contentAlgorithms } from '../../src/jose/algorithms.ts'
import type { PrivateJwk, PublicJwk } from '../../src/jose/primitives/primitives.ts'

export const concat = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  parts.reduce((at, part) => {
    joined.set(part, at)
    return at + part.length
  }, 0)
  return joined
}

export const uint32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const lengthFirst = (octets: Uint8Array): Uint8Array => concat(uint32(octets.length), octets)

export type Derivation = {
  readonly alg: string
  readonly ze: Uint8Array
  readonly zs: Uint8Array | undefined
  readonly apu: Uint8Array
  readonly apv: Uint8Array
  readonly tag: Uint8Array
}

/** The derivation with its parts exchangeable: what stands for the secret, and what follows the length of the key. */
export async function derive({ alg, apu, apv }: Derivation, secret: Uint8Array, after: Uint8Array): Promise<Uint8Array> {
  return primitives.sha256(concat(uint32(1), secret, lengthFirst(encodeUtf8(alg)), lengthFirst(apu), lengthFirst(apv), uint32(256), after))
}

const none = new Uint8Array(0)

/** As the rules have it: Ze before Zs, and for ECDH-1PU the tag with its length. */
export const properKdf = (parts: Derivation): Promise<Uint8Array> =>
  parts.zs === undefined ? derive(parts, parts.ze, none) : derive(parts, concat(parts.ze, parts.zs), lengthFirst(parts.tag))

export const variants: Readonly<Record<string, (parts: Derivation) => Promise<Uint8Array>>> = {
  'without the tag': (parts) => derive(parts, concat(parts.ze, parts.zs ?? none), none),
  'with the tag but not its length': (parts) => derive(parts, concat(parts.ze, parts.zs ?? none), parts.tag),
  'with Zs before Ze': (parts) => derive(parts, concat(parts.zs ?? none, parts.ze), lengthFirst(parts.tag)),
  'with the tag': (parts) => derive(parts, concat(parts.ze, parts.zs ?? none), lengthFirst(parts.tag)),
}

export type Recipient = { readonly kid: string; readonly jwk: PublicJwk; readonly cek?: Uint8Array }
export type Content = (parts: {
  readonly cek: Uint8Array
  readonly iv: Uint8Array
  readonly aad: string
  readonly plaintext: Uint8Array
}) => Promise<{ ciphertext: Uint8Array; tag: Uint8Array }>

export type JweForgery = {
  readonly plaintext: string | Uint8Array | object
  readonly recipients: readonly Recipient[]
  /** Makes it authcrypt. */
  readonly sender?: { readonly kid: string; readonly jwk: PrivateJwk }
  readonly alg?: string
  readonly enc?: ContentAlgorithm
  readonly cek?: Uint8Array
  readonly iv?: Uint8Array
  /** The kids that `apv` is made of: those of the recipients, sorted. */
  readonly apv?: Uint8Array | null
  readonly apu?: Uint8Array | null
  /** The last word about the protected header. */
  readonly header?: (header: Record<string, unknown>) => Record<string, unknown>
  /** The last word about its text. */
  readonly headerText?: (text: string) => string
  readonly crv?: AgreementCurve
  readonly kdf?: (parts: Derivation) => Promise<Uint8Array>
  /** The secret with the ephemeral key: for public keys that nobody can agree with. */
  readonly ze?: Uint8Array
  readonly zs?: (recipient: Recipient) => Promise<Uint8Array>
  readonly content?: Content
  readonly wrap?: (kek: Uint8Array, cek: Uint8Array) => Promise<Uint8Array>
}

export type ForgedJwe = {
  protected: string
  unprotected?: unknown
  recipients: { header: Record<string, unknown>; encrypted_key: string }[]
  iv: string
  ciphertext: string
  tag: string
  [member: string]: unknown
}

export async function agreeWith(own: PrivateJwk, theirs: PublicJwk): Promise<Uint8Array> {
  const { kty, crv, x, y, d } = own
  const key = await primitives.importPrivateKey(y === undefined ? { kty, crv, x, d } : { kty, crv, x, y, d }, 'agree')
  return primitives.agree(key, await primitives.importPublicKey(theirs, 'agree'))
}

export const apvOfKids = async (kids: readonly string[]): Promise<Uint8Array> => primitives.sha256(encodeUtf8([...kids].sort().join('.')))

const octetsOf = (plaintext: string | Uint8Array | object): Uint8Array =>
  plaintext instanceof Uint8Array ? plaintext : encodeUtf8(typeof plaintext === 'string' ? plaintext : JSON.stringify(plaintext))

/** Builds a JWE; what is not said is as it should be. */
export async function forgeJwe(forgery: JweForgery): Promise<{ envelope: ForgedJwe; cek: Uint8Array }> {
  const { recipients, sender, enc = 'A256CBC-HS512', alg = sender === undefined ? 'ECDH-ES+A256KW' : 'ECDH-1PU+A256KW' } = forgery
  const crv = forgery.crv ?? recipients[0]?.jwk.crv ?? 'X25519'
  const { publicJwk, privateKey } = await primitives.generateEphemeralKey(crv)
  const apv = forgery.apv === undefined ? await apvOfKids(recipients.map(({ kid }) => kid)) : (forgery.apv ?? undefined)
  const apu = forgery.apu === undefined ? sender && encodeUtf8(sender.kid) : (forgery.apu ?? undefined)
  const header: Record<string, unknown> = {
    typ: 'application/didcomm-encrypted+json',
    alg,
    enc,
    epk: publicJwk,
    ...(apv && { apv: encodeBase64url(apv) }),
    ...(apu && { apu: encodeBase64url(apu) }),
    ...(sender && { skid: sender.kid }),
  }
  const headerText = JSON.stringify(forgery.header?.(header) ?? header)
  const aad = encodeBase64url(encodeUtf8(forgery.headerText?.(headerText) ?? headerText))
  const { keyOctets, ivOctets } = contentAlgorithms[enc]
  const cek = forgery.cek ?? primitives.randomBytes(keyOctets)
  const iv = forgery.iv ?? primitives.randomBytes(ivOctets)
  const plaintext = octetsOf(forgery.plaintext)
  const { ciphertext, tag } = await (forgery.content?.({ cek, iv, aad, plaintext }) ?? primitives.encrypt(enc, cek, iv, aad, plaintext))
  const entries: ForgedJwe['recipients'] = []
  for (const recipient of recipients) {
    const ze = forgery.ze ?? (await primitives.agree(privateKey, await primitives.importPublicKey(recipient.jwk, 'agree')))
    const zs = forgery.zs ? await forgery.zs(recipient) : sender && (await agreeWith(sender.jwk, recipient.jwk))
    const kek = await (forgery.kdf ?? properKdf)({ alg, ze, zs, apu: apu ?? none, apv: apv ?? none, tag })
    const wrapped = await (forgery.wrap ?? primitives.wrapKey)(kek, recipient.cek ?? cek)
    entries.push({ header: { kid: recipient.kid }, encrypted_key: encodeBase64url(wrapped) })
  }
  const envelope = {
    protected: aad,
    recipients: entries,
    iv: encodeBase64url(iv),
    ciphertext: encodeBase64url(ciphertext),
    tag: encodeBase64url(tag),
  }
  return { envelope, cek }
}

/** A256CBC-HS512 with the plaintext taken as it is: whole blocks, whose last octets are what stands for the padding. */
export const withoutPadding: Content = async ({ cek, iv, aad, plaintext }) => {
  const { subtle } = globalThis.crypto
  const key = await subtle.importKey('raw', concat(cek.subarray(32)), 'AES-CBC', false, ['encrypt'])
  const padded = new Uint8Array(await subtle.encrypt({ name: 'AES-CBC', iv: concat(iv) }, key, concat(plaintext)))
  const ciphertext = padded.subarray(0, -16)
  return { ciphertext, tag: await macOf(cek, iv, aad, ciphertext) }
}

/** The tag of A256CBC-HS512 (RFC 7518, section 5.2.2.1). */
export async function macOf(cek: Uint8Array, iv: Uint8Array, aad: string, ciphertext: Uint8Array): Promise<Uint8Array> {
  const { subtle } = globalThis.crypto
  const mac = await subtle.importKey('raw', concat(cek.subarray(0, 32)), { name: 'HMAC', hash: 'SHA-512' }, false, ['sign'])
  const octets = encodeUtf8(aad)
  const input = concat(octets, iv, ciphertext, uint32(0), uint32(octets.length * 8))
  return new Uint8Array(await subtle.sign('HMAC', mac, input)).subarray(0, 32)
}

/** AES key wrap with padding (RFC 5649): what must not pass for RFC 3394. */
export const wrapWithPadding = async (kek: Uint8Array, key: Uint8Array): Promise<Uint8Array> => aeskwp(kek).encrypt(key)

export type JwsForgery = {
  readonly payload: string | Uint8Array | object
  readonly by: PrivateJwk & { readonly kid: string }
  readonly alg: 'EdDSA' | 'ES256' | 'ES256K'
  readonly header?: (header: Record<string, unknown>) => Record<string, unknown>
  readonly headerText?: (text: string) => string
  readonly unprotected?: Record<string, unknown>
  readonly signature?: (signature: Uint8Array, input: Uint8Array) => Uint8Array | Promise<Uint8Array>
}

export async function signWith(
  { kid: _, ...by }: PrivateJwk & { readonly kid: string },
  alg: JwsForgery['alg'],
  input: Uint8Array,
): Promise<Uint8Array> {
  return primitives.sign(alg, await primitives.importPrivateKey(by, 'sign'), input)
}

type JwsParts = { payload: string; protected: string; signature: string; kid: string }

async function jwsParts(forgery: JwsForgery, typ: string, kid: object): Promise<JwsParts> {
  const { by, alg } = forgery
  const header = { typ, alg, ...kid }
  const headerText = JSON.stringify(forgery.header?.(header) ?? header)
  const encodedHeader = encodeBase64url(encodeUtf8(forgery.headerText?.(headerText) ?? headerText))
  const payload = encodeBase64url(octetsOf(forgery.payload))
  const input = encodeUtf8(`${encodedHeader}.${payload}`)
  const signature = await signWith(by, alg, input)
  return {
    payload,
    protected: encodedHeader,
    signature: encodeBase64url((await forgery.signature?.(signature, input)) ?? signature),
    kid: by.kid,
  }
}

export type ForgedJws = {
  payload: string
  signatures: { protected: string; signature: string; header?: Record<string, unknown> }[]
  [member: string]: unknown
}

/** Builds a JWS with `kid` in the unprotected header. */
export async function forgeJws(forgery: JwsForgery): Promise<ForgedJws> {
  const { payload, kid, ...signature } = await jwsParts(forgery, 'application/didcomm-signed+json', {})
  return { payload, signatures: [{ ...signature, header: forgery.unprotected ?? { kid } }] }
}

/** Builds a compact JWS, as `from_prior` is one. */
export async function forgeJwt(forgery: JwsForgery): Promise<string> {
  const { payload, protected: header, signature } = await jwsParts(forgery, 'JWT', { kid: forgery.by.kid })
  return `${header}.${payload}.${signature}`
}
