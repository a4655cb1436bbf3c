/**
 * The connections that were opened, one for each URL. It knows when to open and when to close one, and nothing of what goes over it.
 *
 * @module
 */
import { bounded, shown, unreachable } from './settle.ts'
import { type BindOptions, type BoundSocket, bindSocket, untilOpen, type WebSocketLike } from './socket.ts'

export type PoolOptions = Omit<BindOptions, 'where' | 'onTraffic'> & {
  readonly open: (url: string) => WebSocketLike
  /** The time for the opening of a connection. */
  readonly timeoutSeconds: number
  /** How long a connection is kept over which nothing goes; 60 seconds where nothing is said. */
  readonly idleSeconds?: number
  /** The connections that are open at a time; 64 where nothing is said. */
  readonly maxSockets?: number
}

export type Pool = {
  /** The open connection to a URL, or a new one. */
  get(url: URL): Promise<BoundSocket>
  /** Ends a connection, and forgets it at once. */
  drop(url: URL, socket: BoundSocket): void
  /** While it is wanted, a connection is not closed for being silent. Returns how to want it no longer: it is closed after the last. */
  want(url: URL): () => void
  /** Closes all, and stops opening. */
  stop(): Promise<void>
}

type Entry = { readonly opening: Promise<BoundSocket>; socket: BoundSocket | undefined; lastTraffic: number }

const closeMilliseconds = 1000

export function socketPool(options: PoolOptions): Pool {
  const { open, timeoutSeconds, idleSeconds = 60, maxSockets = 64 } = options
  const entries = new Map<string, Entry>()
  const wanted = new Map<string, number>()
  const closing = new Set<BoundSocket>()
  let stopping = new AbortController()
  let sweeper: ReturnType<typeof setTimeout> | undefined

  const forget = (key: string, entry: Entry): void => {
    if (entries.get(key) === entry) entries.delete(key)
  }
  const release = (key: string, entry: Entry): void => {
    forget(key, entry)
    const { socket } = entry
    if (socket === undefined) return
    closing.add(socket)
    socket.onClose(() => closing.delete(socket))
    socket.close()
  }
  /** Those that may be closed, the one that was silent for longest first. */
  const silent = (): readonly (readonly [string, Entry])[] =>
    [...entries]
      .filter(([key, { socket }]) => socket !== undefined && !wanted.has(key))
      .sort(([, one], [, other]) => one.lastTraffic - other.lastTraffic)
  // One timer for all: what is silent is closed between one and two times the time.
  const watch = (): void => {
    if (entries.size > 0) sweeper ??= setTimeout(sweep, idleSeconds * 1000)
  }
  const sweep = (): void => {
    sweeper = undefined
    const since = performance.now() - idleSeconds * 1000
    for (const [key, entry] of silent()) if (entry.lastTraffic <= since) release(key, entry)
    watch()
  }
  const begin = (url: URL): Entry => {
    const [key, where] = [url.href, shown(url)]
    const onTraffic = (): void => {
      entry.lastTraffic = performance.now()
    }
    const connect = async (signal: AbortSignal): Promise<BoundSocket> => {
      const webSocket = open(key)
      await untilOpen(webSocket, where, signal)
      const socket = bindSocket(webSocket, { ...options, where, onTraffic })
      entry.socket = socket
      onTraffic()
      socket.onClose(() => forget(key, entry))
      return socket
    }
    // It begins when the entry is there.
    const opening = Promise.resolve().then(() => bounded({ where, timeoutSeconds, signal: stopping.signal }, connect))
    const entry: Entry = { opening, socket: undefined, lastTraffic: performance.now() }
    // Whoever asked for it is told; here it is only forgotten.
    opening.catch(() => forget(key, entry))
    entries.set(key, entry)
    watch()
    return entry
  }
  return {
    get(url) {
      const had = entries.get(url.href)
      if (had !== undefined && (had.socket === undefined || had.socket.isOpen())) return had.opening
      const [oldest] = entries.size < maxSockets ? [] : silent()
      if (oldest !== undefined) release(...oldest)
      return begin(url).opening
    },
    drop(url, socket) {
      const entry = entries.get(url.href)
      if (entry?.socket === socket) forget(url.href, entry)
      socket.end()
    },
    want({ href }) {
      wanted.set(href, (wanted.get(href) ?? 0) + 1)
      return () => {
        const others = (wanted.get(href) ?? 0) - 1
        if (others > 0) wanted.set(href, others)
        else wanted.delete(href)
        const entry = entries.get(href)
        if (others <= 0 && entry !== undefined) release(href, entry)
      }
    },
    async stop() {
      clearTimeout(sweeper)
      sweeper = undefined
      stopping.abort(unreachable('the endpoint', 'the transport was stopped'))
      stopping = new AbortController()
      for (const [key, entry] of entries) release(key, entry)
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, closeMilliseconds)
      })
      await Promise.race([late, Promise.all([...closing].map(({ closed }) => closed))])
      clearTimeout(timer)
      for (const socket of closing) socket.end()
    },
  }
}
