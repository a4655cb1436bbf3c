/**
 * The primitives by `node:crypto`, whose calls answer at once: WebCrypto costs a trip to the thread pool for each call here.
 *
 * The forms in which keys are imported, and the two ways to ECDH, are chosen by what is fastest on each line of Node (`bench/`).
 *
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  type ECDH,
  generateKeyPairSync,
  hash,
  KeyObject,
  randomFillSync,
  sign as signWith,
  timingSafeEqual,
  verify as verifyWith,
  webcrypto,
} from 'node:crypto'
import { boundedMap } from '../../bounded-map.ts'
import { type ContentAlgorithm, type Curve, curves, type SignatureAlgorithm } from '../algorithms.ts'
import { isSoundPoint } from './edwards.ts'
import type { KeyUse, Later, Primitives, PrivateJwk, PrivateKey, PublicJwk, PublicKey } from './primitives.ts'

const major = Number(process.versions.node.split('.')[0])

// Node 24 throws and catches inside wherever a key comes as octets or as an object; a KeyObject or a PEM text is taken at once.
const wantsKeyObjects = major === 24
// OpenSSL 3.0, which Node 20 has, takes the coordinates of a JWK of these curves slower than DER, and DER slower than a point: which WebCrypto
// alone takes, by a promise that needs no turn of the event loop.
const wantsPoint = major < 22
// Until Node 22, P-256 is faster by the ECDH class, which takes a peer's raw point without an import.
const wantsRawP256 = major < 24

const symmetric = (key: Uint8Array): Uint8Array | KeyObject => (wantsKeyObjects ? createSecretKey(key) : key)

// What the opaque handles are here. P-256 by the ECDH class has no KeyObjects.
type NodePrivateKey = KeyObject | ECDH
type NodePublicKey = KeyObject | Buffer

// Never `export({ format: 'jwk' })` on a fresh key: on Node 20 that can wait forever for a lock that it holds itself.
const asJwk = { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } } as const
const publicAsJwk = { publicKeyEncoding: { format: 'jwk' } } as const

export const primitives: Primitives = {
  name: 'node',
  randomBytes,
  sha256: sha256Sync,
  sha256Sync,
  generateEphemeralKey,
  generatePrivateJwk: (crv) => generatePair(crv, asJwk).privateKey as unknown as PrivateJwk,
  importPublicKey,
  importPrivateKey,
  agree,
  wrapKey: (kek, key) => createCipheriv('id-aes256-wrap', symmetric(kek), wrapIv).update(key),
  unwrapKey,
  encrypt,
  decrypt,
  sign,
  verify,
}

function sha256Sync(data: Uint8Array): Uint8Array {
  return hash('sha256', data, 'buffer')
}

const pool = Buffer.alloc(16384)
let poolUsed = pool.length

/** Octets by the thousand at once: a call for few costs as much as one for many. What was handed out is wiped from the pool. */
function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > 256) return randomFillSync(new Uint8Array(length))
  if (poolUsed + length > pool.length) {
    randomFillSync(pool)
    poolUsed = 0
  }
  const octets = new Uint8Array(pool.subarray(poolUsed, poolUsed + length))
  pool.fill(0, poolUsed, poolUsed + length)
  poolUsed += length
  return octets
}

const ecdhNames: Partial<Record<Curve, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  secp256k1: 'secp256k1',
}

function generatePair(crv: Curve, encodings: object): { publicKey: unknown; privateKey: unknown } {
  // The two overloads that are used differ in the type alone.
  const generate = generateKeyPairSync as (type: string, options: object) => { publicKey: unknown; privateKey: unknown }
  return crv === 'X25519' || crv === 'Ed25519' ? generate(crv.toLowerCase(), encodings) : generate('ec', { namedCurve: crv, ...encodings })
}

function generateEphemeralKey(crv: Curve): { publicJwk: PublicJwk; privateKey: PrivateKey } {
  if (crv === 'P-256' && wantsRawP256) {
    const ecdh = createECDH(ecdhNames[crv] as string)
    const point = ecdh.generateKeys()
    const publicJwk = { kty: 'EC', crv, x: point.toString('base64url', 1, 33), y: point.toString('base64url', 33) } as const
    return { publicJwk, privateKey: ecdh as unknown as PrivateKey }
  }
  const { publicKey, privateKey } = generatePair(crv, publicAsJwk)
  return { publicJwk: publicKey as PublicJwk, privateKey: privateKey as PrivateKey }
}

