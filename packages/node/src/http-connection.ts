/**
 * Requests by Node's own client, to an address that is vetted when the connection is made: the name of a vetted URL may lead to one
 * address when it is looked at and to another when it is called. It follows nothing and knows no DIDComm.
 *
 * No proxy is taken from the environment, and connections are not kept, so that no socket outlives the policy it was made under.
 *
 * @module
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { type EgressPolicy, isAllowedAddress } from 'sealpost/egress'
import { DidcommError } from 'sealpost/errors'
import { secureTls } from './tls.ts'

/** Turns a name into addresses. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>

export type ConnectionOptions = {
  readonly signal: AbortSignal
  readonly policy: EgressPolicy
  /** Certificates to trust beside those of the system, in PEM. */
  readonly ca?: string | undefined
  readonly lookup?: Lookup | undefined
}

/** What is read of an answer. */
export type Answer = { readonly status: number; readonly location: string | undefined }

// What of an answer's body is read and dropped before the connection is closed: no message comes in it (HTTP-04).
const maxDroppedOctets = 64 * 1024
const maxDropMilliseconds = 2000

/** Posts octets and resolves with the head of the answer. Rejects with the error of the connection. */
export function post(url: URL, body: Uint8Array, headers: Record<string, string>, options: ConnectionOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = begin(url, 'POST', { ...headers, 'content-length': String(body.length) }, options)
    request.once('response', (response) => {
      const answer = { status: response.statusCode ?? 0, location: response.headers.location }
      dropBody(request, response)
      // A server may answer before it has read all; what was accepted must still be sent whole.
      if (answer.status < 300 && !request.writableFinished) request.once('finish', () => resolve(answer))
      else resolve(answer)
    })
    // It stays: an answer may come before the connection breaks, and then it counts.
    request.on('error', reject)
    request.end(body)
  })
}

/** Begins a request; nothing is sent before its `end` is called. */
export function begin(url: URL, method: string, headers: Record<string, string>, options: ConnectionOptions): ClientRequest {
  const { signal, ca } = options
  const common: RequestOptions = { method, headers, agent: false, signal, lookup: guardedLookup(options) }
  if (url.protocol === 'http:') return httpRequest(url, common)
  return httpsRequest(url, { ...common, ...secureTls, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) })
}

function dropBody(request: ClientRequest, response: IncomingMessage): void {
  let octets = 0
  response.on('data', (chunk: Uint8Array) => {
    octets += chunk.length
    if (octets > maxDroppedOctets) request.destroy()
  })
  response.on('error', () => undefined)
  const timer = setTimeout(() => request.destroy(), maxDropMilliseconds)
  request.once('close', () => clearTimeout(timer))
}

/** T10: the address that is connected to is the one that was vetted. One private address among the answers refuses them all. */
function guardedLookup({ policy, lookup = systemAddresses }: ConnectionOptions): LookupFunction {
  return (hostname, { all }, callback) => {
    lookup(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (first === undefined) callback(new Error(`no address for ${hostname}`), '', 0)
        else if (!addresses.every(({ address }) => isAllowedAddress(address, policy))) callback(blocked(hostname), '', 0)
        else if (all === true) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      (error: Error) => callback(error, '', 0),
    )
  }
}

// The addresses stay out of the message: they would tell an attacker what is inside.
const blocked = (hostname: string): DidcommError =>
  new DidcommError('ERR_DELIVERY_BLOCKED', `${hostname} leads to an address that is not public: nothing was sent`, { rule: 'SEC-40' })

const systemAddresses: Lookup = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)))
  })
