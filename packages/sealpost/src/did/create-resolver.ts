/**
 * The resolver: asks the method that a DID names, once for all who ask at a time, and remembers what it said, within bounds (SEC-27).
 * It knows no method. Its clock and its timers are for caching and for giving up alone.
 *
 * @see {@link https://www.w3.org/TR/did-resolution/ | DID Resolution}
 * @module
 */
import { isObject } from '../bytes/index.ts'
import { DidcommError } from '../errors.ts'
import { type LruMap, lruMap } from './cache.ts'
import { type Did, isDid, maxDidLength, parseDidUrl } from './did.ts'
import { checkDocument } from './document.ts'
import { frozenCopy } from './frozen-copy.ts'
import type { DidMethod, DidResolutionResult, ResolveOptions, Resolver } from './resolver.ts'
import { failed, permanentErrors } from './result.ts'

export type CacheOptions = {
  readonly maxEntries?: number
  /** Of documents that can change. Those of immutable methods do not expire. */
  readonly ttlSeconds?: number
  /** Of DIDs that are not there, or not valid. What may pass is kept for a second. */
  readonly negativeTtlSeconds?: number
  /** Of all documents together, about. */
  readonly maxBytes?: number
}

export type ResolverOptions = {
  readonly cache?: false | CacheOptions
  /** For one resolution, its time in the queue included. */
  readonly timeoutSeconds?: number
  /** The octets of one document. */
  readonly maxDocumentBytes?: number
  /** The resolutions of one method that run at a time, and those that wait for it; more are told to come later. */
  readonly maxConcurrent?: number
  readonly maxQueued?: number
  /** The clock, in milliseconds. */
  readonly now?: () => number
}

type Entry = { readonly answer: Promise<DidResolutionResult>; readonly expiresAt: number; readonly bytes: number; readonly sound: boolean }
type Turns = { running: number; readonly waiting: (() => void)[] }

const transientTtlSeconds = 1
// So that messages with unknown kids cannot make us ask all the time (K13): a DID is asked again by force once in this time.
const forcedSeconds = 5

/**
 * Makes a resolver of DID methods. It never rejects: a failure is a result with an error name.
 *
 * While a document is cached, all get the same frozen object. `resolve(did, { fresh: true })` asks the method again, at most every five
 * seconds for a DID (K13). A resolver of others becomes a method as `{ method: 'ion', resolve: (did) => other.resolve(did) }`.
 *
 * Exported from `sealpost/did`.
 *
 * @param methods - as `key()`, or `key` where it needs no options; where two have one name, the first answers
 *
 * @example
 * ```ts
 * import { createResolver, jwk, key, peer } from 'sealpost/did'
 *
 * const resolver = createResolver([key(), jwk(), peer()], { cache: { ttlSeconds: 60 } })
 * const { didDocument } = await resolver.resolve('did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')
 * console.log(didDocument?.id)
 * ```
 *
 * @see {@link https://www.w3.org/TR/did-resolution/ | DID Resolution}
 */
