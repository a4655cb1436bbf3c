/**
 * Receives messages over HTTPS, as a function from `Request` to `Response` that any server can call. It knows nothing of what is in a
 * message: it answers before anybody tries to open one.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 * @module
 */
import type { Receipt, Receive, Transport } from '../agent/ports.ts'
import { DidcommError } from '../errors.ts'
import { type MediaType, mediaTypeOf } from '../message/index.ts'
import { readBody } from './body.ts'

export type { Receipt, Receive, Transport } from '../agent/ports.ts'

/** What is taken of whoever posts. */
export type PostRules = {
  /** The media types that are taken; all three where nothing is said. */
  readonly accept?: readonly MediaType[]
  /** The octets of a body (TRN-05); {@link defaultMaxBytes} where nothing is said. */
  readonly maxBytes?: number
  /** The time for a whole body; 30 seconds where nothing is said. */
  readonly timeoutSeconds?: number
  /**
   * The origins whose pages may post, such as `https://app.example`; none where nothing is said. What is posted carries no cookie, and
   * says by its envelope alone who sent it, so that `any` gives no page more than any other program has.
   */
  readonly allowOrigins?: readonly string[] | 'any'
}

/** Takes over what was posted: resolves when it is stored. */
export type TakePost = (envelope: Uint8Array, mediaType: MediaType) => Promise<Receipt>

/** A way to receive for an agent, and the function that a server calls. */
export type Handler = {
  /** What the agent is given. It sends nothing. */
  readonly transport: Transport
  /** Answers one request. It never rejects. */
  handle(request: Request): Promise<Response>
}

/** The octets of the largest body that is taken where nothing is said: 10 MiB. */
export const defaultMaxBytes: number = 10 * 1024 * 1024

/**
 * Makes the receiving side of HTTP for an agent on any server: Deno, Bun, workers, Node.
 *
 * It answers 202 when the message is stored (T01), or 200 with the one message that goes back where the sender asked for it (RR-03); 405,
 * 408, 413, 415 or 400 without looking into it; 503 where nothing was kept, and while the agent is not started.
 *
 * Exported from `sealpost/transport/handler`.
 *
 * @example
 * ```ts
 * import { createHandler } from 'sealpost/transport/handler'
 *
 * const { transport, handle } = createHandler({ maxBytes: 1_000_000 })
 * await transport.start?.(async () => ({ taken: true })) // an agent does this
 * const headers = { 'content-type': 'application/didcomm-encrypted+json' }
 * const response = await handle(new Request('https://example.com/', { method: 'POST', headers, body: '{}' }))
 * console.log(response.status) // 202
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 */
export function createHandler(rules: PostRules = {}): Handler {
  let receive: Receive | undefined
  const via = { transport: 'http', connection: 'once' } as const
  return {
    transport: {
      name: 'http',
      schemes: [],
      async send() {
        throw new DidcommError('ERR_DELIVERY_BLOCKED', 'expected a transport that sends, found one that receives only')
      },
      async start(agent) {
        receive = agent
      },
      async stop() {
        receive = undefined
      },
    },
    handle: (request) => takePost(request, async (envelope) => (receive === undefined ? { taken: false } : receive(envelope, via)), rules),
  }
}

/**
 * Answers one request by the rules of HTTP alone, for whoever stores messages without an agent: {@link createHandler} says how. Where
 * `take` rejects, the answer is 503.
 *
 * Exported from `sealpost/transport/handler`.
 *
 * @example
 * ```ts
 * import { takePost } from 'sealpost/transport/handler'
 *
 * const inbox: Uint8Array[] = []
 * const handle = (request: Request) =>
 *   takePost(request, async (envelope) => {
 *     inbox.push(envelope)
 *     return { taken: true }
 *   })
 * console.log((await handle(new Request('https://example.com/'))).status) // 405
 * ```
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#https | v2.1, HTTPS}
 */
export async function takePost(request: Request, take: TakePost, rules: PostRules = {}): Promise<Response> {
  const shared = originHeaders(request, rules.allowOrigins)
  // A page asks first whether it may post. No other program does, and no other is answered.
  if (shared !== undefined && request.method === 'OPTIONS' && request.headers.has('access-control-request-method')) {
    const allowed = { 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'content-type' }
    return answer(204, { ...shared, ...allowed, 'access-control-max-age': '7200' })
  }
  const response = await refuseOrTake(request, take, rules)
  for (const [header, value] of Object.entries(shared ?? {})) response.headers.set(header, value)
  return response
}

async function refuseOrTake(request: Request, take: TakePost, rules: PostRules): Promise<Response> {
  const { accept, maxBytes = defaultMaxBytes, timeoutSeconds = 30 } = rules
  // HTTP-01: POST and nothing else.
  if (request.method !== 'POST') return answer(405, { allow: 'POST' })
  // HTTP-02: the type of the content is the media type of the message; parameters, and a missing prefix (MED-07), are let pass.
  const mediaType = mediaTypeOf(request.headers.get('content-type'))
  if (mediaType === undefined || accept?.includes(mediaType) === false) return answer(415)
  // A small body can be made to unpack to a large one.
  if (!['', 'identity'].includes(request.headers.get('content-encoding')?.trim().toLowerCase() ?? '')) return answer(415)
  const announced = request.headers.get('content-length')
  if (announced !== null && Number(announced) > maxBytes) return answer(413)

  const envelope = await wholeBody(request, maxBytes, timeoutSeconds)
  if (typeof envelope === 'number') return answer(envelope)
  if (envelope.length === 0 || (announced !== null && Number(announced) !== envelope.length)) return answer(400)
  const receipt = await take(envelope, mediaType).catch((): Receipt => ({ taken: false }))
  if (!receipt.taken) {
    const { retryAfterSeconds } = receipt
    return answer(503, retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) })
  }
  // HTTP-07: the same answer for each message that is stored, whether it can be opened or not; HTTP-04: without a body, unless the
  // sender asked for what we have for it.
  const { reply } = receipt
  return reply === undefined
    ? answer(202)
    : new Response(reply.envelope, { status: 200, headers: { 'content-type': reply.mediaType, 'cache-control': 'no-store' } })
}

const answer = (status: number, headers: Record<string, string> = {}): Response => new Response(null, { status, headers })

/** What lets a page read the answer; undefined where it may not. */
function originHeaders(request: Request, allowed: PostRules['allowOrigins']): Record<string, string> | undefined {
  const origin = request.headers.get('origin')
  if (allowed === undefined || origin === null) return undefined
  if (allowed !== 'any' && !allowed.includes(origin)) return undefined
  const whose = allowed === 'any' ? { 'access-control-allow-origin': '*' } : { 'access-control-allow-origin': origin, vary: 'origin' }
  return { ...whose, 'access-control-expose-headers': 'retry-after' }
}

/** The whole body, or the status to refuse it with. */
async function wholeBody({ body }: Request, maxBytes: number, timeoutSeconds: number): Promise<Uint8Array | 400 | 408 | 413> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutSeconds * 1000)
  try {
    return (await readBody(body, maxBytes, late.signal)) ?? 413
  } catch {
    return late.signal.aborted ? 408 : 400
  } finally {
    clearTimeout(timer)
  }
}