// SubjectPublicKeyInfo of each curve, up to the key itself (RFC 8410, RFC 5480).
const spkiPrefix: Record<Curve, Buffer> = {
  X25519: Buffer.from('302a300506032b656e032100', 'hex'),
  Ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
  'P-256': Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'),
  'P-384': Buffer.from('3076301006072a8648ce3d020106052b81040022036200', 'hex'),
  'P-521': Buffer.from('30819b301006072a8648ce3d020106052b8104002303818600', 'hex'),
  secp256k1: Buffer.from('3056301006072a8648ce3d020106052b8104000a034200', 'hex'),
}

const pointOf = ({ x, y = '' }: PublicJwk): Buffer =>
  Buffer.concat([uncompressed, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
const uncompressed = Buffer.of(4)

function importPublicKey(jwk: PublicJwk, use: KeyUse): Later<PublicKey> {
  return publicHandle(jwk, use) as unknown as Later<PublicKey>
}

function publicHandle(jwk: PublicJwk, use: KeyUse): Later<NodePublicKey> {
  // Node 22 takes coordinates of another length, and makes another key of them.
  const characters = Math.ceil((curves[jwk.crv].octets * 4) / 3)
  if (jwk.x.length !== characters || (jwk.kty === 'EC' && jwk.y?.length !== characters)) throw new Error('a coordinate of another length')
  if (jwk.crv === 'P-256' && use === 'agree' && wantsRawP256) return pointOf(jwk)
  if (wantsPoint && (jwk.crv === 'P-384' || jwk.crv === 'P-521')) return pointHandle(jwk)
  if (!wantsKeyObjects) return createPublicKey({ key: jwk, format: 'jwk' })
  const der = Buffer.concat([spkiPrefix[jwk.crv], jwk.kty === 'OKP' ? Buffer.from(jwk.x, 'base64url') : pointOf(jwk)])
  return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----`)
}

async function pointHandle(jwk: PublicJwk): Promise<KeyObject> {
  return KeyObject.from(await webcrypto.subtle.importKey('raw', pointOf(jwk), { name: 'ECDH', namedCurve: jwk.crv }, true, []))
}

type Imported = { readonly d: string; readonly key: PrivateKey }

// Importing a private key costs as much as using it, because the public half is made from it; and some programs read their keys anew for
// each message. Held weakly, so that no private key stays in memory for being here.
const importedKeys = boundedMap<string, WeakRef<Imported>>(256)

function importPrivateKey(jwk: PrivateJwk, use: KeyUse): PrivateKey {
  const name = `${use} ${jwk.crv} ${jwk.x} ${jwk.y ?? ''}`
  const known = importedKeys.get(name)?.deref()
  if (known?.d === jwk.d) return known.key
  const key = privateHandle(jwk, use)
  importedKeys.set(name, new WeakRef({ d: jwk.d, key }))
  return key
}

function privateHandle(jwk: PrivateJwk, use: KeyUse): PrivateKey {
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  if (jwk.kty === 'OKP') {
    // OpenSSL derives the public half, and does not compare it with the one that came along.
    if (createPublicKey(key).export({ format: 'jwk' }).x !== jwk.x) throw new Error('the halves of the key do not belong together')
    return key as unknown as PrivateKey
  }
  const ecdh = createECDH(ecdhNames[jwk.crv] as string)
  // Throws where the number is zero, or not below the order of the curve.
  ecdh.setPrivateKey(Buffer.from(jwk.d, 'base64url'))
  if (!ecdh.getPublicKey().equals(pointOf(jwk))) throw new Error('the halves of the key do not belong together')
  const handle: NodePrivateKey = jwk.crv === 'P-256' && use === 'agree' && wantsRawP256 ? ecdh : key
  return handle as unknown as PrivateKey
}

/** OpenSSL refuses points off the curve, and an all-zero secret of X25519 (CRV-03, CRV-04). */
function agree(privateKey: PrivateKey, publicKey: PublicKey): Uint8Array {
  const mine = privateKey as unknown as NodePrivateKey
  const theirs = publicKey as unknown as NodePublicKey
  if (Buffer.isBuffer(theirs)) return (mine as ECDH).computeSecret(theirs)
  return diffieHellman({ privateKey: mine as KeyObject, publicKey: theirs })
}

// G-12: OpenSSL wants the IV that RFC 3394 has as its default.
const wrapIv = Buffer.alloc(8, 0xa6)

function unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('id-aes256-wrap', symmetric(kek), wrapIv)
  const key = decipher.update(wrapped)
  // OpenSSL unwraps nothing to nothing, without an error.
  if (key.length !== wrapped.length - 8 || key.length === 0) throw new Error('key unwrap failed')
  return key
}

type Encrypted = { readonly ciphertext: Uint8Array; readonly tag: Uint8Array }

function encrypt(enc: ContentAlgorithm, key: Uint8Array, iv: Uint8Array, aad: string, plaintext: string | Uint8Array): Later<Encrypted> {
  switch (enc) {
    case 'A256CBC-HS512':
      return encryptCbc(key, iv, aad, plaintext)
    case 'A256GCM':
      return encryptAead('aes-256-gcm', key, iv, aad, plaintext)
    case 'XC20P':
      return withSubkey(key, iv, (subkey, nonce) => encryptAead('chacha20-poly1305', subkey, nonce, aad, plaintext))
  }
}

function decrypt(
  enc: ContentAlgorithm,
  key: Uint8Array,
  iv: Uint8Array,
  aad: string,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Later<Uint8Array> {
  switch (enc) {
    case 'A256CBC-HS512':
      return decryptCbc(key, iv, aad, ciphertext, tag)
    case 'A256GCM':
      return decryptAead('aes-256-gcm', key, iv, aad, ciphertext, tag)
    case 'XC20P':
      return withSubkey(key, iv, (subkey, nonce) => decryptAead('chacha20-poly1305', subkey, nonce, aad, ciphertext, tag))
  }
}

// `update` and `final` of a cipher: a text goes in without being encoded first.
type Cipher = { update(data: string, encoding: 'utf8'): Buffer; update(data: Uint8Array): Buffer; final(): Buffer }

function run(cipher: Cipher, plaintext: string | Uint8Array): Buffer {
  const body = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext)
  const last = cipher.final()
  return last.length === 0 ? body : Buffer.concat([body, last])
}

function encryptCbc(key: Uint8Array, iv: Uint8Array, aad: string, plaintext: string | Uint8Array): Encrypted {
  const ciphertext = run(createCipheriv('aes-256-cbc', symmetric(key.subarray(32)), iv) as Cipher, plaintext)
  return { ciphertext, tag: cbcTag(key, iv, aad, ciphertext) }
}

function decryptCbc(key: Uint8Array, iv: Uint8Array, aad: string, ciphertext: Uint8Array, tag: Uint8Array): Uint8Array {
  // CEA-08: the tag is verified before the padding is looked at.
  if (!timingSafeEqual(cbcTag(key, iv, aad, ciphertext), tag)) throw new Error('tag mismatch')
  return run(createDecipheriv('aes-256-cbc', symmetric(key.subarray(32)), iv) as Cipher, ciphertext)
}

/** The first half of HMAC-SHA-512 over aad, iv, ciphertext and the bits of aad (RFC 7518, section 5.2.2.1). */
function cbcTag(key: Uint8Array, iv: Uint8Array, aad: string, ciphertext: Uint8Array): Buffer {
  const head = Buffer.allocUnsafe(aad.length + iv.length)
  head.write(aad, 'latin1')
  head.set(iv, aad.length)
  const bits = Buffer.alloc(8)
  bits.writeUInt32BE(aad.length * 8, 4)
  const hmac = createHmac('sha512', symmetric(key.subarray(0, 32)))
  // One call for a short message, because each costs; no copy of a long one.
  if (ciphertext.length <= 4096) hmac.update(Buffer.concat([head, ciphertext, bits]))
  else hmac.update(head).update(ciphertext).update(bits)
  return hmac.digest().subarray(0, 32)
}

type Aead = 'aes-256-gcm' | 'chacha20-poly1305'
// The two ciphers have the same options, and different types.
type AeadCipher = Cipher & { setAAD(aad: Uint8Array): unknown; getAuthTag(): Buffer; setAuthTag(tag: Uint8Array): unknown }
const createAead = createCipheriv as unknown as (name: Aead, key: Uint8Array | KeyObject, iv: Uint8Array, options: object) => AeadCipher
const createUnAead = createDecipheriv as unknown as typeof createAead
const tagOptions = { authTagLength: 16 }

function encryptAead(name: Aead, key: Uint8Array, iv: Uint8Array, aad: string, plaintext: string | Uint8Array): Encrypted {
  const cipher = createAead(name, symmetric(key), iv, tagOptions)
  cipher.setAAD(Buffer.from(aad, 'latin1'))
  const ciphertext = run(cipher, plaintext)
  return { ciphertext, tag: cipher.getAuthTag() }
}

function decryptAead(name: Aead, key: Uint8Array, iv: Uint8Array, aad: string, ciphertext: Uint8Array, tag: Uint8Array): Uint8Array {
  const decipher = createUnAead(name, symmetric(key), iv, tagOptions)
  decipher.setAAD(Buffer.from(aad, 'latin1'))
  decipher.setAuthTag(tag)
  return run(decipher, ciphertext)
}

type HChaCha = typeof import('@noble/ciphers/chacha.js').hchacha

// Loaded when it is first needed: OpenSSL has everything but this step, and most programs never use XC20P.
let hchacha: HChaCha | undefined

/** Node has no XChaCha20 (G-14). It is ChaCha20 with a key that HChaCha20 makes of the key and 16 octets of the nonce (draft-irtf-cfrg-xchacha, section 2.3). */
function withSubkey<Result>(key: Uint8Array, iv: Uint8Array, use: (subkey: Uint8Array, nonce: Uint8Array) => Result): Later<Result> {
  if (hchacha === undefined) {
    return import('@noble/ciphers/chacha.js').then((module) => {
      hchacha = module.hchacha
      return withSubkey(key, iv, use)
    })
  }
  hchacha(sigma, toWords(key, keyWords), toWords(iv, nonceWords), subkeyWords)
  const subkey = new Uint8Array(32)
  for (let i = 0; i < 32; i++) subkey[i] = (subkeyWords[i >> 2] as number) >>> (8 * (i & 3))
  keyWords.fill(0)
  subkeyWords.fill(0)
  const nonce = new Uint8Array(12)
  nonce.set(iv.subarray(16), 4)
  return use(subkey, nonce)
}

// "expand 32-byte k"
const sigma = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)
const keyWords = new Uint32Array(8)
const nonceWords = new Uint32Array(4)
const subkeyWords = new Uint32Array(8)

/** Octets as words of little-endian order, whatever the machine's is; as many as there is room for. */
function toWords(bytes: Uint8Array, words: Uint32Array): Uint32Array {
  for (let i = 0; i < words.length; i++) {
    const at = 4 * i
    words[i] =
      (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)
  }
  return words
}

function sign(alg: SignatureAlgorithm, privateKey: PrivateKey, data: Uint8Array): Uint8Array {
  const key = privateKey as unknown as KeyObject
  if (alg === 'EdDSA') return signWith(null, data, key)
  // G-13: r || s, where OpenSSL would write DER.
  const signature = signWith('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
  return alg === 'ES256K' ? withLowS(signature) : signature
}

function verify(alg: SignatureAlgorithm, publicKey: PublicKey, data: Uint8Array, signature: Uint8Array): boolean {
  const key = publicKey as unknown as KeyObject
  if (signature.length !== 64) return false
  if (alg !== 'EdDSA') return verifyWith('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  return isSoundPoint(signature.subarray(0, 32)) && isSoundKey(key) && verifyWith(null, data, key, signature)
}

const soundKeys = new WeakMap<KeyObject, boolean>()

/** The public key is looked at once: getting at its octets costs more than a look. */
function isSoundKey(key: KeyObject): boolean {
  let sound = soundKeys.get(key)
  if (sound === undefined) {
    sound = isSoundPoint(key.export({ format: 'der', type: 'spki' }).subarray(-32))
    soundKeys.set(key, sound)
  }
  return sound
}

const secp256k1Order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/** Of the two s that verify, the lower (SIG-19). */
function withLowS(signature: Buffer): Buffer {
  const s = BigInt(`0x${signature.toString('hex', 32)}`)
  if (s <= secp256k1Order / 2n) return signature
  return Buffer.concat([signature.subarray(0, 32), Buffer.from((secp256k1Order - s).toString(16).padStart(64, '0'), 'hex')])
}
