/**
 * The sending side of HTTP for an agent, over any `fetch`: browsers, workers, Deno, Bun, Node. It receives what comes back over its own
 * connections alone.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 * @module
 */
import type { Transport } from '../agent/ports.ts'
import type { EgressPolicy, Fetch } from '../egress.ts'
import { defaultMaxBytes } from './handler.ts'
import { postEnvelope } from './http-post.ts'

export { errorOfStatus, type Posted, type PostOptions, postEnvelope } from './http-post.ts'

/** How envelopes are posted. `schemes` is `https` alone, and `ports` any, where nothing is said, since TLS fails where another program listens. */
export type HttpTransportOptions = EgressPolicy & {
  /** The runtime's own where nothing is said. It gets URLs that were vetted; the addresses that names lead to are for it to vet (T10). */
  readonly fetch?: Fetch
  /** The time for all of one sending, redirects and a reply included; 30 seconds where nothing is said. */
  readonly timeoutSeconds?: number
  /** The octets of a message that comes back; 10 MiB where nothing is said. */
  readonly maxReplyBytes?: number
}

/**
 * Makes the transport: what it does with redirects, answers and replies is told at {@link postEnvelope}.
 *
 * Exported from `sealpost/transport/http`.
 *
 * @example
 * ```ts
 * import { httpTransport } from 'sealpost/transport/http'
 *
 * const { name, schemes } = httpTransport()
 * console.log(name, schemes) // http [ 'https' ]
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 */
export function httpTransport(options: HttpTransportOptions = {}): Transport {
  const { fetch = globalThis.fetch, timeoutSeconds = 30, maxReplyBytes = defaultMaxBytes, ...egress } = options
  const { schemes = ['https'] } = egress
  const policy: EgressPolicy = { ports: 'any', ...egress, schemes }
  return {
    name: 'http',
    schemes,
    async send({ envelope, mediaType }, { uri }, { signal, returnRoute }) {
      const { reply } = await postEnvelope(envelope, uri, {
        mediaType,
        // Called bare: the one of browsers is no method of an object.
        fetch: (url, init) => fetch(url, init),
        policy,
        timeoutSeconds,
        signal,
        maxReplyBytes: returnRoute ? maxReplyBytes : undefined,
      })
      return reply === undefined ? {} : { replies: [reply] }
    },
  }
}
