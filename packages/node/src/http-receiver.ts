/**
 * Receives messages over HTTPS, as a function from `Request` to `Response` that any server can call. It knows nothing of what is in a
 * message: it answers before anybody tries to open one.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 * @module
 */
import { type MediaType, mediaTypeOf } from 'sealpost/message'

/** What is known of a message before it is opened. */
export type Received = {
  readonly mediaType: MediaType
  /** Where the connection came from, where the server tells. It proves nothing. */
  readonly remoteAddress?: string
}

export type ReceiverOptions = {
  /**
   * Takes a message over: it resolves when the message is stored, and only then is the sender told so. It must not open the
   * message: its time and its failure would tell the sender whether that went well (HTTP-07). Where it throws, the answer is 503.
   */
  readonly onMessage: (envelope: Uint8Array, received: Received) => void | Promise<void>
  /** The media types that are taken; all three where nothing is said. */
  readonly accept?: readonly MediaType[]
  /** The octets of a whole message, headers and all (TRN-05); 10 MiB where nothing is said. */
  readonly maxBytes?: number
  /** The time for a whole body; 30 seconds where nothing is said. */
  readonly timeoutSeconds?: number
}

/** A server's side of HTTP, without the server. */
export type Receiver = (request: Request, connection?: { readonly remoteAddress?: string }) => Promise<Response>

/** The largest message that is taken where nothing is said: 10 MiB. */
export const defaultMaxBytes: number = 10 * 1024 * 1024

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
export function createReceiver({ onMessage, accept, maxBytes = defaultMaxBytes, timeoutSeconds = 30 }: ReceiverOptions): Receiver {
  return async (request, connection) => {
    // HTTP-01: POST and nothing else.
    if (request.method !== 'POST') return answer(405, { allow: 'POST' })
    // HTTP-02: the type of the content is the media type of the message; parameters, and a missing prefix (MED-07), are let pass.
    const mediaType = mediaTypeIn(request.headers)
    if (mediaType === undefined || accept?.includes(mediaType) === false) return answer(415)
    // A small body can be made to unpack to a large one.
    if (!['', 'identity'].includes(request.headers.get('content-encoding')?.trim().toLowerCase() ?? '')) return answer(415)
    const announced = request.headers.get('content-length')
    if (announced !== null && Number(announced) > maxBytes) return answer(413)

    const body = await readBody(request.body, maxBytes, timeoutSeconds)
    if (typeof body === 'number') return answer(body)
    if (body.length === 0 || (announced !== null && Number(announced) !== body.length)) return answer(400)
    const { remoteAddress } = connection ?? {}
    try {
      await onMessage(body, remoteAddress === undefined ? { mediaType } : { mediaType, remoteAddress })
    } catch {
      return answer(503)
    }
    // HTTP-07: the same answer for each message that is stored, whether it can be opened or not.
    return answer(202)
  }
}

const answer = (status: number, headers: Record<string, string> = {}): Response => new Response(null, { status, headers })

function mediaTypeIn(headers: Headers): MediaType | undefined {
  const value = headers.get('content-type')
  if (value === null) return undefined
  return mediaTypeOf(value)
}

/** The whole body, or the status to refuse it with. Nothing of a body that is not whole gets out. */
async function readBody(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  timeoutSeconds: number,
): Promise<Uint8Array | 400 | 408 | 413> {
  if (body === null) return 400
  const reader = body.getReader()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutSeconds * 1000)
  })
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), late])
      if (next === 'late') return give(reader, 408)
      if (next.done) return Buffer.concat(chunks, length)
      length += next.value.length
      if (length > maxBytes) return give(reader, 413)
      chunks.push(next.value)
    }
  } catch {
    return 400
  } finally {
    clearTimeout(timer)
  }
}

function give<Status>(reader: ReadableStreamDefaultReader<Uint8Array>, status: Status): Status {
  reader.cancel().catch(() => undefined)
  return status
}
