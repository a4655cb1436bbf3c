/**
 * Keys by WebCrypto: made, imported, used. A curve that the runtime lacks is done in JavaScript (`software.ts`). It knows what a
 * curve is, and nothing of DIDs or JOSE. Private keys of WebCrypto are never extractable once they are imported.
 *
 * @see {@link https://www.w3.org/TR/webcrypto-2/ | Web Cryptography}
 * @module
 */
import { decodeBase64url, encodeBase64url } from '../../bytes/base64url.ts'
import { DidcommError } from '../../errors.ts'
import { type Curve, curves, type SignatureAlgorithm, signatureAlgorithms } from '../algorithms.ts'
import { isSoundPoint } from './edwards.ts'
import type { KeyUse, PrivateJwk, PrivateKey, PublicJwk, PublicKey } from './primitives.ts'
import { loadCurve, type SoftwareCurve } from './software.ts'
import { source, subtleCrypto } from './web-crypto.ts'

// What the opaque handles are here: a key of WebCrypto, or the octets of one and the curve in JavaScript.
type Native = { readonly crv: Curve; readonly native: CryptoKey; readonly sound?: boolean }
type Software = { readonly crv: Curve; readonly software: SoftwareCurve; readonly octets: Uint8Array }
type Key = Native | Software

const privateHandle = (key: Key): PrivateKey => key as unknown as PrivateKey
/** The handle of a private key of WebCrypto that was kept. */
export const handleOf = (crv: Curve, native: CryptoKey): PrivateKey => privateHandle({ crv, native })
const publicHandle = (key: Key): PublicKey => key as unknown as PublicKey
const keyOf = (handle: PrivateKey | PublicKey): Key => handle as unknown as Key

const algorithmOf = (crv: Curve, use: KeyUse): { name: string; namedCurve?: string } =>
  curves[crv].kty === 'OKP' ? { name: crv } : { name: use === 'agree' ? 'ECDH' : 'ECDSA', namedCurve: crv }

const privateUse = { agree: 'deriveBits', sign: 'sign' } as const
const privateUses = { agree: ['deriveBits'], sign: ['sign', 'verify'] } as const

const support = new Map<string, Promise<boolean>>()

/** Asks the runtime once for each curve and use, by doing the thing: some engines make keys of P-521 that they cannot use. */
export function hasNative(crv: Curve, use: KeyUse): Promise<boolean> {
  const asked = `${crv} ${use}`
  let answer = support.get(asked)
  if (answer === undefined) {
    answer = tryNative(crv, use).then(
      () => true,
      () => false,
    )
    support.set(asked, answer)
  }
  return answer
}

async function tryNative(crv: Curve, use: KeyUse): Promise<void> {
  const { publicKey, privateKey } = await generateNative(crv, use, false)
  const bits = curves[crv].octets * 8
  if (use === 'agree') await subtleCrypto().deriveBits({ name: algorithmOf(crv, use).name, public: publicKey }, privateKey, bits)
  else await subtleCrypto().sign(signing(crv), privateKey, new Uint8Array(0))
}

export const generateNative = (crv: Curve, use: KeyUse, extractable: boolean): Promise<CryptoKeyPair> =>
  subtleCrypto().generateKey(algorithmOf(crv, use), extractable, privateUses[use]) as Promise<CryptoKeyPair>

/** A fresh key pair for one message. */
export async function generateEphemeralKey(crv: Curve): Promise<{ publicJwk: PublicJwk; privateKey: PrivateKey }> {
  if (await hasNative(crv, 'agree')) {
    const { publicKey, privateKey } = await generateNative(crv, 'agree', false)
    return { publicJwk: await publicJwkOfNative(crv, publicKey), privateKey: privateHandle({ crv, native: privateKey }) }
  }
  const software = await loadCurve(crv)
  const octets = software.generate()
  return { publicJwk: jwkOf(crv, software.publicKeyOf(octets)), privateKey: privateHandle({ crv, software, octets }) }
}

/** The JWK of a public key of WebCrypto. */
export const publicJwkOfNative = async (crv: Curve, publicKey: CryptoKey): Promise<PublicJwk> =>
  jwkOf(crv, new Uint8Array(await subtleCrypto().exportKey('raw', publicKey)))

/** A fresh private key to keep. */
export async function generatePrivateJwk(crv: Curve): Promise<PrivateJwk> {
  const use = crv === 'Ed25519' || crv === 'secp256k1' ? 'sign' : 'agree'
  if (await hasNative(crv, use)) {
    const { privateKey } = await generateNative(crv, use, true)
    const { x = '', y, d = '' } = await subtleCrypto().exportKey('jwk', privateKey)
    return { kty: curves[crv].kty, crv, x, ...(y === undefined ? {} : { y }), d }
  }
  const software = await loadCurve(crv)
  const secret = software.generate()
  const jwk = { ...jwkOf(crv, software.publicKeyOf(secret)), d: encodeBase64url(secret) }
  secret.fill(0)
  return jwk
}

export async function importPublicKey(jwk: PublicJwk, use: KeyUse): Promise<PublicKey> {
  const { crv } = jwk
  const octets = octetsOf(jwk)
  if (await hasNative(crv, use)) {
    const uses = use === 'agree' ? [] : (['verify'] as const)
    const native = await subtleCrypto().importKey('raw', octets, algorithmOf(crv, use), true, uses)
    return publicHandle(crv === 'Ed25519' ? { crv, native, sound: isSoundPoint(octets) } : { crv, native })
  }
  const software = await loadCurve(crv)
  software.checkPublicKey(octets)
  return publicHandle({ crv, software, octets })
}

