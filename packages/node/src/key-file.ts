/**
 * Private keys, and the DIDs made with them, in one encrypted file. The keys are used through the port of the library; they leave
 * the file by no function here.
 *
 * What a change reads, changes and writes is under a lock, and starts from what is in the file then: two programs that add keys
 * at the same time lose none.
 *
 * @module
 */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isObject } from 'sealpost/bytes'
import { type Did, type DidDocument, type DidUrl, isDid, type Keys, parseDidUrl } from 'sealpost/did'
import { DidcommError, isDidcommError } from 'sealpost/errors'
import { checkPrivateJwk, type PrivateJwk, type PublicJwk, publicJwkOf } from 'sealpost/jose'
import { memoryKeys } from 'sealpost/keys/memory'
import { writeFileAtomically } from './files.ts'
import { openKeyFileText, sealKeyFile, textOf, type Unlocked, unlockFresh } from './key-file-format.ts'
import { withLock } from './lock.ts'

/** A private key with the DID URL that it is known by. */
export type KeyEntry = PrivateJwk & { readonly kid: DidUrl }

/** A DID that was made with keys of the file. */
export type StoredDid = {
  readonly did: Did
  /** The short form of a did:peer:4. */
  readonly shortForm?: Did
  /** The document, where the DID cannot be resolved from its own text. */
  readonly document?: DidDocument
  /** UTC epoch seconds. */
  readonly createdTime: number
}

export type KeyFile = {
  readonly path: string
  /** The port that `pack` and `unpack` take. It knows at once what `add` and `remove` changed. */
  readonly keys: Keys
  /** The kids of the private keys that are held. */
  list(): readonly DidUrl[]
  /** The public half of a key, or undefined where it is not held. */
  publicKey(kid: DidUrl): PublicJwk | undefined
  /** The DIDs that were made, oldest first. */
  dids(): readonly StoredDid[]
  /**
   * Adds keys and DIDs; it resolves when they are on the disk.
   *
   * @throws {DidcommError} `ERR_MALFORMED_KEY`, `ERR_MALFORMED_DID`; `ERR_USAGE_KEY_FILE` where the file cannot be written, or holds
   * another key with that kid.
   */
  add(what: { readonly keys?: readonly KeyEntry[]; readonly dids?: readonly StoredDid[] }): Promise<void>
  /** Removes a key by its kid, or a DID with all of its keys. Returns the kids that are gone; nothing brings them back. */
  remove(target: Did | DidUrl): Promise<readonly DidUrl[]>
}

export type KeyFileOptions = {
  readonly passphrase: string
  /** Make the file where there is none. Without it a missing file is an error. */
  readonly create?: boolean
  /** What a guess of the passphrase costs in a new file: the N of scrypt, a power of two from 2^14 to 2^20. 2^17 where nothing is said. */
  readonly work?: number
}

type Contents = { readonly keys: readonly KeyEntry[]; readonly dids: readonly StoredDid[] }

/**
 * Opens a key file, or makes one. Its permissions are those of its owner alone.
 *
 * @throws {DidcommError} `ERR_USAGE_PASSPHRASE` where it does not open; `ERR_USAGE_KEY_FILE` where it is missing, damaged or unreadable.
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { openKeyFile } from '@sealpost/node'
 *
 * const path = join(await mkdtemp(join(tmpdir(), 'sealpost-')), 'keys.json')
 * const file = await openKeyFile(path, { passphrase: 'correct horse battery staple', create: true })
 * console.log(file.list())
 * ```
 */
export async function openKeyFile(path: string, { passphrase, create = false, work }: KeyFileOptions): Promise<KeyFile> {
  if (passphrase === '') throw new DidcommError('ERR_USAGE_PASSPHRASE', 'expected a passphrase, found an empty one')
  let seen = (await read(path)) ?? (create ? await makeFile(path, passphrase, work) : undefined)
  if (seen === undefined) throw new DidcommError('ERR_USAGE_KEY_FILE', `there is no key file at ${path}: make one first`)
  let opened = await openKeyFileText(seen, passphrase)
  let contents = contentsOf(opened.contents)
  let held = memoryKeys(contents.keys)

  const change = (by: (now: Contents) => Contents): Promise<void> =>
    withLock(path, async () => {
      const text = await read(path)
      if (text === undefined) throw new DidcommError('ERR_USAGE_KEY_FILE', `the key file ${path} is gone: nothing was written`)
      if (text !== seen) {
        opened = await openKeyFileText(text, passphrase, opened.unlocked)
        contents = contentsOf(opened.contents)
        seen = text
      }
      const next = by(contents)
      const port = memoryKeys(next.keys)
      seen = await write(path, next, opened.unlocked)
      contents = next
      held = port
    })

  return {
    path,
    keys: {
      held: (kids) => held.held(kids),
      agree: (kid, publicKey, lasting) => held.agree(kid, publicKey, lasting),
      sign: (kid, data) => held.sign(kid, data),
    },
    list: () => contents.keys.map(({ kid }) => kid),
    publicKey(kid) {
      const entry = contents.keys.find((key) => key.kid === kid)
      if (entry === undefined) return undefined
      const { kid: _, ...jwk } = entry
      return publicJwkOf(jwk)
    },
    dids: () => contents.dids,
    async add({ keys = [], dids = [] }) {
      const added = keys.map(checkEntry)
      await change((now) => ({ keys: added.reduce(withKey, now.keys), dids: dids.reduce(withDid, now.dids) }))
    },
    async remove(target) {
      let gone: readonly DidUrl[] = []
      await change((now) => {
        const ofDid = now.dids.find(({ did, shortForm }) => did === target || shortForm === target)
        const isGone = (kid: DidUrl): boolean =>
          kid === target || [target, ofDid?.did, ofDid?.shortForm].includes(kid.slice(0, kid.indexOf('#')) as Did)
        gone = now.keys.filter(({ kid }) => isGone(kid)).map(({ kid }) => kid)
        return { keys: now.keys.filter(({ kid }) => !isGone(kid)), dids: now.dids.filter((did) => did !== ofDid) }
      })
      return gone
    },
  }
}

