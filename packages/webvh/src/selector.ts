/**
 * Which version of a DID is asked for: the last, or the one that the query of a DID URL names.
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#reading-did-webvh-did-urls | did:webvh 1.0, Reading DID URLs}
 * @module
 */
import { DidcommError } from 'sealpost/errors'
import { parseTime, type Version } from './log.ts'
import type { CheckedLog } from './verify.ts'

/** Finds a version by its place; undefined where the log, as far as it is proved, cannot tell. */
export type Selector = (versions: readonly Version[], complete: boolean) => number | undefined

const latest: Selector = (versions, complete) => (complete ? versions.length - 1 : undefined)

/** What each member of a query asks for. */
const selectors: Readonly<Record<string, (value: string) => Selector>> = {
  versionId: (value) => (versions, complete) =>
    known(
      versions.findIndex(({ versionId }) => versionId === value),
      complete,
    ),
  versionNumber: (value) => {
    if (!/^[1-9]\d{0,8}$/.test(value)) throw invalidQuery('`versionNumber` to be a number')
    return (versions, complete) => known(Number(value) <= versions.length ? Number(value) - 1 : -1, complete)
  },
  versionTime: (value) => {
    const time = parseTime(value)
    return (versions, complete) => {
      const index = versions.findLastIndex((version) => version.time <= time)
      // After the last version that is proved may come one that was not, at that time already.
      return index < 0 || index < versions.length - 1 ? index : known(complete ? index : -1, complete)
    }
  },
}

const known = (index: number, complete: boolean): number | undefined => (index >= 0 || complete ? index : undefined)

/**
 * Reads the query of a DID URL. Members that are not about versions are for others.
 *
 * @throws {DidcommError} `ERR_MALFORMED_DID` for more than one version, and values that are none.
 */
export function selectorOf(query: string | undefined): Selector {
  const chosen = (query ?? '').split('&').flatMap((part) => {
    const [name = '', ...value] = part.split('=')
    return Object.hasOwn(selectors, name) ? [selectors[name]?.(decode(value.join('='))) ?? latest] : []
  })
  if (chosen.length > 1) throw invalidQuery('one version')
  return chosen[0] ?? latest
}

/**
 * The version that is asked for.
 *
 * @throws {DidcommError} `ERR_DID_NOT_FOUND` where there is none; and what is wrong with the log, where that stands between.
 */
export function select({ versions, failure }: CheckedLog, selector: Selector): Version {
  const index = selector(versions, failure === undefined)
  const version = index === undefined ? undefined : versions[index]
  if (version !== undefined) return version
  throw index === undefined && failure !== undefined
    ? failure
    : new DidcommError('ERR_DID_NOT_FOUND', 'expected a version of a did:webvh, found none that is asked for')
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw invalidQuery('percent-encoding')
  }
}

const invalidQuery = (expected: string): DidcommError =>
  new DidcommError('ERR_MALFORMED_DID', `expected ${expected} in the query of a did:webvh, found another value`)
