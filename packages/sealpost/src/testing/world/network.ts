/**
 * A network that loses, doubles, delays and reorders, and that is cut and mended: between processes that die, over connections for one
 * answer and over those that last.
 *
 * @module
 */
import type { Clock, Delivery, Parcel, Receipt, Receive, SendParcelOptions, Socket, Transport, Via } from '../../agent/ports.ts'
import { DidcommError } from '../../errors.ts'
import type { SimulatedProcess } from './process.ts'
import type { SeededRandom } from './random.ts'

/** What the network does: probabilities, and times in milliseconds. All of it may be changed at any time. */
export type Weather = {
  /** A parcel does not arrive, and nobody hears of it. */
  lost: number
  /** It arrives, and the answer does not. */
  answerLost: number
  /** It arrives once more, at most `longMilliseconds` later. */
  doubled: number
  /** It takes at most `longMilliseconds` in place of `shortMilliseconds`. */
  slow: number
  shortMilliseconds: number
  longMilliseconds: number
  /** A connection that lasts breaks. */
  breaks: number
}

/** A network without faults: it takes a moment. */
export const calmWeather: Readonly<Weather> = {
  lost: 0,
  answerLost: 0,
  doubled: 0,
  slow: 0,
  shortMilliseconds: 20,
  longMilliseconds: 0,
  breaks: 0,
}

export type SimulatedNetwork = {
  readonly weather: Weather
  /** The way into the network for a process, which is reached by this URI while it lives. */
  readonly transport: (uri: string, process: SimulatedProcess, options?: { readonly connection?: 'once' | 'lasting' }) => Transport
  /** No parcel goes between these two, either way, until it is mended. */
  readonly cut: (one: string, other: string) => void
  readonly mend: () => void
  /** How many parcels are under way. */
  readonly underWay: () => number
}

type Host = { readonly uri: string; readonly process: SimulatedProcess; readonly connection: 'once' | 'lasting'; receive: Receive }
type Link = { readonly ends: readonly [Host, Host]; open: boolean; readonly closers: Set<() => void>; vias?: readonly [Via, Via] }

const name = 'simulated'

/**
 * Makes a network, by URIs such as `sim:alice`.
 *
 * Exported from `sealpost/testing`.
 */
