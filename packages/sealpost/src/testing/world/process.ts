/**
 * A process that dies: at a chosen call of a port it stops, and nothing that it does from then on reaches the world. Between two calls of
 * ports nobody could tell when it died, so that this is every moment there is.
 *
 * @module
 */

import type { Clock } from '../../agent/ports.ts'
import type { KeyStore } from '../../did/keys.ts'

/** One life of a program. */
export type SimulatedProcess = {
  readonly alive: () => boolean
  /** How many calls it has made. */
  readonly calls: () => number
  /** Does a piece of the world's work for the process; what comes of it is seen only while it lives. */
  readonly call: <T>(work: () => Promise<T>) => Promise<T>
  readonly kill: () => void
  /** Runs once, when it dies. */
  readonly onDeath: (run: () => void) => void
  /** A clock, and a store of keys, as the process sees them. */
  readonly clock: (clock: Clock) => Clock
  readonly keys: (keys: KeyStore) => KeyStore
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined)

/**
 * Begins a process.
 *
 * Exported from `sealpost/testing`.
 *
 * @param options - `diesAtCall`: the call at which it dies, from 1; never where nothing is said. `after`: the call is still done, and its
 * answer is not seen.
 */
export function simulatedProcess({
  diesAtCall = Number.POSITIVE_INFINITY,
  after = false,
}: {
  readonly diesAtCall?: number
  readonly after?: boolean
} = {}): SimulatedProcess {
  let living = true
  let calls = 0
  let mourners: (() => void)[] = []

  const kill = (): void => {
    if (!living) return
    living = false
    const told = mourners
    mourners = []
    for (const run of told) run()
  }

  async function call<T>(work: () => Promise<T>): Promise<T> {
    if (!living) return never()
    if (++calls === diesAtCall) {
      if (after) work().catch(() => undefined)
      kill()
      return never()
    }
    try {
      const result = await work()
      return living ? result : await never()
    } catch (error) {
      if (!living) return never()
      throw error
    }
  }

  return {
    alive: () => living,
    calls: () => calls,
    call,
    kill,
    onDeath: (run) => (living ? void mourners.push(run) : run()),
    clock: ({ epochMilliseconds, later }) => ({
      epochMilliseconds,
      later: (milliseconds, run) => (living ? later(milliseconds, () => living && run()) : () => undefined),
    }),
    keys: (store) => ({
      keys: store.keys,
      generate: (crv, use) => call(() => store.generate(crv, use)),
      name: (jwk, kid) => call(() => store.name(jwk, kid)),
      list: () => call(() => store.list()),
      remove: (kid) => call(() => store.remove(kid)),
      close: async () => undefined,
    }),
  }
}
