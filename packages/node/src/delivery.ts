/**
 * Brings a packed message to one of its endpoints: in the order of the owner's preference (SVC-06), the next where one fails.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#failover | v2.1, Failover}
 * @module
 */
import { DidcommError, isDidcommError } from 'sealpost/errors'
import { type SendOptions, type Sent, send } from './http-sender.ts'

/** What is delivered: what `pack` gives. */
export type Deliverable = { readonly envelope: string; readonly mediaType: string; readonly endpoints: readonly { readonly uri: string }[] }

/** An endpoint that was tried, and why it failed. */
export type Attempt = { readonly uri: string; readonly error: DidcommError }

export type Delivered = Sent & {
  /** The endpoint that took it. */ readonly uri: string /** Those that failed before. */
  readonly failed: readonly Attempt[]
}

/**
 * Sends a message to the first endpoint that takes it; to one only (SVC-07). Each is tried once (FLO-01): to try all again later is the
 * caller's, who knows how long the message is worth it.
 *
 * Endpoints of other transports than HTTP are passed over.
 *
 * @throws {DidcommError} `ERR_DID_NO_ENDPOINT` where there is none for HTTP. Where all failed, one with the code of the failure that may
 * pass soonest, so that `retryable` is true if any of them may succeed later.
 * @example
 * ```ts
 * import { createReceiver, deliver, listen } from '@sealpost/node'
 *
 * const server = await listen(createReceiver({ onMessage: () => undefined }))
 * const packed = { envelope: '{}', mediaType: 'application/didcomm-encrypted+json', endpoints: [{ uri: server.url }] }
 * console.log((await deliver(packed, { allowHttp: true, allowLoopback: true })).status)
 * await server.close()
 * ```
 */
export async function deliver(packed: Deliverable, options: Omit<SendOptions, 'mediaType'> = {}): Promise<Delivered> {
  const { envelope, mediaType } = packed
  const endpoints = packed.endpoints.filter(({ uri }) => /^https?:/i.test(uri))
  if (endpoints.length === 0) {
    throw new DidcommError('ERR_DID_NO_ENDPOINT', 'expected an endpoint with an https URL to deliver to, found none', { rule: 'SVC-13' })
  }
  const failed: Attempt[] = []
  for (const { uri } of endpoints) {
    try {
      const sent = await send(envelope, uri, { ...options, mediaType })
      return { ...sent, uri, failed }
    } catch (error) {
      if (!isDidcommError(error)) throw error
      failed.push({ uri, error })
      if (options.signal?.aborted === true) break
    }
  }
  const errors = failed.map(({ error }) => error)
  const main = errors.find(({ retryable }) => retryable) ?? errors[0]
  if (main === undefined || errors.length === 1) throw main
  const reasons = errors.map(({ message }) => message).join('; ')
  throw new DidcommError(main.code, `none of ${errors.length} endpoints took the message: ${reasons}`, { rule: 'FLO-01', cause: errors })
}