export function simulatedNetwork(clock: Clock, random: SeededRandom, weather: Weather = { ...calmWeather }): SimulatedNetwork {
  const hosts = new Map<string, Host>()
  const links = new Map<string, Link>()
  let cuts = new Set<string>()
  let underWay = 0

  const isCut = (one: string, other: string): boolean => cuts.has([one, other].sort().join(' '))
  const wait = (milliseconds: number): Promise<void> => {
    underWay++
    return new Promise((resolve) => {
      clock.later(random.fraction() * milliseconds, () => {
        underWay--
        resolve()
      })
    })
  }
  const travel = (): Promise<void> => wait(random.chance(weather.slow) ? weather.longMilliseconds : weather.shortMilliseconds)
  const unreachable = (uri: string): DidcommError => new DidcommError('ERR_DELIVERY_UNREACHABLE', `${uri} is not reached`)

  /** Hands a parcel to whoever is at the URI when it arrives. Undefined where nobody answers. */
  async function bring({ envelope }: Parcel, from: string, host: () => Host | undefined, via: () => Via): Promise<Receipt | undefined> {
    await travel()
    const there = host()
    if (there === undefined || !there.process.alive() || isCut(from, there.uri) || random.chance(weather.lost)) return undefined
    if (random.chance(weather.doubled)) {
      void wait(weather.longMilliseconds).then(() => {
        const again = hosts.get(there.uri)
        if (again?.process.alive()) void again.receive(envelope, { transport: name, connection: 'once' })
      })
    }
    const receipt = await there.receive(envelope, via())
    await travel()
    return random.chance(weather.answerLost) || isCut(from, there.uri) ? undefined : receipt
  }

  function taken(receipt: Receipt, uri: string): Extract<Receipt, { taken: true }> {
    if (receipt.taken) return receipt
    const { retryAfterSeconds } = receipt
    throw new DidcommError('ERR_DELIVERY_UNAVAILABLE', `${uri} cannot take the parcel now`, { retryAfterSeconds })
  }

  function linkBetween(one: Host, other: Host): Link {
    const id = `${one.uri} ${other.uri}`
    const had = links.get(id)
    if (had?.open === true && had.ends[0] === one && had.ends[1] === other) return had
    const link: Link = { ends: [one, other], open: true, closers: new Set() }
    const socketTo = (there: Host, here: Host, via: () => Via): Socket => ({
      send: (parcel) =>
        here.process.call(async () => {
          if (!link.open) throw unreachable(there.uri)
          const receipt = await bring(parcel, here.uri, () => (link.open ? there : undefined), via)
          if (receipt === undefined) close(link)
          if (receipt === undefined) throw unreachable(there.uri)
          taken(receipt, there.uri)
        }),
      onClose: (run) => (link.open ? void link.closers.add(() => here.process.alive() && run()) : run()),
    })
    const vias: readonly [Via, Via] = [
      { transport: name, connection: 'lasting', socket: socketTo(other, one, () => vias[1]) },
      { transport: name, connection: 'lasting', socket: socketTo(one, other, () => vias[0]) },
    ]
    link.vias = vias
    links.set(id, link)
    for (const { process } of link.ends) process.onDeath(() => close(link))
    return link
  }

  function close(link: Link): void {
    if (!link.open) return
    link.open = false
    links.delete(link.ends.map(({ uri }) => uri).join(' '))
    for (const run of link.closers) run()
    link.closers.clear()
  }

  async function send(here: Host, parcel: Parcel, uri: string, returnRoute: boolean): Promise<Delivery | undefined> {
    const there = hosts.get(uri)
    if (there === undefined || (isCut(here.uri, uri) && random.chance(0.5))) {
      await travel()
      throw unreachable(uri)
    }
    if (there.connection === 'lasting') {
      const link = linkBetween(here, there)
      if (random.chance(weather.breaks)) close(link)
      const receipt = await bring(
        parcel,
        here.uri,
        () => (link.open ? there : undefined),
        () => (link.vias as readonly [Via, Via])[1],
      )
      if (receipt === undefined) close(link)
      else taken(receipt, uri)
      return receipt && {}
    }
    const receipt = await bring(
      parcel,
      here.uri,
      () => hosts.get(uri),
      () => ({ transport: name, connection: 'once' }),
    )
    if (receipt === undefined) return undefined
    const { reply } = taken(receipt, uri)
    return reply === undefined || !returnRoute ? {} : { replies: [reply.envelope] }
  }

  return {
    weather,
    transport(uri, process, { connection = 'once' } = {}) {
      const host: Host = { uri, process, connection, receive: async () => ({ taken: false }) }
      process.onDeath(() => hosts.get(uri) === host && hosts.delete(uri))
      return {
        name,
        schemes: ['sim'],
        send: (parcel, endpoint, options: SendParcelOptions) =>
          process.call(
            () =>
              new Promise((resolve, reject) => {
                const late = (): void => reject(new DidcommError('ERR_DELIVERY_TIMEOUT', `no answer of ${endpoint.uri}`))
                if (options.signal.aborted) return late()
                options.signal.addEventListener('abort', late, { once: true })
                // Where no answer comes, the caller's time runs out.
                send(host, parcel, endpoint.uri, options.returnRoute).then((delivery) => delivery && resolve(delivery), reject)
              }),
          ),
        async start(receive) {
          host.receive = (envelope, via) => process.call(() => receive(envelope, via))
          hosts.set(uri, host)
        },
        async stop() {
          if (hosts.get(uri) === host) hosts.delete(uri)
          for (const link of [...links.values()]) if (link.ends.includes(host)) close(link)
        },
      }
    },
    cut: (one, other) => void cuts.add([one, other].sort().join(' ')),
    mend() {
      cuts = new Set()
    },
    underWay: () => underWay,
  }
}
