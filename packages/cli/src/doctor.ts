/**
 * What can be wrong with a profile: each check is a function that looks at one thing. Nothing is delivered and nothing is changed, so that
 * it can be run at any time.
 *
 * @module
 */
import { stat } from 'node:fs/promises'
import { createReceiver, createVettedFetch, listen, openKeyFile } from '@sealpost/node'
import type { Row, Store } from 'sealpost/agent'
import { isObject } from 'sealpost/bytes'
import { isDidcommError } from 'sealpost/errors'
import manifest from '../package.json' with { type: 'json' }
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { findPassphrase } from './passphrase.ts'
import { type Profile, type ProfileFolder, type ProfileOptions, readProfile } from './profile.ts'
import { openStore } from './profile-agent.ts'
import { ago } from './seconds.ts'

export type Finding = {
  readonly name: string
  readonly level: 'ok' | 'warn' | 'fail'
  /** What was found, in a sentence. */
  readonly text: string
  /** What to do about it. */
  readonly advice?: string
  readonly exitCode?: number
}

const ok = (name: string, text: string): Finding => ({ name, level: 'ok', text })
const warning = (name: string, text: string, advice: string): Finding => ({ name, level: 'warn', text, advice })
const failing = (name: string, error: unknown, advice: string): Finding => ({
  name,
  level: 'fail',
  text: error instanceof Error ? error.message : String(error),
  advice,
  exitCode: exitCodeOf(error),
})

/** How old the oldest message may be that waits, before it is told. */
const patienceSeconds = 3600

/** Looks at everything that makes up a profile; what cannot be looked at is said to be so. */
export async function checkProfile(options: ProfileOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [ok('version', `sealpost ${manifest.version}, Node ${process.version}, ${process.platform} ${process.arch}`)]
  const profile = await readProfile(options).catch((error: unknown) => {
    findings.push(failing('profile', error, 'make a profile with `sealpost init`, or name one with --profile'))
    return undefined
  })
  if (profile === undefined) return findings
  findings.push(await checkFolder(profile), await checkKeys(profile, options))
  const store = await openStore(profile).catch((error: unknown) => {
    findings.push(storeFinding(error))
    return undefined
  })
  if (store === undefined) return findings
  try {
    findings.push(ok('store', `${profile.storePath} opens, and is whole`))
    findings.push(await checkClock(store), await checkOutbox(store), await checkQuarantine(store))
  } finally {
    await store.close()
  }
  return [...findings, ...(await checkEndpoints(profile))]
}

async function checkFolder({ folder, keysPath, storePath }: ProfileFolder): Promise<Finding> {
  if (process.platform === 'win32') return ok('folder', folder)
  for (const path of [folder, keysPath, storePath]) {
    const mode = await stat(path).then(
      (found) => found.mode,
      () => 0,
    )
    if ((mode & 0o077) !== 0) return warning('folder', `others on this machine may read ${path}`, `chmod -R go-rwx ${folder}`)
  }
  return ok('folder', `${folder}, for its owner alone`)
}

async function checkKeys({ keysPath }: ProfileFolder, { passphraseFile }: ProfileOptions): Promise<Finding> {
  try {
    const file = await openKeyFile(keysPath, { passphrase: await findPassphrase(passphraseFile, false) })
    const keys = file.list().length
    return keys > 0
      ? ok('keys', `the key file opens: ${keys} keys`)
      : warning('keys', 'the key file opens, and is empty', 'bring back a copy of it: without its keys nothing that comes can be read')
  } catch (error) {
    return failing('keys', error, 'give the passphrase it was made with, or bring back a copy of the file')
  }
}

function storeFinding(error: unknown): Finding {
  if (!isDidcommError(error, 'ERR_STORE_LOCKED')) return failing('store', error, 'bring back a copy of the profile, or make a new one')
  return warning('store', 'another process has it open, so that what is in it could not be looked at', 'end `sealpost listen` to see more')
}

