/**
 * What a driver of an implementation answers, and how one in another process is talked to: a line of JSON each way.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { DocumentOf, PrivateJwk } from './identities.ts'

export type Wrapping = 'signed' | 'anoncrypt' | 'authcrypt' | 'anoncrypt(signed)' | 'authcrypt(signed)' | 'anoncrypt(authcrypt)'
export type Enc = 'A256CBC-HS512' | 'A256GCM' | 'XC20P'
export type Message = { readonly id: string; readonly type: string; readonly [header: string]: unknown }

/** What both operations need to know: the DID documents that exist, and the private keys that are held. */
type Known = { readonly documents: readonly DocumentOf[]; readonly secrets: readonly PrivateJwk[] }

export type PackRequest = Known & {
  readonly wrapping: Wrapping
  readonly enc?: Enc
  readonly message: Message
  readonly to: string
  /** A DID, or a DID URL that picks the key. */
  readonly from: string
  /** The DID URL of the key that signs. */
  readonly signBy?: string
  /** Claims that the driver signs by `kid` and puts into the header `from_prior`. */
  readonly fromPrior?: { readonly claims: { readonly iss: string; readonly sub: string; readonly iat: number }; readonly kid: string }
  /** Whether to wrap for the mediators that the recipient's document names. */
  readonly forward: boolean
}

export type UnpackRequest = Known & { readonly packed: string }

/** What the implementation says it has proved. A member is left out where it has no way to say. */
export type Metadata = {
  readonly encrypted?: boolean
  readonly authenticated?: boolean
  readonly senderKid?: string | null
  readonly signerKid?: string | null
  /** The DID that `from_prior` was verified for, or the DID URL of its key. */
  readonly prior?: string | null
}

export type Driver = {
  hello(): Promise<{ name: string; version: string }>
  pack(request: PackRequest): Promise<{ packed: string }>
  unpack(request: UnpackRequest): Promise<{ message: Message; metadata: Metadata }>
  close(): void
}

const answerSeconds = 60

/** Starts a driver and talks with it. An answer `{ error }` becomes an `Error`, and so does an end of the process. */
export function startDriver(command: string, args: readonly string[]): Driver {
  const child: ChildProcess = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = []
  let printed = ''
  let ended: Error | undefined
  const end = (error: Error): void => {
    ended ??= error
    for (const { reject } of waiting.splice(0)) reject(ended)
  }
  child.stderr?.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-2000)
  })
  child.on('error', end)
  child.on('exit', (code) => end(new Error(`the driver ended with code ${code}: ${printed.trim().split('\n').at(-1) ?? ''}`)))
  child.stdin?.on('error', end)
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line))

  const ask = async (request: object): Promise<unknown> => {
    if (ended) throw ended
    let timer: NodeJS.Timeout | undefined
    try {
      const line = await new Promise<string>((resolve, reject) => {
        waiting.push({ resolve, reject })
        // A driver that hangs once would answer the next request with this one's answer, so that it is ended.
        timer = setTimeout(() => {
          child.kill()
          end(new Error(`no answer within ${answerSeconds} seconds`))
        }, answerSeconds * 1000)
        child.stdin?.write(`${JSON.stringify(request)}\n`)
      })
      const answer = JSON.parse(line) as { error?: string }
      if (answer.error !== undefined) throw new Error(answer.error)
      return answer
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    hello: () => ask({ op: 'hello' }) as Promise<{ name: string; version: string }>,
    pack: (request) => ask({ op: 'pack', ...request }) as Promise<{ packed: string }>,
    unpack: (request) => ask({ op: 'unpack', ...request }) as Promise<{ message: Message; metadata: Metadata }>,
    close: () => {
      child.stdin?.end()
    },
  }
}
