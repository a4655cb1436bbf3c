/**
 * The habits of mediators that are about, for the roles of a mediator in tests: what they send is bent. It knows no protocol but by the
 * names on the wire.
 *
 * @module
 */
import { encodeBase64url, encodeUtf8 } from '../bytes/index.ts'
import type { Effect, Given, Protocol } from '../machine/index.ts'

/** What mediators do that others do not. */
export type Habits = {
  /** Answers do not say what they answer. */
  readonly withoutThid?: boolean
  /** How `routing_did` is written, whatever the version says. */
  readonly routingDid?: 'string' | 'array'
  /** Live delivery brings the envelope itself, as the frame of a connection, which nobody acknowledges. */
  readonly rawLive?: boolean
  /** Messages are delivered as base64, or base64url, instead of JSON. */
  readonly encoding?: 'json' | 'base64' | 'base64url'
}

/** The same roles, with effects that are bent as the habits say; `onEffect` sees each before it is done. */
export function withHabits(
  protocol: Protocol,
  { withoutThid, routingDid, encoding = 'json' }: Habits,
  onEffect: (effect: Effect, context: unknown) => void,
): Protocol {
  const bend = (effect: Effect): Effect => {
    if (effect.do !== 'send') return effect
    const { routing_did: dids } = effect.body as { readonly routing_did?: string | readonly string[] }
    const body =
      dids === undefined || routingDid === undefined
        ? effect.body
        : { ...effect.body, routing_did: routingDid === 'string' ? [dids].flat()[0] : [dids].flat() }
    const attachments = effect.options?.attachments?.map((one) =>
      encoding === 'json' ? one : { ...one, data: { base64: base64(JSON.stringify((one.data as { json: unknown }).json), encoding) } },
    )
    return {
      ...effect,
      body,
      options: { ...effect.options, ...(attachments && { attachments }), ...(withoutThid && { thread: 'new' as const }) },
    }
  }
  const roles = Object.entries(protocol.roles).map(([name, role]) => [
    name,
    {
      ...role,
      transitions: role.transitions.map((row) => ({
        ...row,
        by: (state: never, input: never, given: Given) => {
          const [next, ...effects] = row.by(state, input, given as never)
          for (const effect of effects) onEffect(effect, given.context)
          return [next, ...effects.map(bend)] as const
        },
      })),
    },
  ])
  return { ...protocol, roles: Object.fromEntries(roles) }
}

function base64(text: string, form: 'base64' | 'base64url'): string {
  const url = encodeBase64url(encodeUtf8(text))
  return form === 'base64url'
    ? url
    : url
        .replace(/-/g, '+')
        .replace(/_/g, '/')
        .padEnd(Math.ceil(url.length / 4) * 4, '=')
}