/** A clock that was put back makes messages look as if they were sent later, and expired ones as if they were not. */
async function checkClock(store: Store): Promise<Finding> {
  const now = Date.now()
  const [last] = await store.list({ table: 'events', limit: 1, reverse: true })
  const newest = numberIn(last, 'at') ?? 0
  if (newest > now + 60_000)
    return warning(
      'clock',
      `the newest event is ${ago(newest - now)} ahead of the clock`,
      'set the clock: times in messages and expiry hang on it',
    )
  if (now < Date.UTC(2025, 0) || now > Date.UTC(2100, 0))
    return warning('clock', `it says ${new Date(now).toISOString()}`, 'set the clock: times in messages and expiry hang on it')
  return ok('clock', `${new Date(now).toISOString()}, and nothing is ahead of it`)
}

async function checkOutbox(store: Store): Promise<Finding> {
  const rows = await store.list({ table: 'outbox', limit: 10_000 })
  if (rows.length === 0) return ok('outbox', 'nothing waits')
  const queued = rows.map((row) => numberIn(row, 'queuedAt') ?? Date.now())
  const age = Date.now() - Math.min(...queued)
  const text = `${rows.length} ${rows.length === 1 ? 'message waits' : 'messages wait'}, the oldest for ${ago(age)}`
  return age < patienceSeconds * 1000
    ? ok('outbox', text)
    : warning('outbox', text, 'run `sealpost listen` to have them tried; `sealpost where <id>` says why one waits')
}

async function checkQuarantine(store: Store): Promise<Finding> {
  const rows = await store.list({ table: 'quarantine', limit: 1000 })
  if (rows.length === 0) return ok('quarantine', 'nothing that came could not be handled')
  const reason = isObject(rows[0]?.value) ? String(rows[0].value['reason']) : ''
  return warning(
    'quarantine',
    `${rows.length} that came could not be handled: ${reason}`,
    'a newer version may handle them; `sealpost listen --json` shows them',
  )
}

/** Whether what is at the endpoints answers, while we listen: as seen from here, which is not from everywhere. */
async function checkEndpoints({ settings }: Profile): Promise<readonly Finding[]> {
  const { endpoints, listen: place } = settings
  if (place === undefined)
    return [warning('endpoint', 'there is none: nobody can begin to write', '`sealpost init --endpoint` makes a profile that has one')]
  const receiver = createReceiver({ onMessage: () => Promise.reject(new Error('nothing is taken here')) })
  const server = await listen(receiver, place).catch((error: unknown) => error as Error)
  if (server instanceof Error)
    return [
      {
        ...failing('endpoint', server, 'end the program that has the port, or make a profile with another --port'),
        exitCode: exitCodes.delivery.code,
      },
    ]
  try {
    return await Promise.all(endpoints.map(checkEndpoint))
  } finally {
    await server.close({ graceSeconds: 0 })
  }
}

async function checkEndpoint(uri: string): Promise<Finding> {
  // The user's own, wherever it is: nothing that others say is called here.
  const policy = { schemes: ['https', 'http'], ports: 'any' as const, allowLoopback: true, allowPrivate: true }
  const fetch = createVettedFetch({ policy })
  try {
    const response = await fetch(uri.replace(/^ws/, 'http'), { method: 'GET', signal: AbortSignal.timeout(10_000), redirect: 'manual' })
    await response.body?.cancel()
    const { status } = response
    if (status >= 502 && status <= 504)
      return warning(
        'endpoint',
        `${uri} answers with ${status}: what stands there does not reach this program`,
        'look at the proxy in front of it',
      )
    return status === 405
      ? ok('endpoint', `${uri} answers from here`)
      : warning(
          'endpoint',
          `${uri} answers with ${status}, which another program does`,
          'see that it leads to where `sealpost listen` listens',
        )
  } catch (error) {
    return {
      ...failing('endpoint', error, 'see that its name and port lead here, and that its certificate is good'),
      exitCode: exitCodes.delivery.code,
    }
  }
}

const numberIn = (row: Row | undefined, member: string): number | undefined => {
  const value = isObject(row?.value) ? row.value[member] : undefined
  return typeof value === 'number' ? value : undefined
}
