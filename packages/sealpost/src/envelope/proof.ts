/**
 * What an envelope proved about a message, and whether message and envelope agree on who speaks to whom. The plaintext only claims.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-layer-addressing-consistency | v2.1, Message Layer Addressing Consistency}
 * @module
 */
import { type Did, type DidUrl, didOf } from '../did/did.ts'
import { sameSubject } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import type { ContentAlgorithm, Curve, KeyAlgorithm, SignatureAlgorithm } from '../jose/algorithms.ts'
import type { Plaintext } from '../message/plaintext.ts'
import type { Rules } from './policy.ts'
import type { Layer } from './wrapping.ts'

/** A key and whose it is. */
export type Party = { readonly did: Did; readonly kid: DidUrl }

/** Something that is allowed, and worth knowing. */
export type Warning = { readonly rule: string; readonly message: string }

/** One layer as it was: by which algorithms, with which keys. */
export type LayerEvidence =
  | {
      readonly layer: 'anoncrypt' | 'authcrypt'
      readonly alg: KeyAlgorithm
      readonly enc: ContentAlgorithm
      readonly crv: Curve
      /** All recipients' keys. */
      readonly kids: readonly DidUrl[]
      /** The key that opened it. */
      readonly recipient: Party
      readonly sender?: Party
    }
  | { readonly layer: 'signed'; readonly alg: SignatureAlgorithm; readonly signer: Party; readonly jws: object }
  | { readonly layer: 'forward'; readonly next: string }

/** What was proved, and what was not (SEC-06, GEN-02): of all layers, never of the outermost alone (G-24). */
export type Proof = {
  /** Outermost first; empty for plaintext. */
  readonly layers: readonly (Layer | 'forward')[]
  readonly encrypted: boolean
  /** Present only where a key proved it, by authcrypt or by a signature, and `from` agrees; in anoncrypt `from` stays a claim (HDR-13, D-14). */
  readonly sender?: Party
  /** Non-repudiable evidence: anybody can verify it again (SIG-20). */
  readonly signature?: Party & { readonly jws: object }
  /** Whose key opened it. */
  readonly recipient?: Party
  /** A valid `from_prior`: `prior` tells whose relationship goes on (ROT-06); `next` is absent where it ends (ROT-18). */
  readonly rotation?: { readonly prior: Did; readonly next?: Did; readonly issuedAt: number }
  /** `expires_time` has passed (HDR-18, decision D-07): the message is intact, and too late. */
  readonly expired: boolean
  readonly warnings: readonly Warning[]
  /** Each layer with its algorithms and keys, outermost first. */
  readonly evidence: readonly LayerEvidence[]
}

/**
 * Holds a message to the layers that it came in; those outside of a forward are the mediator's, and say nothing about it.
 *
 * @throws {DidcommError} `ERR_TRUST_ADDRESSING` where they do not agree (ADR-04).
 */
export function checkAddressing(message: Plaintext, layers: readonly LayerEvidence[], rules: Rules): Warning[] {
  const from = message.from === undefined ? undefined : didOf(message.from as Did)
  const to = message.to as readonly Did[] | undefined
  const signed = layers.some(({ layer }) => layer === 'signed')
  const warnings: Warning[] = []
  const signer = layers.find((evidence) => evidence.layer === 'signed')?.signer.did
  let recipient: Did | undefined

  for (const evidence of layers) {
    if (evidence.layer === 'forward') continue
    if (evidence.layer === 'signed') {
      agree(from, evidence.signer.did, 'signed by', 'ADR-03')
      continue
    }
    const sender = evidence.sender?.did
    if (sender !== undefined && signer !== undefined && !sameSubject(sender, signer)) {
      throw addressing(
        `expected one party to sign and to encrypt, found it to be signed by ${signer} and authcrypted by ${sender}`,
        'MED-15',
      )
    }
    if (sender !== undefined) agree(from, sender, 'authcrypted by', from === undefined ? 'HDR-09' : 'ADR-01')
    recipient = evidence.recipient.did
  }

  if (recipient !== undefined && signed && to === undefined) {
    throw addressing(
      'expected `to` in a message that is signed and encrypted: without it the recipient could pass it on as meant for another',
      'MED-22',
    )
  }
  // HDR-06: without `to` the recipient is the only one.
  if (recipient !== undefined && to !== undefined && !to.some((did) => sameSubject(didOf(did), recipient))) {
    const sentence = `expected \`to\` to contain ${recipient}, whose key opened the envelope`
    // Decision D-02: a signature that others were meant to see must not be passed off as meant for us.
    if (signed || rules.strict) throw addressing(sentence, 'ADR-02')
    warnings.push({ rule: 'HDR-07', message: sentence })
  }
  if (signed && recipient === undefined && to === undefined) {
    warnings.push({ rule: 'MED-23', message: 'the message is signed and names no recipient: anybody may have passed it on' })
  }
  return warnings
}

/** ADR-01, ADR-03, G-25: `from` has no fragment and a kid has one, so that their DIDs are compared (G-26). */
function agree(from: Did | undefined, proved: Did, how: string, rule: string): void {
  if (from === undefined) throw addressing(`expected \`from\` in a message that is ${how} ${proved}, found none`, rule)
  if (!sameSubject(from, proved))
    throw addressing(`expected \`from\` to be the DID that is proved: the message says ${from}, and is ${how} ${proved}`, rule)
}

const addressing = (message: string, rule: string): DidcommError => new DidcommError('ERR_TRUST_ADDRESSING', message, { rule })
