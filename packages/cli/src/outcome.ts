/**
 * What became of a message: waited for, and told in words.
 *
 * @module
 */
import type { Agent, Whereabouts } from 'sealpost/agent'
import { exitCodes } from './exit-codes.ts'

/** The events that tell that a message of ours came to its end. */
export const ends: ReadonlySet<string> = new Set(['handed-over', 'acknowledged', 'expired', 'failed'])

/**
 * Sends, and waits until the message came to its end, or for so long. What is still queued then is not lost: the next command goes on with
 * it.
 *
 * @param send - returns the id of the message; its end may come before it does
 */
export async function sentAndAwaited(
  agent: Agent,
  send: () => Promise<string>,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<Whereabouts> {
  const ended = new Set<string>()
  let wake = (): void => {}
  const off = agent.on('*', ({ name, messageId }) => {
    if (messageId === undefined || !ends.has(name)) return
    ended.add(messageId)
    wake()
  })
  try {
    const id = await send()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitSeconds * 1000)
      const done = (): void => {
        clearTimeout(timer)
        resolve()
      }
      wake = () => {
        if (ended.has(id)) done()
      }
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
      wake()
    })
    return await agent.where(id)
  } finally {
    off()
  }
}

/** A message that cannot be delivered any more ends the command with the code for it. */
export function exitCodeOfState(state: Whereabouts['state']): number {
  return state === 'failed' || state === 'expired' ? exitCodes.delivery.code : exitCodes.ok.code
}