/** A private key of WebCrypto, which cannot be exported. */
export function importNative({ kty, crv, x, y, d }: PrivateJwk, use: KeyUse): Promise<CryptoKey> {
  const own = { kty, crv, x, ...(y === undefined ? {} : { y }), d }
  return subtleCrypto().importKey('jwk', own, algorithmOf(crv, use), false, [privateUse[use]])
}

export async function importPrivateKey(jwk: PrivateJwk, use: KeyUse): Promise<PrivateKey> {
  const { crv, x, d } = jwk
  if (await hasNative(crv, use)) {
    return privateHandle({ crv, native: await importNative(jwk, use) })
  }
  const [software, octets] = [await loadCurve(crv), decodeBase64url(d)]
  if (jwkOf(crv, software.publicKeyOf(octets)).x !== x) throw refusedKey(`the private key of the public one`, 'CRV-05')
  return privateHandle({ crv, software, octets })
}

/** The octets of a public key: those of `x`, or the uncompressed point. Each coordinate has its length, or they would run into each other. */
function octetsOf({ crv, x, y }: PublicJwk): Uint8Array<ArrayBuffer> {
  const { kty, octets } = curves[crv]
  const parts = kty === 'OKP' ? [decodeBase64url(x)] : [decodeBase64url(x), decodeBase64url(y ?? '')]
  if (parts.some((part) => part.length !== octets)) throw refusedKey(`coordinates of ${octets} octets`, 'CRV-05')
  const joined = new Uint8Array(kty === 'OKP' ? octets : 1 + 2 * octets)
  joined[0] = 4
  parts.forEach((part, i) => {
    joined.set(part, kty === 'OKP' ? 0 : 1 + i * octets)
  })
  return joined
}

function jwkOf(crv: Curve, bytes: Uint8Array): PublicJwk {
  const { kty, octets } = curves[crv]
  if (kty === 'OKP') return { kty, crv, x: encodeBase64url(bytes) }
  return { kty, crv, x: encodeBase64url(bytes.subarray(1, 1 + octets)), y: encodeBase64url(bytes.subarray(1 + octets)) }
}

/** Raw ECDH. */
export async function agree(privateKey: PrivateKey, publicKey: PublicKey): Promise<Uint8Array> {
  const mine = keyOf(privateKey)
  const theirs = keyOf(publicKey)
  if (mine.crv !== theirs.crv) throw refusedKey(`keys of one curve`, 'CRV-09')
  const secret = await agreeOn(mine, theirs)
  // CRV-04: some engines refuse a secret of zeros, some do not. On the other curves it is the x of a sound point.
  const isZero = mine.crv === 'X25519' && secret.reduce((any, octet) => any | octet, 0) === 0
  if (isZero) throw refusedKey('a public key that is not of low order', 'CRV-04')
  return secret
}

async function agreeOn(mine: Key, theirs: Key): Promise<Uint8Array> {
  if ('native' in mine && 'native' in theirs) {
    const { name } = mine.native.algorithm
    return new Uint8Array(await subtleCrypto().deriveBits({ name, public: theirs.native }, mine.native, curves[mine.crv].octets * 8))
  }
  const secret = 'software' in mine && 'software' in theirs ? mine.software.agree?.(mine.octets, theirs.octets) : undefined
  if (secret === undefined) throw refusedKey('keys for key agreement', 'CRV-07')
  return secret
}

const signing = (crv: Curve): { name: string; hash?: string } => (crv === 'Ed25519' ? { name: crv } : { name: 'ECDSA', hash: 'SHA-256' })

export async function sign(alg: SignatureAlgorithm, privateKey: PrivateKey, data: Uint8Array): Promise<Uint8Array> {
  const key = keyOf(privateKey)
  checkCurve(alg, key)
  if ('native' in key) return new Uint8Array(await subtleCrypto().sign(signing(key.crv), key.native, source(data)))
  const signature = key.software.sign?.(key.octets, data)
  if (signature === undefined) throw refusedKey('a key for signatures', 'SIG-15')
  return signature
}

export async function verify(alg: SignatureAlgorithm, publicKey: PublicKey, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const key = keyOf(publicKey)
    checkCurve(alg, key)
    if (signature.length !== 64) return false
    if (alg === 'EdDSA' && !isStrict(key, signature)) return false
    if ('native' in key) return await subtleCrypto().verify(signing(key.crv), key.native, source(signature), source(data))
    return key.software.verify?.(key.octets, data, signature) === true
  } catch {
    return false
  }
}

/** SIG-15: the key decides what its signatures are, not the header. */
function checkCurve(alg: SignatureAlgorithm, { crv }: Key): void {
  if (signatureAlgorithms[alg].crv !== crv) throw refusedKey(`a key of ${signatureAlgorithms[alg].crv} for ${alg}`, 'SIG-15')
}

/** SIG-19: neither A nor R is of small order or unreduced, and S is below the order of the base point. Engines differ in all of these. */
function isStrict(key: Key, signature: Uint8Array): boolean {
  const sound = 'native' in key ? key.sound === true : isSoundPoint(key.octets)
  return sound && isSoundPoint(signature.subarray(0, 32)) && isBelowOrder(signature.subarray(32))
}

// The order of the base point of Ed25519, 2^252 + 27742317777372353535851937790883648493, lowest octet first.
const order = decodeBase64url('7dP1XBpjEljWnPei3vneFAAAAAAAAAAAAAAAAAAAABA')

function isBelowOrder(s: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (s[i] ?? 0) - (order[i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

const refusedKey = (expected: string, rule: string): DidcommError =>
  new DidcommError('ERR_MALFORMED_KEY', `expected ${expected}, found another`, { rule })
