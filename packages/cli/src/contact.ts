/**
 * Whom a person means: contacts by their names, ids and DIDs; and what they are called.
 *
 * @module
 */
import type { Agent, AgentEvent, Relationship } from 'sealpost/agent'
import { isObject } from 'sealpost/bytes'
import { isDid } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { safe } from './output.ts'

/** So many characters of an id are enough to name a contact. */
const idCharacters = 8

const maxLabelCharacters = 100

/** What a contact is called: the name that was given to it, or the beginning of its id. Fit for a terminal. */
export const nameOf = ({ label, id }: Pick<Relationship, 'label' | 'id'>): string =>
  label === undefined ? id.slice(0, idCharacters) : safe(label)

/** A name in one line, as it is kept; undefined where nothing is left of it. */
export const labelOf = (text: string): string | undefined =>
  safe(text.replace(/\s+/g, ' ')).trim().slice(0, maxLabelCharacters) || undefined

/**
 * The contact that is meant: by its name, the beginning of its id, or its DID.
 *
 * @throws {DidcommError} `ERR_USAGE_NO_RECIPIENT` where there is none, `ERR_USAGE_ARGUMENT` where there are several.
 */
export async function contactOf(agent: Agent, text: string): Promise<Relationship> {
  if (isDid(text)) {
    const known = await agent.contact(text)
    if (known !== undefined) return known
    throw new DidcommError('ERR_USAGE_NO_RECIPIENT', `expected a contact, found the DID of none: \`sealpost accept\` makes one of it`)
  }
  const all = await everybody(agent)
  const wanted = text.toLowerCase()
  const by = (is: (contact: Relationship) => boolean): readonly Relationship[] => all.filter(is)
  const ranks = [
    by(({ label }) => label === text),
    by(({ label }) => label?.toLowerCase() === wanted),
    by(({ id }) => text.length >= 4 && id.startsWith(wanted)),
  ]
  const [found, another] = ranks.find((rank) => rank.length > 0) ?? []
  if (found === undefined) {
    const names = all.slice(0, 10).map(nameOf).join(', ')
    const known = all.length === 0 ? 'there are none yet' : `known are ${names}${all.length > 10 ? ', …' : ''}`
    throw new DidcommError('ERR_USAGE_NO_RECIPIENT', `expected a contact, found ${JSON.stringify(text.slice(0, 80))}: ${known}`)
  }
  if (another !== undefined)
    throw new DidcommError('ERR_USAGE_ARGUMENT', `several contacts are called ${text.slice(0, 80)}: name one by its id, from \`contacts\``)
  return found
}

/** All contacts, those of whom nothing comes any more too. */
export async function everybody(agent: Agent): Promise<readonly Relationship[]> {
  const all: Relationship[] = []
  for await (const contact of agent.contacts()) all.push(contact)
  return all.sort((a, b) => a.createdAt - b.createdAt)
}

/** A name that no other contact has: who calls itself as another one does is told from it. */
export async function freeLabel(agent: Agent, wanted: string, own?: string): Promise<string> {
  const taken = new Set(
    (await everybody(agent)).flatMap(({ id, label }) => (id === own || label === undefined ? [] : [label.toLowerCase()])),
  )
  let label = wanted
  for (let count = 2; taken.has(label.toLowerCase()); count++) label = `${wanted} (${count})`
  return label
}

/**
 * Gives contacts without a name the one that they tell of themselves, from now on.
 *
 * @returns what resolves when all that came is kept
 */
export function keepNames(agent: Agent): () => Promise<void> {
  let work = Promise.resolve()
  agent.on('profile', (event) => {
    work = work.then(() => keepName(agent, event)).catch(() => undefined)
  })
  return () => work
}

async function keepName(agent: Agent, { relationship, detail }: AgentEvent): Promise<void> {
  const { profile } = detail
  const told = isObject(profile) && typeof profile['displayName'] === 'string' ? labelOf(profile['displayName']) : undefined
  const contact = relationship === undefined ? undefined : await agent.contact(relationship)
  if (told === undefined || contact === undefined || contact.label !== undefined || contact.state === 'ended') return
  await agent.label(contact.id, await freeLabel(agent, told, contact.id))
}
