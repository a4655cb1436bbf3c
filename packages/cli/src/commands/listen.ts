/**
 * `sealpost listen`: runs the profile's agent: it takes what comes, answers what its protocols answer, delivers what waits, and prints all.
 *
 * @module
 */
import type { Command } from 'commander'
import type { AgentEvent } from 'sealpost/agent'
import { DidcommError } from 'sealpost/errors'
import { printEvents } from '../events.ts'
import { print, printJson, safe, shorten, style, warn } from '../output.ts'
import { type ProfileOptions, withProfile } from '../profile.ts'
import { type Running, withAgent } from '../profile-agent.ts'

export function addListen(program: Command): void {
  const command = program
    .command('listen')
    .description('run the agent: take messages over HTTP and WebSockets, deliver what waits, print what happens; Ctrl-C ends it')
    .addHelpText(
      'after',
      '\nWhat came while nobody listened is printed first. To receive envelopes without a profile: sealpost receive.\n\nExample:\n  sealpost listen --profile alice',
    )
  withProfile(command).action(run)
}

async function run(options: ProfileOptions): Promise<void> {
  const { json = false } = options
  await withAgent(options, { listening: 'must', goesOn: true }, async (running) => {
    const { agent, signal } = running
    announce(running, json)
    const off = agent.on('refused', (event) => tellRefused(event, json))
    await printEvents(agent, { json, follow: true, signal, wanted: () => true })
    off()
  })
}

function announce({ url, profile }: Running, json: boolean): void {
  const { did, endpoints, name } = profile.settings
  if (url === undefined)
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'this profile has no endpoint to listen at: `sealpost init --endpoint` makes one that has')
  if (json) printJson({ event: 'listening', profile: profile.name, ...(name !== undefined && { name }), url, endpoints, did })
  else print(`${style().bold(`${profile.name} listens at ${url}`)}\nDID ${did}\n`)
}

/** Told at our end alone: the sender had the answer that all get (HTTP-07). */
function tellRefused({ detail }: AgentEvent, json: boolean): void {
  const { code, message, rule } = detail
  if (json) printJson({ event: 'refused', error: { code, message, ...(rule !== undefined && { rule }) } })
  else warn(shorten(safe(`refused: ${String(message)}${rule === undefined ? '' : ` (${String(rule)})`}`)))
}
