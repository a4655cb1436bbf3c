#!/usr/bin/env node
/**
 * The command `sealpost`: its commands put together, and every way in which it can end.
 *
 * @module
 */
import { Command, CommanderError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { addAccept } from './commands/accept.ts'
import { addChat } from './commands/chat.ts'
import { addContacts } from './commands/contacts.ts'
import { addDemo } from './commands/demo.ts'
import { addDid } from './commands/did.ts'
import { addDoctor } from './commands/doctor.ts'
import { addFeatures } from './commands/features.ts'
import { addInbox } from './commands/inbox.ts'
import { addInit } from './commands/init.ts'
import { addInspect } from './commands/inspect.ts'
import { addInvitation } from './commands/invitation.ts'
import { addInvite } from './commands/invite.ts'
import { addKeys } from './commands/keys.ts'
import { addListen } from './commands/listen.ts'
import { addPack } from './commands/pack.ts'
import { addPing } from './commands/ping.ts'
import { addPost } from './commands/post.ts'
import { addReceive } from './commands/receive.ts'
import { addRotate } from './commands/rotate.ts'
import { addSend } from './commands/send.ts'
import { addUnpack } from './commands/unpack.ts'
import { addWhere } from './commands/where.ts'
import { exitCodeOf, exitCodes, exitCodeTable } from './exit-codes.ts'
import { cannot } from './input.ts'
import { printError, warn } from './output.ts'

const json = process.argv.includes('--json')

/** Commands of an agent that are commands on envelopes where an option of these is given, which the agent's have not. */
const onEnvelopes: Readonly<Record<string, { readonly meant: string; readonly by: RegExp }>> = {
  send: { meant: 'post', by: /^(?:-k|--keys|--to)(?:=|$)/ },
  listen: { meant: 'receive', by: /^(?:-k|--keys)(?:=|$)/ },
  invite: { meant: 'invitation', by: /^(?:-k|--keys|--base)(?:=|$)/ },
}

function argumentsMeant(given: readonly string[]): readonly string[] {
  const [command = '', ...rest] = given
  const other = onEnvelopes[command]
  return other !== undefined && rest.some((argument) => other.by.test(argument)) ? [other.meant, ...rest] : given
}

const program = new Command('sealpost')
  .description('DIDComm Messaging v2.1: make DIDs, seal and open messages, explain them, send and receive them.')
  .version(manifest.version)
  .helpOption('-h, --help', 'show help')
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({
    outputError(text, write) {
      const message = text.trim().replace(/^error: /, '')
      if (json) warn(JSON.stringify({ error: { code: 'ERR_USAGE_ARGUMENT', message: message.replace(/\s*\n\s*/g, ' ') } }))
      else write(`sealpost: ${message}\n`)
    },
  })
  .addHelpText(
    'after',
    `
Profile: --profile NAME or SEALPOST_PROFILE, in SEALPOST_HOME, which is ~/.sealpost where it is not set.
Key file: --keys FILE or SEALPOST_KEYS; its passphrase: --passphrase-file FILE, SEALPOST_PASSPHRASE, or typed at a terminal.
Colours: only on a terminal, and not with NO_COLOR. Stack traces: SEALPOST_DEBUG=1.

Exit codes:
${exitCodeTable()}

Example:
  sealpost demo "Hello"`,
  )

const groups = {
  'An agent of your own, in a profile:': [
    addInit,
    addInvite,
    addAccept,
    addContacts,
    addSend,
    addInbox,
    addListen,
    addChat,
    addPing,
    addFeatures,
    addRotate,
    addWhere,
    addDoctor,
  ],
  'DIDs and envelopes, with a key file:': [addDid, addKeys, addPack, addUnpack, addInspect, addInvitation, addPost, addReceive],
  'To see it work:': [addDemo],
}
for (const [title, adds] of Object.entries(groups)) {
  program.commandsGroup(title)
  for (const add of adds) add(program)
}

// A reader that has enough, such as `head`, is no fault. A full disk behind `>` is told, where stderr still takes it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') process.exit(exitCodes.ok.code)
    if (stream === process.stdout) printError(cannot('write', 'the output', cause), json)
    process.exit(exitCodes.usage.code)
  })
}

try {
  await program.parseAsync(argumentsMeant(process.argv.slice(2)), { from: 'user' })
} catch (error) {
  process.exitCode = end(error)
}

function end(error: unknown): number {
  if (!(error instanceof CommanderError)) {
    printError(error, json)
    return exitCodeOf(error)
  }
  // Commander has printed it. A command group without a command shows its help, and that is a slip too.
  return error.exitCode === 0 ? exitCodes.ok.code : exitCodes.usage.code
}
