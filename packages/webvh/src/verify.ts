/**
 * Whether a log proves what it says: each entry hashes what was before it, and is signed by who may go on. It fetches nothing, and its
 * clock can be given.
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#read-resolve | did:webvh 1.0, Read (Resolve)}
 * @module
 */
import type { Did, DidDocument } from 'sealpost/did'
import { DidcommError, isDidcommError } from 'sealpost/errors'
import { digestOf, hashOf, hashOfText } from './hash.ts'
import { locate, webvhUrl } from './location.ts'
import { defaultTtlSeconds, type Entry, linesOf, malformed, parseEntry, type Version } from './log.ts'
import { signerOf, verifyProof } from './proof.ts'
import { approvalsOf, isApproved } from './witness.ts'

export type LogLimits = {
  /** The versions of one DID. */
  readonly maxEntries?: number
}

export type LogOptions = LogLimits & {
  /** The content of `did-witness.json`, parsed, or how to get it: asked only where the log names witnesses. */
  readonly witnesses?: unknown
  /** The clock, in milliseconds. */
  readonly now?: () => number
  readonly signal?: AbortSignal
}

/** The versions that a log proves, in order, and what is wrong with the one after them, if something is. */
export type CheckedLog = { readonly versions: readonly Version[]; readonly failure?: DidcommError }

/** What one entry leaves to the next. */
type Step = { readonly version: Version; readonly updateKeys: readonly string[]; readonly nextKeyHashes: readonly string[] }

const skewMilliseconds = 300_000
// So that the log of a stranger does not hold up everybody else.
const lettersAtATime = 32_768

/**
 * Verifies the log of a did:webvh, wherever it came from.
 *
 * A log that goes wrong at some version proves those before it all the same: it is they that are given, with the reason.
 *
 * @param log - the text of `did.jsonl`
 * @throws {DidcommError} `ERR_MALFORMED_DID` where the DID is none; `ERR_MALFORMED_LIMIT` for more entries than are taken; and what
 * `witnesses` throws.
 *
 * @example
 * ```ts
 * import { verifyLog } from '@sealpost/webvh'
 *
 * const history = async (log: string) => {
 *   const { versions, failure } = await verifyLog('did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:example.com', log)
 *   return failure === undefined ? versions.map(({ versionId }) => versionId) : failure.message
 * }
 * ```
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#read-resolve | did:webvh 1.0, Read (Resolve)}
 */
export async function verifyLog(did: Did, log: string, options: LogOptions = {}): Promise<CheckedLog> {
  const { maxEntries = 1000, now = Date.now, signal } = options
  const { scid } = locate(did)
  const lines = linesOf(log, maxEntries)
  const latest = now() + skewMilliseconds
  const versions: Version[] = []
  let failure: DidcommError | undefined
  let last: Step | undefined
  let letters = 0
  for (const line of lines) {
    letters += line.length
    if (letters > lettersAtATime) {
      letters = 0
      await new Promise<void>((resolve) => setTimeout(resolve))
    }
    signal?.throwIfAborted()
    try {
      last = await step(line, scid, latest, versions.length + 1, last)
    } catch (error) {
      failure = ours(error)
      break
    }
    versions.push(last.version)
  }
  const unapproved = await firstUnapproved(versions, options)
  if (unapproved !== undefined) {
    versions.length = unapproved.index
    failure = unapproved.failure
  }
  // Somebody else's log, under the same hash, or at another place than it says.
  if (!versions.some(({ document }) => document.id === did)) {
    versions.length = 0
    failure ??= malformed(`a version of ${did.slice(0, 100)}`, 'those of another DID')
  }
  return { versions, ...(failure && { failure }) }
}

/** Whatever a stranger's log can do is told by an error of ours. */
function ours(error: unknown): DidcommError {
  if (isDidcommError(error)) return error
  throw error
}

async function step(line: string, scid: string, latest: number, number: number, last: Step | undefined): Promise<Step> {
  const entry = parseEntry(line)
  const { proof: _, ...unsigned } = entry.json
  const { parameters, state, time, versionId, versionTime } = entry
  checkHash(entry, unsigned, scid, number, last)
  if (last?.version.deactivated) throw malformed('nothing after the end of the DID', 'another entry')
  if (last !== undefined && time <= last.version.time) throw malformed('`versionTime` to be later than the one before', 'an earlier one')
  if (time > latest) throw malformed('`versionTime` to be in the past', 'a time to come')
  // Only at the beginning can a DID be made such that it may move.
  if (last !== undefined && parameters.portable === true) throw malformed('`portable` to be true from the first entry on', 'it later')
  const portable = parameters.portable ?? last?.version.portable ?? false
  checkPlace(state, scid, portable, last?.version.document)
  await checkSigners(entry, unsigned, last)
  const witness = parameters.witness === undefined ? last?.version.witness : parameters.witness.value
  const version: Version = {
    versionId,
    versionTime,
    time,
    document: state,
    portable,
    deactivated: parameters.deactivated ?? false,
    ttlSeconds: parameters.ttl ?? last?.version.ttlSeconds ?? defaultTtlSeconds,
    watchers: parameters.watchers ?? last?.version.watchers ?? [],
    witness,
    // Who is replaced approves of it; only where there was nobody do the new ones.
    approvers: last?.version.witness ?? witness,
  }
  return {
    version,
    updateKeys: parameters.updateKeys ?? last?.updateKeys ?? [],
    nextKeyHashes: parameters.nextKeyHashes ?? last?.nextKeyHashes ?? [],
  }
}

