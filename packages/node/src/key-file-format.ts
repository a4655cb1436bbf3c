/**
 * The bytes of a key file: what is written, and how it is sealed by a passphrase. It knows no path and no file.
 *
 * scrypt makes a key of the passphrase; AES-256-GCM seals the contents; the header is authenticated with them. Version 1:
 *
 *     { "format": "sealpost-key-file", "version": 1, "kdf": { "name": "scrypt", "n", "r", "p", "salt" }, "enc": "A256GCM", "iv", "ciphertext", "tag" }
 *
 * @module
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import {
  canonicalJson,
  decodeBase64url,
  decodeUtf8,
  encodeBase64url,
  encodeUtf8,
  isObject,
  parseJson,
  parseJsonBytes,
} from 'sealpost/bytes'
import { DidcommError } from 'sealpost/errors'

/** The work that a guess of the passphrase costs; stored in the file, so that it can grow. */
export type Kdf = { readonly name: 'scrypt'; readonly n: number; readonly r: number; readonly p: number; readonly salt: string }

/** A key made of a passphrase, kept while a file is open so that each change does not cost another scrypt. */
export type Unlocked = { readonly kdf: Kdf; readonly key: Uint8Array }

export const defaultWork = 2 ** 17
const format = 'sealpost-key-file'
const version = 1
const ivOctets = 12
const tagOctets = 16
const saltOctets = 32
const maxFileOctets = 16 * 1024 * 1024

/** Makes a fresh key of a passphrase. `work` is the N of scrypt: a power of two from 2^14 to 2^20; each doubling doubles time and memory. */
export async function unlockFresh(passphrase: string, work: number = defaultWork): Promise<Unlocked> {
  const kdf: Kdf = { name: 'scrypt', n: work, r: 8, p: 1, salt: encodeBase64url(randomBytes(saltOctets)) }
  if (!isSaneKdf(kdf)) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', `expected the work of scrypt to be a power of two from 2^14 to 2^20, found ${work}`)
  }
  return { kdf, key: await derive(passphrase, kdf) }
}

/** Seals contents with a fresh initialization vector. */
export function sealKeyFile(contents: unknown, { kdf, key }: Unlocked): string {
  const iv = randomBytes(ivOctets)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(additionalData(kdf))
  const ciphertext = Buffer.concat([cipher.update(encodeUtf8(JSON.stringify(contents))), cipher.final()])
  const file = {
    format,
    version,
    kdf,
    enc: 'A256GCM',
    iv: encodeBase64url(iv),
    ciphertext: encodeBase64url(ciphertext),
    tag: encodeBase64url(cipher.getAuthTag()),
  }
  return `${JSON.stringify(file, null, 2)}\n`
}

/**
 * Opens the text of a key file.
 *
 * @param unlocked - a key that opened it before: used where the file still has the same salt
 * @throws {DidcommError} `ERR_USAGE_KEY_FILE` where it is not a whole key file; `ERR_USAGE_PASSPHRASE` where it does not open. A
 * wrong passphrase and a changed file are one answer: they cannot be told apart.
 */
export async function openKeyFileText(
  text: string,
  passphrase: string,
  unlocked?: Unlocked,
): Promise<{ contents: unknown; unlocked: Unlocked }> {
  const { kdf, iv, ciphertext, tag } = parts(text)
  const same = unlocked !== undefined && canonicalJson(unlocked.kdf) === canonicalJson(kdf)
  const key = same ? unlocked.key : await derive(passphrase, kdf)
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagOctets })
  decipher.setAAD(additionalData(kdf))
  decipher.setAuthTag(tag)
  let plain: Uint8Array
  try {
    plain = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch {
    // No cause: it would say nothing more, and the answer must not depend on it.
    throw new DidcommError('ERR_USAGE_PASSPHRASE', 'the key file does not open: the passphrase is wrong, or the file was changed')
  }
  return { contents: parseJsonBytes(plain), unlocked: { kdf, key } }
}

const members = ['ciphertext', 'enc', 'format', 'iv', 'kdf', 'tag', 'version']
const kdfMembers = ['n', 'name', 'p', 'r', 'salt']

function parts(text: string): { kdf: Kdf; iv: Uint8Array; ciphertext: Uint8Array; tag: Uint8Array } {
  if (text.length > maxFileOctets) throw damaged(`expected at most ${maxFileOctets} characters`)
  let file: unknown
  try {
    file = parseJson(text)
  } catch (cause) {
    throw damaged('it is not JSON', cause)
  }
  if (!isObject(file) || file['format'] !== format) throw damaged('it does not say that it is one')
  if (file['version'] !== version)
    throw damaged(`expected version ${version}, found ${JSON.stringify(file['version'])}: a newer Sealpost may have written it`)
  const { kdf, enc, iv, ciphertext, tag } = file
  if (!hasExactly(file, members) || enc !== 'A256GCM') throw damaged('its members are not those of version 1')
  if (!isObject(kdf) || !hasExactly(kdf, kdfMembers) || !isSaneKdf(kdf)) throw damaged('its parameters of scrypt are out of bounds')
  try {
    const octets = { iv: octetsOf(iv), ciphertext: octetsOf(ciphertext), tag: octetsOf(tag) }
    if (octets.iv.length !== ivOctets || octets.tag.length !== tagOctets) throw damaged('a member has a wrong length')
    return { kdf, ...octets }
  } catch (cause) {
    throw cause instanceof DidcommError && cause.code === 'ERR_USAGE_KEY_FILE' ? cause : damaged('a member is not base64url', cause)
  }
}

function octetsOf(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw damaged('a member is not a string')
  return decodeBase64url(value)
}

const hasExactly = (value: Record<string, unknown>, names: readonly string[]): boolean => Object.keys(value).sort().join() === names.join()

/** Bounds for what a file may ask for, so that a changed file cannot cost minutes or gigabytes. */
function isSaneKdf(value: Record<string, unknown> | Kdf): value is Kdf {
  const { name, n, r, p, salt } = value
  const isPowerOfTwo = typeof n === 'number' && Number.isInteger(Math.log2(n))
  return (
    name === 'scrypt' &&
    isPowerOfTwo &&
    n >= 2 ** 14 &&
    n <= 2 ** 20 &&
    r === 8 &&
    p === 1 &&
    typeof salt === 'string' &&
    salt.length === 43
  )
}

function derive(passphrase: string, { n, r, p, salt }: Kdf): Promise<Uint8Array> {
  // NFC: the same passphrase typed on two systems must be the same octets.
  const secret = encodeUtf8(passphrase.normalize('NFC'))
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, 32, { N: n, r, p, maxmem: 256 * n * r }, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
}

const additionalData = (kdf: Kdf): Uint8Array => encodeUtf8(canonicalJson({ format, version, kdf, enc: 'A256GCM' }))

const damaged = (why: string, cause?: unknown): DidcommError =>
  new DidcommError('ERR_USAGE_KEY_FILE', `not a whole key file: ${why}; restore it from a backup`, { cause })

/** The text of a file, or an error that says it is not text. */
export function textOf(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch (cause) {
    throw damaged('it is not text', cause)
  }
}
