/**
 * A network inside of one process: agents that reach one another by URIs such as `memory:alice`, for tests and for programs of several
 * agents. It has no timers, copies nothing, and loses nothing.
 *
 * @module
 */
import type { Delivery, Parcel, Receipt, Receive, SendParcelOptions, Socket, Transport, Via } from '../agent/ports.ts'
import { DidcommError } from '../errors.ts'
import { unlessAborted, unreachable } from './settle.ts'

/** A network inside of one process. */
export type MemoryNetwork = {
  /**
   * The transport of one agent, which is reached by a URI of the scheme `memory` once it is started.
   *
   * @param options - what others get who send to it: one answer, as over HTTP, or a connection that lasts, as over a WebSocket (RR-03);
   * `once` where nothing is said
   * @throws {DidcommError} `ERR_USAGE_ARGUMENT` for another scheme; `start` throws it where the URI is another's
   */
  transport(uri: string, options?: { readonly connection?: 'once' | 'lasting' }): MemoryTransport
}

export type MemoryTransport = Transport & {
  /**
   * The connection to a URI whose host keeps connections, opened where there is none: for what the other side has to say.
   *
   * @throws {DidcommError} `ERR_DELIVERY_UNREACHABLE` where nobody has the URI, or its host keeps none
   */
  open(uri: string): Socket
  /** Closes every connection that lasts, of both directions. */
  cut(): void
}

/** An agent that is there to receive. */
type Host = { readonly connection: 'once' | 'lasting'; readonly links: Set<Link>; readonly receive: Receive }

/** One end of a network: what it sent over connections that last, by the URI it sent to. */
type End = { receive: Receive | undefined; readonly links: Map<string, Link>; readonly accepted: Set<Link> }

type Link = { readonly socket: Socket; send(parcel: Parcel): Promise<undefined>; close(): void }

const name = 'memory'

/**
 * Makes a network of its own: nobody on another one is reached.
 *
 * Exported from `sealpost/transport/memory`.
 *
 * @example
 * ```ts
 * import { memoryNetwork } from 'sealpost/transport/memory'
 *
 * const network = memoryNetwork()
 * const [alice, bob] = [network.transport('memory:alice'), network.transport('memory:bob')]
 * await bob.start?.(async (envelope, via) => {
 *   console.log(envelope, via.connection) // {} once
 *   return { taken: true }
 * })
 * const endpoint = { uri: 'memory:bob', accept: undefined, routingKeys: [], serviceId: undefined }
 * const options = { signal: AbortSignal.timeout(1000), returnRoute: false }
 * await alice.send({ envelope: '{}', mediaType: 'application/didcomm-encrypted+json' }, endpoint, options)
 * ```
 */
export function memoryNetwork(): MemoryNetwork {
  const hosts = new Map<string, Host>()
  return {
    transport(uri, { connection = 'once' } = {}) {
      if (!/^memory:./.test(uri)) throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a URI such as memory:alice, found ${uri}`)
      const end: End = { receive: undefined, links: new Map(), accepted: new Set() }
      return {
        name,
        schemes: [name],
        send: (parcel, endpoint, options) => bring(hosts, end, parcel, endpoint.uri, options),
        open(to) {
          const host = hosts.get(to)
          if (host?.connection !== 'lasting')
            throw unreachable(to, host === undefined ? 'nobody has that address' : 'it keeps no connections')
          return linkTo(host, end, to).socket
        },
        cut() {
          for (const link of [...end.links.values(), ...end.accepted]) link.close()
        },
        async start(receive) {
          if (hosts.has(uri)) throw new DidcommError('ERR_USAGE_ARGUMENT', `${uri} is another agent's`)
          end.receive = receive
          hosts.set(uri, { connection, links: end.accepted, receive })
        },
        async stop() {
          if (end.receive !== undefined) hosts.delete(uri)
          end.receive = undefined
          for (const link of [...end.links.values(), ...end.accepted]) link.close()
        },
      }
    },
  }
}

async function bring(
  hosts: ReadonlyMap<string, Host>,
  end: End,
  parcel: Parcel,
  uri: string,
  { signal, returnRoute }: SendParcelOptions,
): Promise<Delivery> {
  const givenUp = (): DidcommError => unreachable(uri, 'the sending was given up', signal.reason)
  if (signal.aborted) throw givenUp()
  const host = hosts.get(uri)
  if (host === undefined) throw unreachable(uri, 'nobody has that address')
  const work = host.connection === 'once' ? once(host, parcel, uri) : linkTo(host, end, uri).send(parcel)
  const reply = await unlessAborted(signal, work).catch((cause: unknown) => {
    throw cause instanceof DidcommError ? cause : givenUp()
  })
  // HTTP-04: what was not asked for is not read.
  return reply === undefined || !returnRoute ? {} : { replies: [reply.envelope] }
}

async function once({ receive }: Host, { envelope }: Parcel, uri: string): Promise<Parcel | undefined> {
  return replyIn(await receive(envelope, { transport: name, connection: 'once' }), uri)
}

function replyIn(receipt: Receipt, where: string): Parcel | undefined {
  if (receipt.taken) return receipt.reply
  const { retryAfterSeconds } = receipt
  throw new DidcommError('ERR_DELIVERY_UNAVAILABLE', `${where} cannot take the message now`, { retryAfterSeconds })
}

/** The way to a host over the connection that lasts, which is made where there is none. */
function linkTo(host: Host, end: End, uri: string): Link {
  const had = end.links.get(uri)
  if (had !== undefined) return had
  const closers = new Set<() => void>()
  let open = true
  const socketTo = (receive: () => Receive | undefined, where: string, via: () => Via): Socket => ({
    async send({ envelope }) {
      const take = receive()
      if (!open || take === undefined) throw unreachable(where, open ? 'it does not receive' : 'the connection is closed')
      replyIn(await take(envelope, via()), where)
    },
    onClose(run) {
      if (open) closers.add(run)
      else run()
    },
  })
  // What the host gets comes with the way to the guest, and the other way round.
  const toHost = socketTo(
    () => host.receive,
    uri,
    () => hostVia,
  )
  const toGuest = socketTo(
    () => end.receive,
    'whoever connected',
    () => guestVia,
  )
  const hostVia: Via = { transport: name, connection: 'lasting', socket: toGuest }
  const guestVia: Via = { transport: name, connection: 'lasting', socket: toHost }
  const link: Link = {
    socket: toHost,
    send: (parcel) => toHost.send(parcel).then(() => undefined),
    close() {
      open = false
      end.links.delete(uri)
      host.links.delete(link)
      for (const run of closers) run()
      closers.clear()
    },
  }
  end.links.set(uri, link)
  host.links.add(link)
  return link
}