export function createResolver(methods: readonly (DidMethod | (() => DidMethod))[], options: ResolverOptions = {}): Resolver {
  const { cache = {}, timeoutSeconds = 10, maxDocumentBytes = 262_144, maxConcurrent = 16, maxQueued = 256, now = Date.now } = options
  const { maxEntries = 1000, ttlSeconds = 300, negativeTtlSeconds = 30, maxBytes = 16_777_216 } = cache || {}
  const known = methods.map((method) => (typeof method === 'function' ? method() : method))
  const byName = new Map(known.reverse().map((method) => [method.method, method]))
  const turns = new Map<string, Turns>()
  const flights = new Map<Did, Promise<DidResolutionResult>>()
  const forced: LruMap<Did, number> = lruMap(maxEntries, maxEntries, () => 1)
  const kept: LruMap<string, Entry> = lruMap(cache === false ? 0 : maxEntries, maxBytes, ({ bytes }, did) => bytes + did.length)

  function resolve(did: string, { fresh = false, cache: cached = true }: ResolveOptions = {}): Promise<DidResolutionResult> {
    const entry = kept.get(did)
    const valid = entry !== undefined && (entry.expiresAt === Number.POSITIVE_INFINITY || entry.expiresAt > now())
    if (valid && ((!fresh && cached) || !mayForce(did as Did, entry))) return entry.answer
    return isDid(did) ? fly(did) : resolveOther(did)
  }

  function mayForce(did: Did, { expiresAt }: Entry): boolean {
    if (expiresAt === Number.POSITIVE_INFINITY) return false
    const time = now()
    if (time - (forced.get(did) ?? Number.NEGATIVE_INFINITY) < forcedSeconds * 1000) return false
    forced.set(did, time)
    return true
  }

  /** A DID URL stands for its DID. */
  async function resolveOther(text: string): Promise<DidResolutionResult> {
    try {
      if (typeof text === 'string' && text.length > maxDidLength) {
        throw new DidcommError('ERR_MALFORMED_LIMIT', `expected a DID of at most ${maxDidLength} characters, found ${text.length}`, {
          rule: 'SEC-27',
        })
      }
      return await resolve(parseDidUrl(typeof text === 'string' ? text : '').did)
    } catch (error) {
      return failed(error)
    }
  }

  /** One flight for all who ask at a time. */
  function fly(did: Did): Promise<DidResolutionResult> {
    const flight = flights.get(did)
    if (flight !== undefined) return flight
    const method = byName.get(did.slice(4, did.indexOf(':', 4)))
    const started = method === undefined ? unsupported(did, byName) : run(method, did)
    const landed = started.then(({ result, bytes }) => {
      flights.delete(did)
      if (method !== undefined) keep(did, method, result, bytes)
      return result
    })
    flights.set(did, landed)
    return landed
  }

  function keep(did: Did, { immutable = false }: DidMethod, result: DidResolutionResult, bytes: number): void {
    const { error } = result.didResolutionMetadata
    const sound = error === undefined
    // What an immutable method does not know now it may know next: a short form whose long form comes later.
    if (!sound && immutable) return
    const permanent = sound || permanentErrors.has(error)
    // Who cannot be reached now does not lose the document that is still good.
    if (!permanent && kept.get(did)?.sound) return
    const seconds = sound ? ttlSeconds : permanent ? negativeTtlSeconds : Math.min(transientTtlSeconds, negativeTtlSeconds)
    const expiresAt = sound && immutable ? Number.POSITIVE_INFINITY : now() + seconds * 1000
    kept.set(did, { answer: Promise.resolve(result), expiresAt, bytes, sound })
  }

  async function run(method: DidMethod, did: Did): Promise<{ result: DidResolutionResult; bytes: number }> {
    const controller = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new DidcommError(
          'ERR_DID_UNAVAILABLE',
          `expected an answer of did:${method.method} within ${timeoutSeconds} s, found none`,
          { rule: 'SEC-27' },
        )
        reject(error)
        controller.abort(error)
      }, timeoutSeconds * 1000)
    })
    const { signal } = controller
    try {
      const turn = method.immutable ? method.resolve(did, { signal }) : inTurn(method, signal, late, () => method.resolve(did, { signal }))
      return settle(await Promise.race([late, turn]), did)
    } catch (error) {
      return { result: Object.freeze(failed(error)), bytes: 256 }
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Lets a bounded number run at a time, so that a thousand unknown DIDs at once are no thundering herd (K15). Whoever is `late` loses
   * the turn: a method that ignores its signal must not keep it from the others for ever.
   */
  async function inTurn<T>({ method }: DidMethod, signal: AbortSignal, late: Promise<never>, work: () => Promise<T>): Promise<T> {
    const line = turns.get(method) ?? { running: 0, waiting: [] }
    turns.set(method, line)
    if (line.running >= maxConcurrent) {
      if (line.waiting.length >= maxQueued) {
        throw new DidcommError('ERR_DID_UNAVAILABLE', `expected fewer resolutions of did:${method} at a time, found ${maxQueued} waiting`, {
          rule: 'SEC-27',
        })
      }
      await new Promise<void>((resolve) => line.waiting.push(resolve))
    } else line.running++
    try {
      signal.throwIfAborted()
      return await Promise.race([late, work()])
    } finally {
      // Whoever waits takes over the place.
      const next = line.waiting.shift()
      if (next === undefined) line.running--
      else next()
    }
  }

  /** Holds what a method said to the DID (K01) and to limits, and freezes it, so that one document serves all. */
  function settle(result: unknown, did: Did): { result: DidResolutionResult; bytes: number } {
    const { didResolutionMetadata, didDocument, didDocumentMetadata } = isObject(result) ? result : {}
    const resolution = isObject(didResolutionMetadata) ? didResolutionMetadata : {}
    const metadata = isObject(didDocumentMetadata) ? didDocumentMetadata : {}
    if (resolution['error'] !== undefined || !isObject(didDocument)) {
      const error =
        typeof resolution['error'] === 'string' ? resolution['error'] : metadata['deactivated'] === true ? 'deactivated' : 'notFound'
      const found = { didResolutionMetadata: { ...resolution, error }, didDocument: null, didDocumentMetadata: metadata }
      return { result: Object.freeze(found), bytes: 256 }
    }
    const { value, bytes } = frozenCopy(checkDocument(didDocument, did), maxDocumentBytes)
    const found = {
      didResolutionMetadata: Object.freeze({ ...resolution }),
      didDocument: value,
      didDocumentMetadata: Object.freeze({ ...metadata }),
    }
    return { result: Object.freeze(found) as DidResolutionResult, bytes }
  }

  return { resolve }
}

async function unsupported(did: Did, byName: ReadonlyMap<string, DidMethod>): Promise<{ result: DidResolutionResult; bytes: number }> {
  const names = [...byName.keys()].reverse().map((name) => `did:${name}`)
  const message = `expected a DID of a method that the resolver has (${names.join(', ') || 'none'}), found ${did.slice(0, 40)}`
  return { result: failed(new DidcommError('ERR_UNSUPPORTED_METHOD', message, { rule: 'SEC-27' })), bytes: 0 }
}
