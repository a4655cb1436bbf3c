/**
 * PORT: the last version that was seen of each log, so that a server cannot show an older history, or another one, to those who know better.
 *
 * @module
 */

/** What remembers heads: a `versionId` for each log, which is known by its hash. Its calls may answer at once or later. */
export type Heads = {
  get(scid: string): string | undefined | Promise<string | undefined>
  set(scid: string, versionId: string): void | Promise<void>
}

/**
 * Heads in memory: those of the logs that were seen last, which is as much as a process can promise. Whoever needs more keeps them in a
 * store.
 *
 * @param maxEntries - the logs that are remembered; an entry takes about 200 octets
 *
 * @example
 * ```ts
 * import { memoryHeads, webvh } from '@sealpost/webvh'
 *
 * const method = webvh({ heads: memoryHeads(100_000) })
 * ```
 */
export function memoryHeads(maxEntries = 10_000): Heads {
  // A Map keeps the order in which keys were set: the first is the one that was not seen longest.
  const heads = new Map<string, string>()
  return {
    get: (scid) => heads.get(scid),
    set(scid, versionId) {
      heads.delete(scid)
      heads.set(scid, versionId)
      for (const oldest of heads.keys()) {
        if (heads.size <= maxEntries) break
        heads.delete(oldest)
      }
    },
  }
}
