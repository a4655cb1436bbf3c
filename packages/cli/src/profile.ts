/**
 * A profile: the folder with all that one agent keeps, which is its settings, its store and its key file. It knows no agent.
 *
 * @module
 */
import { mkdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { writeFileAtomically } from '@sealpost/node'
import { type Command, InvalidArgumentError } from 'commander'
import { isObject, parseJsonBytes } from 'sealpost/bytes'
import type { Did } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { cannot, isThere } from './input.ts'
import { type CommonOptions, withJson } from './means.ts'

/** What is set once, when the profile is made. */
export type Settings = {
  readonly version: 1
  /** The name that contacts are told. */
  readonly name?: string
  /** The DID to which anybody may write. */
  readonly did: Did
  /** Where peers bring messages: they stand in the DIDs, so that a change reaches nobody who has one. */
  readonly endpoints: readonly string[]
  /** Where it listens itself; nowhere where this is absent. */
  readonly listen?: { readonly host: string; readonly port: number }
  /** Whether peers may be called over `http:` and `ws:`. */
  readonly allowHttp?: true
  /** Whether peers may be called at addresses of this machine and of private networks. */
  readonly allowPrivate?: true
}

/** Where the parts of a profile lie. */
export type ProfileFolder = {
  readonly name: string
  readonly folder: string
  readonly keysPath: string
  readonly storePath: string
  readonly settingsPath: string
}

export type Profile = ProfileFolder & { readonly settings: Settings }

/** The options of commands that work with a profile. */
export type ProfileOptions = CommonOptions & { readonly profile?: string; readonly passphraseFile?: string }

/** Adds the options of a profile. */
export const withProfile = (command: Command): Command =>
  withJson(
    command
      .option('-p, --profile <name>', 'the profile: a name, or a path of its folder; without it, SEALPOST_PROFILE, or `default`')
      .option('--passphrase-file <file>', 'the file with the passphrase; without it, SEALPOST_PASSPHRASE, or it is asked for'),
  )

/** For how long a command waits for what it began, in seconds. */
export const withWait = (command: Command, seconds: number, what: string): Command =>
  command.option('--wait <seconds>', what, toWait, seconds)

export type WaitOptions = { readonly wait: number }

function toWait(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 0 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('Expected seconds, from 0 to 3600.')
}

/** The folder of a profile: profiles with a name lie in `SEALPOST_HOME`, which is `~/.sealpost` where it is not set. */
export function folderOf({ profile = process.env['SEALPOST_PROFILE'] || 'default' }: ProfileOptions): ProfileFolder {
  const isPath = profile.includes('/') || profile.includes('\\') || profile.startsWith('.')
  if (!isPath && !/^[\w-][\w. -]{0,63}$/.test(profile))
    throw new DidcommError('ERR_USAGE_ARGUMENT', `expected the name of a profile, or the path of its folder, found ${profile.slice(0, 80)}`)
  const folder = isPath ? resolve(profile) : join(process.env['SEALPOST_HOME'] || join(homedir(), '.sealpost'), profile)
  return {
    name: basename(folder),
    folder,
    keysPath: join(folder, 'keys.json'),
    storePath: join(folder, 'store.db'),
    settingsPath: join(folder, 'profile.json'),
  }
}

/** Whether the profile is there, whatever state it is in. */
export const isMade = ({ settingsPath }: ProfileFolder): Promise<boolean> => isThere(settingsPath)

/**
 * Reads the settings of a profile.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT` where there is none, `ERR_STORE_DAMAGED` where they are not what was written.
 */
export async function readProfile(options: ProfileOptions): Promise<Profile> {
  const where = folderOf(options)
  const bytes = await readFile(where.settingsPath).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cannot('read', where.settingsPath, cause)
    const made = options.profile === undefined ? 'sealpost init' : `sealpost init --profile ${options.profile}`
    throw new DidcommError('ERR_USAGE_ARGUMENT', `there is no profile in ${where.folder}: make one with \`${made}\``)
  })
  return { ...where, settings: settingsIn(bytes, where.settingsPath) }
}

function settingsIn(bytes: Uint8Array, path: string): Settings {
  const damaged = (why: string): DidcommError =>
    new DidcommError('ERR_STORE_DAMAGED', `the settings of the profile in ${path} are not as they were written: ${why}`)
  let value: unknown
  try {
    value = parseJsonBytes(bytes)
  } catch {
    throw damaged('it is no JSON')
  }
  if (!isObject(value) || typeof value['did'] !== 'string' || !Array.isArray(value['endpoints'])) throw damaged('members are missing')
  if (value['version'] !== 1) throw damaged(`its version is ${String(value['version'])}, known is 1`)
  return value as Settings
}

/** Makes the folder, for its owner alone. */
export async function makeProfileFolder({ folder }: ProfileFolder): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw cannot('make the folder', folder, cause)
  }
}

/** Writes the settings: with them the profile is made. */
export async function writeSettings({ settingsPath }: ProfileFolder, settings: Settings): Promise<void> {
  try {
    await writeFileAtomically(settingsPath, `${JSON.stringify(settings, null, 2)}\n`)
  } catch (cause) {
    throw cannot('write', settingsPath, cause)
  }
}
