/**
 * Content encryption and key wrapping by WebCrypto. It knows no keys but octets, and nothing of JOSE.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-5.2.5 | RFC 7518, section 5.2.5}, {@link https://www.rfc-editor.org/rfc/rfc3394 | RFC 3394}
 * @module
 */
import { encodeUtf8 } from '../../bytes/utf8.ts'
import { DidcommError } from '../../errors.ts'
import { type ContentAlgorithm, contentAlgorithms } from '../algorithms.ts'
import { source, subtleCrypto } from './web-crypto.ts'

// The calls go one after another: side by side they are no faster in Chromium, where each crosses to the engine's thread and back.
const hmac = { name: 'HMAC', hash: 'SHA-512' } as const
// The import of a key of ChaCha20-Poly1305 has a format of its own, which the types do not have yet.
const rawSecret = 'raw-secret' as 'raw'

/** AES-256 Key Wrap. To WebCrypto the wrapped key is one of HMAC, which may have any length. */
export async function wrapKey(kek: Uint8Array, key: Uint8Array): Promise<Uint8Array> {
  checkLength('the key that wraps', kek, 32)
  const subtle = subtleCrypto()
  const wrapping = await subtle.importKey('raw', source(kek), 'AES-KW', false, ['wrapKey'])
  const wrapped = await subtle.importKey('raw', source(key), hmac, true, ['sign'])
  return new Uint8Array(await subtle.wrapKey('raw', wrapped, wrapping, 'AES-KW'))
}

/** AES-256 Key Unwrap; rejects alike on every failure (KWA-07). */
export async function unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Promise<Uint8Array> {
  const subtle = subtleCrypto()
  try {
    checkLength('the key that wraps', kek, 32)
    const wrapping = await subtle.importKey('raw', source(kek), 'AES-KW', false, ['unwrapKey'])
    const key = await subtle.unwrapKey('raw', source(wrapped), wrapping, 'AES-KW', hmac, true, ['sign'])
    return new Uint8Array(await subtle.exportKey('raw', key))
  } catch {
    throw refusal()
  }
}

type Sealed = { readonly ciphertext: Uint8Array; readonly tag: Uint8Array }

/** Encrypts; a string is encoded as UTF-8. */
export async function encrypt(
  enc: ContentAlgorithm,
  key: Uint8Array,
  iv: Uint8Array,
  aad: string,
  plaintext: string | Uint8Array,
): Promise<Sealed> {
  checkLengths(enc, key, iv)
  const bytes = typeof plaintext === 'string' ? encodeUtf8(plaintext) : plaintext
  if (enc === 'A256CBC-HS512') return sealCbc(key, iv, octetsOfAad(aad), bytes)
  const sealed =
    enc === 'A256GCM' ? await gcm('encrypt', key, iv, octetsOfAad(aad), bytes) : await xc20p('encrypt', key, iv, octetsOfAad(aad), bytes)
  const end = sealed.length - contentAlgorithms[enc].tagOctets
  return { ciphertext: sealed.subarray(0, end), tag: sealed.subarray(end) }
}

