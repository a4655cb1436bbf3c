/**
 * `sealpost accept`: an invitation, or a public DID, becomes a contact, who is told at once.
 *
 * @module
 */
import { createVettedFetch } from '@sealpost/node'
import type { Command } from 'commander'
import type { Agent, Relationship } from 'sealpost/agent'
import { decodeUtf8, encodeBase64url, encodeUtf8, isObject, parseJson } from 'sealpost/bytes'
import { isDid } from 'sealpost/did'
import { fetchInvitation, type Invitation, parseInvitationUrl } from 'sealpost/message'
import { requestProfile, sendProfile } from 'sealpost/protocols'
import { labelOf, nameOf } from '../contact.ts'
import { readInput } from '../input.ts'
import { note, print, printJson, shorten, style } from '../output.ts'
import { type ProfileOptions, type Settings, type WaitOptions, withProfile, withWait } from '../profile.ts'
import { type Running, withAgent } from '../profile-agent.ts'

type AcceptOptions = ProfileOptions & WaitOptions & { readonly label?: string }

export function addAccept(program: Command): void {
  const command = program
    .command('accept')
    .description('accept an invitation, or begin with a public DID: who it is of becomes a contact')
    .argument('<invitation>', 'the URL of the invitation, a DID, or - for stdin')
    .option('-l, --label <name>', 'what to call them; else what they call themselves')
    .addHelpText(
      'after',
      '\nThey are told the name of the profile, if it has one, and asked for theirs.\n\nExample:\n  sealpost accept "https://bob.example.com/?_oob=eyJ0eX…" --label Bob',
    )
  withProfile(withWait(command, 5, 'for an answer of theirs')).action(run)
}

async function run(given: string, options: AcceptOptions): Promise<void> {
  const text = (given === '-' ? decodeUtf8(await readInput('-')) : given).trim()
  await withAgent(options, { listening: 'if-possible' }, async (running) => {
    const { agent, profile } = running
    const label = options.label === undefined ? undefined : labelOf(options.label)
    const named = label === undefined ? {} : { label }
    const contact = isDid(text) ? await agent.connect(text, named) : await agent.accept(await invitationIn(text, profile.settings), named)
    const greeted = await greet(running, contact, options.wait)
    await running.named()
    const now = (await agent.contact(contact.id)) ?? contact
    if (options.json)
      return printJson({ id: now.id, did: now.theirs.did, ...(now.label !== undefined && { label: now.label }), state: greeted })
    print(`${style().bold(nameOf(now))} is a contact now  ${style().dim(shorten(now.theirs.did))}`)
    if (greeted === 'waiting')
      print('They do not know yet: what tells them waits, and goes out with the next command, or with `sealpost listen`.')
    if (now.label === undefined) note(`Give them a name: sealpost contacts ${nameOf(now)} --label <name>`)
  })
}

/** The invitation in a text: a URL, a short URL that has to be fetched, or the invitation itself in JSON. */
async function invitationIn(text: string, { allowHttp, allowPrivate }: Settings): Promise<string | Invitation> {
  if (text.startsWith('{')) {
    const value = parseJson(text)
    return isObject(value) && 'payload' in value ? urlOfSigned(value) : (value as Invitation)
  }
  if (parseInvitationUrl(text).form !== 'short') return text
  note('fetching the invitation…')
  const policy = {
    schemes: allowHttp ? ['https', 'http'] : ['https'],
    ports: 'any' as const,
    allowLoopback: allowPrivate ?? false,
    allowPrivate: allowPrivate ?? false,
  }
  const found = await fetchInvitation(text, { fetch: createVettedFetch({ policy }), policy })
  return found.form === 'plain' ? found.invitation : urlOfSigned(found.jws)
}

/** A signed invitation is verified by the agent, out of a URL. */
const urlOfSigned = (jws: Readonly<Record<string, unknown>>): string =>
  `https://didcomm.org/?_oob=${encodeBase64url(encodeUtf8(JSON.stringify(jws)))}`

type Greeted = 'answered' | 'told' | 'waiting'

/** Tells the other side who is there, so that it learns of the contact; and waits a while for what it says of itself. */
async function greet({ agent, profile, signal }: Running, contact: Relationship, waitSeconds: number): Promise<Greeted> {
  const { name } = profile.settings
  // Without an endpoint nothing can come back.
  const enough = profile.settings.endpoints.length === 0 ? ['handed-over', ...answers] : answers
  const heard = answerOf(agent, contact.id, enough, waitSeconds, signal)
  if (name !== undefined) await sendProfile(agent, contact.id, { profile: { displayName: name }, sendBackYours: true })
  // It awaits its own timeout, which is nothing to wait for here.
  else void requestProfile(agent, contact.id, { timeoutSeconds: 3600 }, { signal }).catch(() => undefined)
  note('telling them…')
  return heard
}

// A peer that has no profile says so by a problem report: it is there all the same.
const answers: readonly string[] = ['profile', 'problem']

function answerOf(
  agent: Agent,
  relationship: string,
  enough: readonly string[],
  waitSeconds: number,
  signal: AbortSignal,
): Promise<Greeted> {
  return new Promise((resolve) => {
    let greeted: Greeted = 'waiting'
    const end = (): void => {
      clearTimeout(timer)
      off()
      signal.removeEventListener('abort', end)
      resolve(greeted)
    }
    const timer = setTimeout(end, waitSeconds * 1000)
    const off = agent.on('*', (event) => {
      if (event.relationship !== relationship) return
      if (event.name === 'handed-over') greeted = 'told'
      if (answers.includes(event.name)) greeted = 'answered'
      if (enough.includes(event.name)) end()
    })
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
