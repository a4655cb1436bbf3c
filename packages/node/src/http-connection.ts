/**
 * Requests by Node's own client, to an address that is vetted when the connection is made: the name of a vetted URL may lead to one
 * address when it is looked at and to another when it is called. It follows nothing and knows no DIDComm.
 *
 * No proxy is taken from the environment. Connections are kept only among requests of one policy, so that no socket outlives the policy
 * it was made under.
 *
 * @module
 */
import { type LookupAddress, lookup as systemLookup } from 'node:dns'
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
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
  /** Keeps connections for later requests, all of the same policy; none is kept without it. */
  readonly kept?: KeptConnections | undefined
}

/** Connections that wait for their next request. */
export type KeptConnections = { readonly http: HttpAgent; readonly https: HttpsAgent }

/** Keeps connections for so many seconds after their last request; they do not keep the process alive. */
export function keepConnections(seconds: number): KeptConnections {
  const options = { keepAlive: true, timeout: seconds * 1000, scheduling: 'lifo', maxFreeSockets: 16 } as const
  return { http: new HttpAgent(options), https: new HttpsAgent(options) }
}

/** Begins a request; nothing is sent before its `end` is called. */
export function begin(url: URL, method: string, headers: Record<string, string>, options: ConnectionOptions): ClientRequest {
  const { signal, ca, kept } = options
  const common: RequestOptions = { method, headers, signal, lookup: guardedLookup(options) }
  return url.protocol === 'http:'
    ? httpRequest(url, { ...common, agent: kept?.http ?? false })
    : httpsRequest(url, { ...common, ...trusting(ca), agent: kept?.https ?? false })
}

/** What is demanded of TLS, and whose certificates are trusted: those of the system, and one more. */
export const trusting = (ca: string | undefined): typeof secureTls & { readonly ca?: string[] } => ({
  ...secureTls,
  ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
})

/** T10: the address that is connected to is the one that was vetted. One private address among the answers refuses them all. */
export function guardedLookup({ policy, lookup = systemAddresses }: Pick<ConnectionOptions, 'policy' | 'lookup'>): LookupFunction {
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
