/**
 * What a receiver takes, beyond what the specification lets it refuse.
 *
 * @module
 */
import type { ContentAlgorithm } from '../jose/algorithms.ts'
import { type ReceivedWrapping, receivedWrappings, wrappings } from './wrapping.ts'

/** The receiver's choices. Every member has a default. */
export type Policy = {
  /** The combinations that are taken. By default all but `plaintext`, which proves nothing (MED-20). */
  readonly wrappings?: readonly ReceivedWrapping[]
  /** The content encryptions that are taken. By default all of the profile. */
  readonly encs?: readonly ContentAlgorithm[]
  /**
   * Refuses what the specification leaves open and the decisions D-01, D-02, D-03, D-13 and D-15 take: three layers, a `to` without
   * the recipient, ids of more than 32 octets, rotations without `iat`, `apu` in anoncrypt.
   */
  readonly strict?: boolean
  /** Refuses A256GCM and XC20P where there are several recipients: a sender could show each of them another text. */
  readonly refuseNonCommitting?: boolean
  readonly limits?: Partial<Limits>
  /** Epoch seconds, for `expires_time` and rotations; the system's clock by default. */
  readonly nowSeconds?: () => number
  /** How far the clocks of two parties may stand apart. */
  readonly clockSkewSeconds?: number
}

/** Bounds that are held before work is done for a stranger (JOSE-05). */
export type Limits = {
  readonly maxBytes: number
  readonly maxDepth: number
  readonly maxRecipients: number
  readonly maxHeaderBytes: number
  /** Messages inside of forwards to ourselves (REW-03). */
  readonly maxForwards: number
  readonly maxResolutions: number
}

export const defaultLimits: Limits = {
  maxBytes: 10 * 2 ** 20,
  maxDepth: 64,
  maxRecipients: 1024,
  maxHeaderBytes: 32 * 2 ** 10,
  maxForwards: 2,
  maxResolutions: 8,
}

// MED-20: plaintext is for whoever names it.
const strictWrappings = wrappings.filter((wrapping) => wrapping !== 'plaintext')
const defaultWrappings = receivedWrappings.filter((wrapping) => wrapping !== 'plaintext')

/** A policy with every member decided. */
export type Rules = Required<Omit<Policy, 'limits' | 'nowSeconds' | 'encs'>> & {
  readonly limits: Limits
  readonly encs: readonly ContentAlgorithm[] | undefined
  readonly now: number
}

/** Fills in the defaults. `now` is asked for once, so that one message is judged at one time. */
export function rulesOf(policy: Policy, systemSeconds: () => number): Rules {
  const strict = policy.strict ?? false
  return {
    strict,
    wrappings: policy.wrappings ?? (strict ? strictWrappings : defaultWrappings),
    encs: policy.encs,
    refuseNonCommitting: policy.refuseNonCommitting ?? false,
    limits: policy.limits === undefined ? defaultLimits : withDefaults(policy.limits),
    now: (policy.nowSeconds ?? systemSeconds)(),
    clockSkewSeconds: policy.clockSkewSeconds ?? 600,
  }
}

/** A limit that is named and left undefined is not switched off. */
function withDefaults(limits: Partial<Limits>): Limits {
  return {
    maxBytes: limits.maxBytes ?? defaultLimits.maxBytes,
    maxDepth: limits.maxDepth ?? defaultLimits.maxDepth,
    maxRecipients: limits.maxRecipients ?? defaultLimits.maxRecipients,
    maxHeaderBytes: limits.maxHeaderBytes ?? defaultLimits.maxHeaderBytes,
    maxForwards: limits.maxForwards ?? defaultLimits.maxForwards,
    maxResolutions: limits.maxResolutions ?? defaultLimits.maxResolutions,
  }
}
