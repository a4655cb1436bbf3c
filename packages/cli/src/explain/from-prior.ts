/**
 * Explains `from_prior`: the JWT in which a DID names its successor.
 *
 * @module
 */
import { decodeBase64url, isObject, parseJsonBytes } from 'sealpost/bytes'
import { type Did, documentOf, isDidUrl, keyOf } from 'sealpost/did'
import type { Proof } from 'sealpost/envelope'
import { DidcommError } from 'sealpost/errors'
import { parseCompactJws, verifySignature } from 'sealpost/jose'
import type { Means } from './context.ts'
import { broken, type Explanation, explanation, type Finding, fact, type Part, timeOf } from './explanation.ts'

const maxHeaderBytes = 32 * 1024

export async function explainFromPrior(jwt: string, context: Means): Promise<Explanation> {
  const part = await fromPriorPart(jwt, context)
  const claims = claimsOf(jwt)
  if (claims?.['iss'] === undefined) {
    const error = new DidcommError('ERR_MALFORMED_ENVELOPE', 'expected a JWS in its JSON Serialization, found a compact one', {
      rule: 'SIG-07',
    })
    return explanation('other', 'A compact JWS, which DIDComm has for from_prior alone.', [{ ...part, findings: [broken(error)] }])
  }
  const change = claims['sub'] === undefined ? 'ends its relationship' : 'says which DID takes its place'
  return explanation('from_prior', `A from_prior: a JWT in which a DID ${change}.`, [part])
}

/** The part about a from_prior. `proof` tells that it was verified together with its message. */
export async function fromPriorPart(jwt: string, context: Means, proof?: Proof): Promise<Part> {
  const claims = claimsOf(jwt) ?? {}
  const text = (name: string): string | undefined => (typeof claims[name] === 'string' ? claims[name] : undefined)
  const facts = [
    ...fact('Prior DID', text('iss')),
    ...fact('New DID', text('sub')),
    ...fact('Issued', timeOf(claims['iat'])),
    ...fact('Key', kidOf(jwt)),
  ]
  const findings = proof?.rotation === undefined ? [await verify(jwt, text('iss'), context)] : [proved(proof.rotation.prior)]
  return { title: 'DID rotation (from_prior)', facts, findings }
}

const proved = (prior: string): Finding => ({
  level: 'proved',
  text: `signed by ${prior}: it is the prior DID that says so`,
  rule: 'ROT-14',
})

async function verify(jwt: string, iss: string | undefined, { resolver }: Means): Promise<Finding> {
  try {
    const { signature } = parseCompactJws(jwt, maxHeaderBytes)
    const { kid } = signature
    if (iss === undefined || !isDidUrl(kid) || !kid.startsWith(`${iss}#`)) {
      throw new DidcommError('ERR_TRUST_ROTATION', 'expected `kid` to be a key of the DID in `iss`', { rule: 'ROT-14' })
    }
    const key = keyOf(await documentOf(resolver, iss as Did), 'authentication', kid)
    if (key === undefined)
      throw new DidcommError('ERR_TRUST_KEY', `expected ${kid} to be a key for signatures of its DID, found none`, { rule: 'ROT-14' })
    await verifySignature(signature, key.jwk)
    return proved(iss)
  } catch (error) {
    return broken(error)
  }
}

function claimsOf(jwt: string): Record<string, unknown> | undefined {
  return partOf(jwt, 1)
}

function kidOf(jwt: string): string | undefined {
  const kid = partOf(jwt, 0)?.['kid']
  return typeof kid === 'string' ? kid : undefined
}

function partOf(jwt: string, index: number): Record<string, unknown> | undefined {
  try {
    const value = parseJsonBytes(decodeBase64url(jwt.split('.', 3)[index] ?? ''))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