/** Verifies the tag, then decrypts; rejects alike on every failure (CEA-08). */
export async function decrypt(
  enc: ContentAlgorithm,
  key: Uint8Array,
  iv: Uint8Array,
  aad: string,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Promise<Uint8Array> {
  subtleCrypto()
  try {
    checkLengths(enc, key, iv)
    // CEA-07: WebCrypto reads ciphertext and tag as one, so that a short tag would borrow octets of the ciphertext.
    checkLength('the tag', tag, contentAlgorithms[enc].tagOctets)
    if (enc === 'A256CBC-HS512') return await openCbc(key, iv, octetsOfAad(aad), ciphertext, tag)
    const sealed = concat(ciphertext, tag)
    return enc === 'A256GCM'
      ? await gcm('decrypt', key, iv, octetsOfAad(aad), sealed)
      : await xc20p('decrypt', key, iv, octetsOfAad(aad), sealed)
  } catch {
    throw refusal()
  }
}

async function sealCbc(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Sealed> {
  const subtle = subtleCrypto()
  const encKey = await subtle.importKey('raw', source(key.subarray(32)), 'AES-CBC', false, ['encrypt'])
  const ciphertext = new Uint8Array(await subtle.encrypt({ name: 'AES-CBC', iv: source(iv) }, encKey, source(plaintext)))
  return { ciphertext, tag: await cbcTag(key, iv, aad, ciphertext) }
}

async function openCbc(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array, tag: Uint8Array): Promise<Uint8Array> {
  const subtle = subtleCrypto()
  // CEA-08: the padding is not touched before the tag is known to be right.
  if (!equalInConstantTime(tag, await cbcTag(key, iv, aad, ciphertext))) throw refusal()
  const encKey = await subtle.importKey('raw', source(key.subarray(32)), 'AES-CBC', false, ['decrypt'])
  return new Uint8Array(await subtle.decrypt({ name: 'AES-CBC', iv: source(iv) }, encKey, source(ciphertext)))
}

/** The first half of the HMAC over AAD, IV, ciphertext, and the length of the AAD in bits as 64 bits (CEA-01). */
async function cbcTag(key: Uint8Array, iv: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> {
  const subtle = subtleCrypto()
  const macKey = await subtle.importKey('raw', source(key.subarray(0, 32)), hmac, false, ['sign'])
  const aadBits = new Uint8Array(8)
  new DataView(aadBits.buffer).setBigUint64(0, BigInt(aad.length) * 8n)
  const mac = await subtle.sign('HMAC', macKey, source(concat(aad, iv, ciphertext, aadBits)))
  return new Uint8Array(mac, 0, contentAlgorithms['A256CBC-HS512'].tagOctets)
}

async function gcm(use: 'encrypt' | 'decrypt', key: Uint8Array, iv: Uint8Array, aad: Uint8Array, data: Uint8Array): Promise<Uint8Array> {
  const subtle = subtleCrypto()
  const imported = await subtle.importKey('raw', source(key), 'AES-GCM', false, [use])
  return new Uint8Array(await subtle[use]({ name: 'AES-GCM', iv: source(iv), additionalData: source(aad) }, imported, source(data)))
}

let hasChaCha: Promise<boolean> | undefined

/** Tells whether WebCrypto has ChaCha20-Poly1305, of which XC20P is one step away. */
function askForChaCha(): Promise<boolean> {
  hasChaCha ??= subtleCrypto()
    .importKey(rawSecret, new Uint8Array(32), 'ChaCha20-Poly1305', false, ['encrypt'])
    .then(
      () => true,
      () => false,
    )
  return hasChaCha
}

async function xc20p(
  use: 'encrypt' | 'decrypt',
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array> {
  const [chacha, native] = await Promise.all([import('./software-chacha.ts'), askForChaCha()])
  if (!native) return use === 'encrypt' ? chacha.seal(key, nonce, aad, data) : chacha.open(key, nonce, aad, data)
  const subtle = subtleCrypto()
  const subkey = chacha.subkey(key, nonce)
  const imported = await subtle.importKey(rawSecret, subkey, 'ChaCha20-Poly1305', false, [use])
  subkey.fill(0)
  const iv = new Uint8Array(12)
  iv.set(nonce.subarray(16), 4)
  const algorithm = { name: 'ChaCha20-Poly1305', iv, additionalData: source(aad) }
  return new Uint8Array(await subtle[use](algorithm, imported, source(data)))
}

/** An octet a character, as in `node.ts`. The AAD of JOSE is ASCII, where that is UTF-8. */
function octetsOfAad(aad: string): Uint8Array {
  const utf8 = encodeUtf8(aad)
  return utf8.length === aad.length ? utf8 : Uint8Array.from(aad, (character) => character.charCodeAt(0))
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Compares octets of the same length in a time that does not tell where they differ. */
function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

function checkLengths(enc: ContentAlgorithm, key: Uint8Array, iv: Uint8Array): void {
  checkLength('the content encryption key', key, contentAlgorithms[enc].keyOctets)
  checkLength('the initialization vector', iv, contentAlgorithms[enc].ivOctets)
}

function checkLength(what: string, bytes: Uint8Array, octets: number): void {
  if (bytes.length !== octets)
    throw new DidcommError('ERR_INTERNAL', `expected ${what} to be ${octets} octets, found ${bytes.length}`, { rule: 'CEA-07' })
}

/** One error for every cause, without the engine's own, so that no caller can tell a wrong tag from wrong padding. */
const refusal = (): DidcommError =>
  new DidcommError('ERR_TRUST_DECRYPT', 'expected octets that decrypt under their key, found others', { rule: 'CEA-08' })
