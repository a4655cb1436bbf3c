/**
 * Witnesses: who they are, and which versions they approved. A proof for a version is one for all before it.
 *
 * @see {@link https://identity.foundation/didwebvh/v1.0/#did-witnesses | did:webvh 1.0, DID Witnesses}
 * @module
 */
import { isObject } from 'sealpost/bytes'
import { jwkOfMultikey } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { digestOf } from './hash.ts'
import { signerOf, verifyProof } from './proof.ts'

/** Witnesses by their keys, as Multikeys, and how many of them have to approve. */
export type Witness = { readonly threshold: number; readonly multikeys: readonly string[] }

const malformed = (expected: string): DidcommError =>
  new DidcommError('ERR_MALFORMED_DID', `expected ${expected} in the log of a did:webvh, found another value`)

const mostWitnesses = 64

/** Reads the parameter `witness`; undefined for `{}`, which says that there are none. Whatever is not quite right is refused, never taken for none. */
export function parseWitness(value: unknown): Witness | undefined {
  if (!isObject(value)) throw malformed('`witness` to be an object')
  if (Object.keys(value).length === 0) return undefined
  const { threshold, witnesses } = value
  if (!Array.isArray(witnesses) || witnesses.length === 0 || witnesses.length > mostWitnesses)
    throw malformed(`1 to ${mostWitnesses} witnesses`)
  const multikeys = witnesses.map((witness) => keyOf(isObject(witness) ? witness['id'] : undefined))
  if (new Set(multikeys).size !== multikeys.length) throw malformed('each witness once')
  if (!Number.isInteger(threshold) || (threshold as number) < 1 || (threshold as number) > multikeys.length)
    throw malformed(`a threshold of 1 to ${multikeys.length} witnesses`)
  return { threshold: threshold as number, multikeys }
}

function keyOf(id: unknown): string {
  const multikey = typeof id === 'string' ? /^did:key:(z[1-9A-HJ-NP-Za-km-z]{1,100})$/.exec(id)?.[1] : undefined
  if (multikey === undefined || jwkOfMultikey(multikey).crv !== 'Ed25519') throw malformed('a witness to be a did:key of Ed25519')
  return multikey
}

/** One proof of the file of witnesses, with the number of the version that it is for. */
type Approval = { readonly number: number; readonly versionId: string; readonly proof: Readonly<Record<string, unknown>> }

/**
 * Reads the file of witnesses, and verifies of each witness the proof that reaches furthest.
 *
 * What is for versions that the log does not have is left out, or a proof for another DID would do: what witnesses sign names none.
 *
 * @param versionIds - those of the log, in order
 * @returns the number of the last version that each witness approved
 */
export async function approvalsOf(
  file: unknown,
  versionIds: readonly string[],
  multikeys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const numbers = new Map(versionIds.map((versionId, index) => [versionId, index + 1]))
  const byWitness = new Map<string, Approval[]>()
  // A file that is none has no proofs.
  for (const item of Array.isArray(file) ? file : []) {
    const { versionId, proof } = isObject(item) ? item : {}
    const number = typeof versionId === 'string' ? numbers.get(versionId) : undefined
    if (number === undefined || !Array.isArray(proof)) continue
    for (const one of proof) {
      const multikey = isObject(one) ? attempt(one) : undefined
      if (multikey === undefined || !multikeys.has(multikey)) continue
      const approvals = byWitness.get(multikey) ?? []
      byWitness.set(multikey, approvals)
      approvals.push({ number, versionId: versionId as string, proof: one })
    }
  }
  const furthest = new Map<string, number>()
  for (const [multikey, approvals] of byWitness) {
    for (const { number, versionId, proof } of approvals.sort((a, b) => b.number - a.number)) {
      if (!(await holds(digestOf({ versionId }), proof))) continue
      furthest.set(multikey, number)
      break
    }
  }
  return furthest
}

/** Whether enough witnesses approved a version. */
export const isApproved = ({ threshold, multikeys }: Witness, number: number, approvals: ReadonlyMap<string, number>): boolean =>
  multikeys.filter((multikey) => (approvals.get(multikey) ?? 0) >= number).length >= threshold

/** A proof that is none does not count; it does not spoil those that do. */
async function holds(digest: Uint8Array, proof: Readonly<Record<string, unknown>>): Promise<boolean> {
  try {
    await verifyProof(digest, proof)
    return true
  } catch {
    return false
  }
}

function attempt(proof: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return signerOf(proof)
  } catch {
    return undefined
  }
}
