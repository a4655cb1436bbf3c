/**
 * Receives messages over HTTPS for whoever stores them without an agent, as a function from `Request` to `Response` that any server can
 * call. The rules are the library's; here is only what a program is told of each message.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 * @module
 */
import type { MediaType } from 'sealpost/message'
import { type PostRules, takePost } from 'sealpost/transport/handler'

/** What is known of a message before it is opened. */
export type Received = {
  readonly mediaType: MediaType
  /** Where the connection came from, where the server tells. It proves nothing. */
  readonly remoteAddress?: string
}

export type ReceiverOptions = PostRules & {
  /**
   * Takes a message over: it resolves when the message is stored, and only then is the sender told so. It must not open the
   * message: its time and its failure would tell the sender whether that went well (HTTP-07). Where it throws, the answer is 503.
   */
  readonly onMessage: (envelope: Uint8Array, received: Received) => void | Promise<void>
}

/** A server's side of HTTP, without the server. */
export type Receiver = (request: Request, connection?: { readonly remoteAddress?: string }) => Promise<Response>

/**
 * Makes the receiver: 202 when a message is stored; 405, 408, 413, 415 or 400 without looking into it, 503 where it could not be
 * stored. No answer has a body (HTTP-04), and none tells what came of the message (TRN-01).
 *
 * @example
 * ```ts
 * import { createReceiver } from '@sealpost/node'
 *
 * const inbox: Uint8Array[] = []
 * const receive = createReceiver({ onMessage: (envelope) => void inbox.push(envelope) })
 * const headers = { 'content-type': 'application/didcomm-encrypted+json' }
 * const response = await receive(new Request('https://example.com/', { method: 'POST', headers, body: '{}' }))
 * console.log(response.status, inbox.length)
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 */
export function createReceiver({ onMessage, ...rules }: ReceiverOptions): Receiver {
  return (request, { remoteAddress } = {}) =>
    takePost(
      request,
      async (envelope, mediaType) => {
        await onMessage(envelope, remoteAddress === undefined ? { mediaType } : { mediaType, remoteAddress })
        return { taken: true }
      },
      rules,
    )
}
