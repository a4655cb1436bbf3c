/**
 * Explains signed messages: anybody can read them, and verify who signed.
 *
 * @module
 */
import { decodeBase64url, isObject, parseJsonBytes } from 'sealpost/bytes'
import { receivedWrappings, unpack } from 'sealpost/envelope'
import { DidcommError } from 'sealpost/errors'
import { parseJws } from 'sealpost/jose'
import type { Context } from './context.ts'
import { layerParts } from './encrypted.ts'
import { broken, type Explanation, explanation, type Fact, fact, sizeOf } from './explanation.ts'
import { messagePart } from './plaintext.ts'

const maxHeaderBytes = 32 * 1024

export async function explainSigned(value: Record<string, unknown>, octets: number, context: Context): Promise<Explanation> {
  const envelope = { title: 'Envelope', facts: factsOf(value, octets) }
  try {
    const { message, proof } = await unpack(value, {
      ...context,
      policy: { wrappings: receivedWrappings, nowSeconds: () => context.nowSeconds },
    })
    const summary = `A signed message that is not encrypted, from ${proof.sender?.did}, which is proved.`
    return explanation('signed', summary, [{ ...envelope, findings: [] }, ...layerParts(proof), await messagePart(message, context, proof)])
  } catch (error) {
    const finding = broken(error)
    const parts = [{ ...envelope, findings: [finding] }]
    const content = payloadOf(value)
    const outcome =
      finding.level === 'broken' ? 'must be refused: nothing proves what it says' : 'could not be checked: what it says is only claimed'
    return explanation(
      'signed',
      `A signed message that ${outcome}.`,
      content === undefined ? parts : [...parts, await messagePart(content, context)],
    )
  }
}

function factsOf(value: Record<string, unknown>, octets: number): readonly Fact[] {
  const common = [
    ...fact('Format', 'signatures' in value ? 'JWS, General JSON Serialization' : 'JWS, Flattened JSON Serialization'),
    ...fact('Size', sizeOf(octets)),
  ]
  try {
    const { alg, kid, header } = parseJws(value, maxHeaderBytes).signature
    const typ = typeof header['typ'] === 'string' ? header['typ'] : undefined
    return [...common, ...fact('Media type', typ), ...fact('Algorithm', alg), ...fact('Key', kid)]
  } catch (error) {
    // What breaks the form is told as a finding.
    if (error instanceof DidcommError) return common
    throw error
  }
}

function payloadOf({ payload }: Record<string, unknown>): Record<string, unknown> | undefined {
  try {
    const content = typeof payload === 'string' ? parseJsonBytes(decodeBase64url(payload)) : undefined
    return isObject(content) && 'type' in content ? content : undefined
  } catch {
    return undefined
  }
}
