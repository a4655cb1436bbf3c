/**
 * The return route: may what we have for a peer go back over the connection that its message came on? Who the peer is must be proved
 * before this is asked; connections are not known here.
 *
 * @see {@link https://github.com/decentralized-identity/didcomm-messaging/blob/main/extensions/return_route/main.md | Extension return_route}
 * @module
 */
import { isMessageId, sameId } from './identifier.ts'
import type { Plaintext } from './plaintext.ts'
import { threadOf } from './thread.ts'

/** The `uri` of a service that has no address: messages are held for pickup (RR-05). */
export const queueUri = 'didcomm:transport/queue'

/** What may come back over a connection. */
export type ReturnRoute = { readonly route: 'none' } | { readonly route: 'all' } | { readonly route: 'thread'; readonly thid: string }

const none: ReturnRoute = { route: 'none' }

/**
 * Reads `return_route`. A value that nobody knows, or a thread that is not named, means none (RR-01).
 *
 * @see {@link https://github.com/decentralized-identity/didcomm-messaging/blob/main/extensions/return_route/main.md | Extension return_route}
 */
export function returnRouteOf(message: Plaintext): ReturnRoute {
  if (message.return_route === 'all') return { route: 'all' }
  const thid = message.return_route_thread
  return message.return_route === 'thread' && isMessageId(thid) ? { route: 'thread', thid } : none
}

/** What is known about the message that opened the connection. */
export type ReturnRequest = {
  readonly route: ReturnRoute
  /** The DID that a key proved to be the sender. Without one nothing comes back, or anybody could drain a queue by a claim (RR-06). */
  readonly provenDid: string | undefined
  /** The message came through a mediator, so that the connection is not the sender's (RR-04). */
  readonly routed?: boolean
}

/**
 * Tells whether a message may go back over a connection: it is for the DID that was proved, and of the thread that was named, if one
 * was (RR-02).
 *
 * DIDs are compared octet by octet, since their methods are not known here: give both as `canonicalDid` of `sealpost/did` makes them, or
 * the two forms of a did:peer:4 are two parties.
 *
 * @param outgoing - the message, with the DID that it goes to
 */
export function mayReturn(
  { route, provenDid, routed = false }: ReturnRequest,
  outgoing: Pick<Plaintext, 'id' | 'thid'> & { readonly recipient: string },
): boolean {
  // RR-04: a header inside of a forwarded message asks its recipient, not the mediator that passes it on.
  if (routed || provenDid === undefined || outgoing.recipient !== provenDid || route.route === 'none') return false
  return route.route === 'all' || sameId(route.thid, threadOf(outgoing))
}

/** How many messages may go back over a connection: one over HTTP, many over a connection that stays (RR-03). */
export function returnCapacity({ route }: ReturnRoute, connection: 'once' | 'lasting'): number {
  if (route === 'none') return 0
  return connection === 'once' ? 1 : Number.POSITIVE_INFINITY
}
