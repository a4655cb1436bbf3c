/**
 * Which protocol and message a message type stands for: by identifier, semver and names without regard to case and punctuation.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#semver-rules | v2.1, Semver Rules}
 * @module
 */
import { boundedMap } from '../bounded-map.ts'
import { DidcommError } from '../errors.ts'
import type { Protocol } from '../machine/protocol.ts'
import type { AnyRole } from '../machine/role.ts'
import { commonVersion, isCompatible, parseMessageType, parseProtocol, sameName } from '../message/type-uri.ts'

/** What a message type stands for. */
export type Known = {
  readonly protocol: Protocol
  /** The name of the message, as the protocol spells it. */
  readonly message: string
  /** The identifier to answer with: of the older of the two versions (SEM-01). */
  readonly spoken: string
}

export type Registry = {
  find(type: string): Known | undefined
  protocol(piuri: string): Protocol | undefined
  role(piuri: string, name: string): AnyRole | undefined
}

const typesKept = 512

/** @throws {DidcommError} `ERR_USAGE_ARGUMENT` where two protocols are the same, `ERR_MALFORMED_TYPE_URI` where an identifier is none. */
export function registryOf(protocols: readonly Protocol[]): Registry {
  const parsed = protocols.map((protocol) => ({ protocol, id: parseProtocol(protocol.piuri) }))
  for (const [index, { id }] of parsed.entries()) {
    const same = parsed.slice(index + 1).find((other) => isCompatible(id, other.id))
    if (same !== undefined)
      throw new DidcommError('ERR_USAGE_ARGUMENT', `expected each protocol once, found ${id.protocol} and ${same.id.protocol}`, {
        rule: 'SEM-01',
      })
  }
  const found = boundedMap<string, Known | { readonly protocol?: never }>(typesKept)

  const look = (uri: string): Known | undefined => {
    let type: ReturnType<typeof parseMessageType>
    try {
      type = parseMessageType(uri)
    } catch {
      return undefined
    }
    const match = parsed.find(({ id }) => isCompatible(id, type))
    if (match === undefined) return undefined
    const message = Object.keys(match.protocol.messages).find((name) => sameName(name, type.message)) ?? type.message
    const version = commonVersion(match.id, type)
    const theirs = version !== undefined && version.minor === type.version.minor
    return { protocol: match.protocol, message, spoken: theirs ? type.protocol : match.protocol.piuri }
  }

  const byId = (piuri: string): Protocol | undefined =>
    (parsed.find(({ protocol }) => protocol.piuri === piuri) ?? parsed.find(({ id }) => isCompatible(id, piuri)))?.protocol
  return {
    find(uri) {
      let known = found.get(uri)
      if (known === undefined) {
        known = look(uri) ?? {}
        found.set(uri, known)
      }
      return known.protocol === undefined ? undefined : known
    },
    protocol: byId,
    role: (piuri, name) => Object.values(byId(piuri)?.roles ?? {}).find((role) => role.name === name),
  }
}
