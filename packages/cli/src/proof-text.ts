/**
 * What was proved about a message, in sentences. It knows no envelope.
 *
 * @module
 */
import type { Proof } from 'sealpost/envelope'

/** Says who sent a message and how that is known, and what else its receiver must know. */
export function describeProof({ layers, encrypted, sender, signature, recipient, rotation, expired, warnings }: Proof): readonly string[] {
  const wrapping = layers.length === 0 ? 'plaintext' : layers.join(' around ')
  return [
    sender === undefined
      ? `From nobody that is proved (${wrapping}).`
      : `From ${sender.did}, proved by ${signature === undefined ? 'authenticated encryption' : 'a signature'} (${wrapping}).`,
    encrypted && recipient !== undefined ? `Opened with ${recipient.kid}.` : 'It was not encrypted: others may have read it.',
    ...(rotation === undefined
      ? []
      : [rotation.next === undefined ? `${rotation.prior} ends the relationship.` : `${rotation.prior} is ${rotation.next} from now on.`]),
    ...(expired ? ['It has expired (HDR-18).'] : []),
    ...warnings.map(({ rule, message }) => `Warning: ${message} (${rule}).`),
  ]
}
