/**
 * Explains DIDs, DID documents and keys.
 *
 * @module
 */
import {
  checkDocument,
  type Did,
  type DidDocument,
  type DidUrl,
  didOf,
  documentOf,
  endpointsOf,
  keyOf,
  keysOf,
  speaksProfile,
} from 'sealpost/did'
import { checkPrivateJwk, checkPublicJwk } from 'sealpost/jose'
import type { Means } from './context.ts'
import { broken, type Explanation, explanation, type Finding, fact, type Part, sizeOf } from './explanation.ts'

export async function explainDid(url: DidUrl, context: Means): Promise<Explanation> {
  const did = didOf(url)
  const method = did.split(':')[1]
  try {
    const document = await documentOf(context.resolver, did)
    return explanation('did', `A ${url === did ? 'DID' : 'DID URL'} of the method ${method}.`, [
      documentPart(document, url === did ? undefined : url),
    ])
  } catch (error) {
    const part = { title: 'DID', facts: [...fact('DID', did), ...fact('Method', method)], findings: [broken(error)] }
    return explanation('did', `A DID of the method ${method} that was not resolved.`, [part])
  }
}

export function explainDocument(value: Record<string, unknown>, octets: number): Explanation {
  const did = didOf(value['id'] as Did)
  try {
    const part = documentPart(checkDocument(value, did))
    return explanation('did-document', `The document of ${did}; that it is the right one is not proved.`, [
      { ...part, facts: [...fact('Size', sizeOf(octets)), ...part.facts] },
    ])
  } catch (error) {
    return explanation('did-document', `A DID document that cannot be used.`, [
      { title: 'DID document', facts: fact('Size', sizeOf(octets)), findings: [broken(error)] },
    ])
  }
}

function documentPart(document: DidDocument, url?: DidUrl): Part {
  const agreement = keysOf(document, 'keyAgreement')
  const authentication = keysOf(document, 'authentication')
  const endpoints = endpointsOf(document)
  const findings: Finding[] = []
  if (agreement.length === 0)
    findings.push({ level: 'warning', text: 'nobody can encrypt for it: it has no usable key for encryption', rule: 'KID-01' })
  if (authentication.length === 0)
    findings.push({ level: 'note', text: 'it cannot sign: it has no usable key for signatures', rule: 'SIG-11' })
  if (endpoints.length === 0)
    findings.push({ level: 'note', text: 'it has no endpoint: messages must reach it another way', rule: 'SVC-01' })
  for (const { uri, legacy } of endpoints)
    if (legacy) findings.push({ level: 'note', text: `the endpoint ${uri} is written in an older form`, rule: 'SVC-05' })
  if (url !== undefined) findings.push(urlFinding(document, url))
  return {
    title: 'DID document',
    facts: [
      ...fact('DID', document.id),
      ...fact(
        'For encryption',
        agreement.map(({ kid, jwk }) => `${jwk.crv}  ${kid}`),
      ),
      ...fact(
        'For signatures',
        authentication.map(({ kid, jwk }) => `${jwk.crv}  ${kid}`),
      ),
      ...fact('Endpoints', endpoints.map(describeEndpoint)),
    ],
    findings,
  }
}

function describeEndpoint(endpoint: ReturnType<typeof endpointsOf>[number]): string {
  const wrapped = endpoint.routingKeys.map((key) => `, wrapped for ${key}`).join('')
  return `${endpoint.uri}${wrapped}${speaksProfile(endpoint, 'didcomm/v2') ? '' : ' (not for DIDComm v2)'}`
}

function urlFinding(document: DidDocument, url: DidUrl): Finding {
  const uses = (['keyAgreement', 'authentication'] as const).filter((relationship) => keyOf(document, relationship, url) !== undefined)
  if (uses.length === 0) return { level: 'warning', text: `the document has no usable key named ${url}`, rule: 'KID-04' }
  const words = uses.map((use) => (use === 'keyAgreement' ? 'encryption' : 'signatures'))
  return { level: 'note', text: `${url} is a key for ${words.join(' and ')}` }
}

export function explainKey(value: Record<string, unknown>): Explanation {
  const isPrivate = 'd' in value
  const facts = [
    ...fact('Curve', typeof value['crv'] === 'string' ? value['crv'] : undefined),
    ...fact('Kid', typeof value['kid'] === 'string' ? value['kid'] : undefined),
  ]
  const findings: Finding[] = isPrivate
    ? [
        {
          level: 'warning',
          text: 'this is a private key: whoever has it can read and write in its name',
          advice: 'keep it in a key file: sealpost keys import',
        },
      ]
    : []
  try {
    if (isPrivate) checkPrivateJwk(value)
    else checkPublicJwk(value)
  } catch (error) {
    findings.push(broken(error))
  }
  return explanation('key', isPrivate ? 'A private key.' : 'A public key.', [{ title: 'Key', facts, findings }])
}
