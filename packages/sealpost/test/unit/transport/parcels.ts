/** What the tests of transports send. */
import type { Parcel } from '../../../src/agent/ports.ts'
import type { Endpoint } from '../../../src/did/index.ts'

export const mediaType = 'application/didcomm-encrypted+json'
export const parcel = (envelope: string): Parcel => ({ envelope, mediaType })
export const endpoint = (uri: string): Endpoint => ({ uri, accept: undefined, routingKeys: [], serviceId: undefined })
export const options = { signal: new AbortController().signal, returnRoute: false } as const
