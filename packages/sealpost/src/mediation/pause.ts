/**
 * Waiting by the clock of the agent: for a time, or until there is a reason not to.
 *
 * @module
 */
import type { Agent } from '../agent/index.ts'

/** Something that can be waited for, and called: a call while nobody waits makes the next wait short. */
export type Bell = { ring(): void; wait(seconds: number): Promise<void> }

/** Waits so many seconds, or less where the agent is closed. */
export const pause = (agent: Pick<Agent, 'clock' | 'closing'>, seconds: number): Promise<void> => bellOf(agent).wait(seconds)

export function bellOf({ clock, closing }: Pick<Agent, 'clock' | 'closing'>): Bell {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      if (wake === undefined) rung = true
      else wake()
    },
    wait: (seconds) =>
      new Promise((resolve) => {
        const done = (): void => {
          callOff()
          closing.removeEventListener('abort', done)
          wake = undefined
          rung = false
          resolve()
        }
        wake = done
        const callOff = clock.later(Math.max(0, seconds) * 1000, done)
        closing.addEventListener('abort', done)
        if (rung || closing.aborted) done()
      }),
  }
}