function withKey(keys: readonly KeyEntry[], added: KeyEntry): readonly KeyEntry[] {
  const old = keys.find(({ kid }) => kid === added.kid)
  if (old === undefined) return [...keys, added]
  if (old.x !== added.x || old.crv !== added.crv || old.d !== added.d) {
    throw new DidcommError('ERR_USAGE_KEY_FILE', `the key file holds another key named ${added.kid}: remove that one first`)
  }
  return keys
}

const withDid = (dids: readonly StoredDid[], added: StoredDid): readonly StoredDid[] => [
  ...dids.filter(({ did }) => did !== added.did),
  added,
]

function checkEntry(value: unknown): KeyEntry {
  const kid = isObject(value) ? value['kid'] : undefined
  if (typeof kid !== 'string' || parseDidUrl(kid).fragment === undefined) {
    throw new DidcommError('ERR_MALFORMED_KEY', 'expected a private JWK whose `kid` is a DID URL with a fragment', { rule: 'KID-07' })
  }
  const jwk = checkPrivateJwk(value)
  if (!isPair(jwk))
    throw new DidcommError('ERR_MALFORMED_KEY', `the private half of ${kid} does not belong to its public half`, { rule: 'CRV-05' })
  return { ...jwk, kid: kid as DidUrl }
}

/** Whether `d` makes `x`: a key that does not would lose every message sent to it. */
function isPair(jwk: PrivateJwk): boolean {
  try {
    const derived = createPublicKey(createPrivateKey({ key: { ...jwk }, format: 'jwk' })).export({ format: 'jwk' })
    return derived.x === jwk.x && derived.y === jwk.y
  } catch {
    return false
  }
}

/** What was sealed is ours, but a newer program may have written it. */
function contentsOf(value: unknown): Contents {
  if (!isObject(value) || !Array.isArray(value['keys']) || !Array.isArray(value['dids'])) {
    throw new DidcommError('ERR_USAGE_KEY_FILE', 'the contents of the key file are not those of this version')
  }
  const dids: readonly unknown[] = value['dids']
  if (!dids.every(isStoredDid)) throw new DidcommError('ERR_USAGE_KEY_FILE', 'the key file lists a DID that is none')
  return { keys: value['keys'].map((key: unknown) => toKeyEntry(key)), dids }
}

function toKeyEntry(value: unknown): KeyEntry {
  const kid = isObject(value) ? value['kid'] : undefined
  if (typeof kid !== 'string') throw new DidcommError('ERR_USAGE_KEY_FILE', 'the key file has a key without a kid')
  return { ...checkPrivateJwk(value), kid: kid as DidUrl }
}

const isStoredDid = (value: unknown): value is StoredDid =>
  isObject(value) && isDid(value['did']) && typeof value['createdTime'] === 'number'

async function read(path: string): Promise<string | undefined> {
  try {
    return textOf(await readFile(path))
  } catch (cause) {
    if (isDidcommError(cause)) throw cause
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new DidcommError('ERR_USAGE_KEY_FILE', `the key file ${path} cannot be read`, { cause })
  }
}

async function write(path: string, contents: Contents, unlocked: Unlocked): Promise<string> {
  const text = sealKeyFile(contents, unlocked)
  try {
    await writeFileAtomically(path, text)
  } catch (cause) {
    throw new DidcommError('ERR_USAGE_KEY_FILE', `the key file ${path} cannot be written; it is as it was`, { cause })
  }
  return text
}

/** Two programs that make the same file: the second finds what the first made. */
async function makeFile(path: string, passphrase: string, work: number | undefined): Promise<string> {
  const unlocked = await unlockFresh(passphrase, work)
  return withLock(path, async () => (await read(path)) ?? (await write(path, { keys: [], dids: [] }, unlocked)))
}