const placeholder = '{SCID}'

/** Holds an entry to the hash that it is known by, over what was before it; and the first one to the hash that the DID has. */
function checkHash({ versionId, parameters }: Entry, unsigned: object, scid: string, number: number, last: Step | undefined): void {
  if (last === undefined) {
    const { method, scid: own, updateKeys } = parameters
    if (method === undefined || updateKeys === undefined)
      throw malformed('`method`, `scid` and `updateKeys` in the first entry', 'some missing')
    const text = JSON.stringify({ ...unsigned, versionId: '' })
    // What stands for the hash before there is one must not stand there afterwards, or two entries would have one hash.
    if (text.includes(placeholder)) throw malformed('no placeholder', 'one')
    const beforeHash = { ...(JSON.parse(text.replaceAll(scid, placeholder)) as object), versionId: placeholder }
    if (own !== scid || hashOf(beforeHash) !== scid) throw wrongHash('the first entry to have the hash of the DID')
  } else if (parameters.scid !== undefined) throw malformed('`scid` in the first entry alone', 'it later')
  const hash = hashOf({ ...unsigned, versionId: last?.version.versionId ?? scid })
  if (versionId !== `${number}-${hash}`) throw wrongHash(`\`versionId\` of entry ${number} to be its number and hash`)
}

const wrongHash = (expected: string): DidcommError =>
  new DidcommError('ERR_TRUST_HASH', `expected ${expected} in the log of a did:webvh, found another`)

/** The DID stays what it is; its place changes only where that was allowed from the beginning, and it says where it was. */
function checkPlace(state: DidDocument, scid: string, portable: boolean, before: DidDocument | undefined): void {
  const id = state.id as Did
  webvhUrl(id)
  if (locate(id).scid !== scid) throw malformed('the document of this DID', 'that of another')
  if (before === undefined || before.id === id) return
  if (!portable) throw malformed('the DID to stay where it is', 'another place')
  const { alsoKnownAs } = state
  if (!Array.isArray(alsoKnownAs) || !alsoKnownAs.includes(before.id))
    throw malformed('`alsoKnownAs` to have the place before', 'it without')
}

/** Every proof of an entry is by a key that may go on, and holds. */
async function checkSigners({ parameters, proofs }: Entry, unsigned: object, last: Step | undefined): Promise<void> {
  const { updateKeys, nextKeyHashes } = parameters
  const announced = last?.nextKeyHashes ?? []
  let authorized = last?.updateKeys ?? updateKeys ?? []
  if (announced.length > 0) {
    // Keys that were announced by their hashes are named in full; to take over those of before would undo the announcement.
    if (updateKeys === undefined || nextKeyHashes === undefined)
      throw malformed('`updateKeys` and `nextKeyHashes`, which were announced', 'none')
    if (!updateKeys.every((key) => announced.includes(hashOfText(key)))) throw unauthorized('expected keys that were announced')
    authorized = updateKeys
  }
  const digest = digestOf(unsigned)
  for (const proof of proofs) {
    if (!authorized.includes(signerOf(proof))) throw unauthorized('expected a proof by one of `updateKeys`')
    await verifyProof(digest, proof)
  }
}

const unauthorized = (expected: string): DidcommError =>
  new DidcommError('ERR_TRUST_KEY', `${expected} in the log of a did:webvh, found one by another key`)

/** The first version that too few witnesses approved. All else is verified before; their proofs stand for nothing but themselves. */
async function firstUnapproved(
  versions: readonly Version[],
  { witnesses }: LogOptions,
): Promise<{ readonly index: number; readonly failure: DidcommError } | undefined> {
  const multikeys = new Set(versions.flatMap(({ approvers }) => approvers?.multikeys ?? []))
  if (multikeys.size === 0) return undefined
  const file: unknown = typeof witnesses === 'function' ? await witnesses() : witnesses
  const versionIds = versions.map(({ versionId }) => versionId)
  const approvals = await approvalsOf(file, versionIds, multikeys)
  const index = versions.findIndex(({ approvers }, at) => approvers !== undefined && !isApproved(approvers, at + 1, approvals))
  if (index < 0) return undefined
  const failure = new DidcommError('ERR_TRUST_SIGNATURE', `expected enough witnesses of version ${index + 1} of a did:webvh, found fewer`)
  return { index, failure }
}
