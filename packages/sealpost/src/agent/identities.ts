/**
 * The DIDs of ours: made, registered where they are reached, used, and retired. Their keys are in the key store before anybody learns of them.
 *
 * @module
 */

import type { Did } from '../did/did.ts'
import { keysOf } from '../did/document.ts'
import { createDidPeer2 } from '../did/methods/peer/numalgo2.ts'
import { didCommService, type NewEndpoint } from '../did/service.ts'
import { canonicalDid } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import type { Core } from './core.ts'
import type { Journal, Unit } from './journal.ts'
import type { NewDid, Route } from './options.ts'
import type { Identity } from './records.ts'

/** Makes a did:peer:2: everybody reads it, and nobody has to be asked to resolve it. */
export const newPeerDid: NewDid = ({ agreement, authentication }, endpoints) => {
  const [first, ...others] = endpoints
  return createDidPeer2({
    keys: [
      { purpose: 'authentication', jwk: authentication },
      { purpose: 'keyAgreement', jwk: agreement },
    ],
    ...(first !== undefined && { services: [didCommService({ endpoints: [first, ...others] })] }),
  })
}

/**
 * Makes a DID with keys of its own, and registers it where it is to be reached. It is not stored yet: {@link keepIdentity} does that, with
 * what it is for.
 *
 * @param given - where it is reached, instead of by the routes of the agent, which do not learn of it then
 * @throws {DidcommError} what the key store throws; what the last of the routes throws, where none could be told of it.
 */
export async function makeDid(core: Pick<Core, 'keys' | 'newDid' | 'routes'>, given?: readonly NewEndpoint[]): Promise<Did> {
  if (given !== undefined) return makeAt(core, given)
  const routes = new Set(core.routes)
  for (;;) {
    const did = await makeAt(
      core,
      [...routes].flatMap((route) => [...route.endpoints()]),
    )
    const failure = await registerAt(routes, did)
    if (failure === undefined) return did
    // 10.10: a mediator that is away keeps nobody from being reached by another. What the DID says cannot be changed, so that it is another.
    routes.delete(failure.route)
    if (routes.size === 0) throw failure.error
  }
}

async function registerAt(routes: ReadonlySet<Route>, did: Did): Promise<{ readonly route: Route; readonly error: unknown } | undefined> {
  const told: Route[] = []
  for (const route of routes) {
    try {
      await route.register?.(did)
      told.push(route)
    } catch (error) {
      for (const other of told) other.unregister?.(did).catch(() => undefined)
      return { route, error }
    }
  }
  return undefined
}

async function makeAt({ keys, newDid }: Pick<Core, 'keys' | 'newDid'>, endpoints: readonly NewEndpoint[]): Promise<Did> {
  const [agreement, authentication] = await Promise.all([keys.generate('X25519', 'agree'), keys.generate('Ed25519', 'sign')])
  const { did, document } = newDid({ agreement, authentication }, endpoints)
  const [agreementKey] = keysOf(document, 'keyAgreement')
  const [authenticationKey] = keysOf(document, 'authentication')
  if (agreementKey === undefined || authenticationKey === undefined)
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected `newDid` to make a DID with a key for encryption and one for signatures', {
      rule: 'KID-01',
    })
  await keys.name(agreement, agreementKey.kid)
  await keys.name(authentication, authenticationKey.kid)
  return did
}

export function keepIdentity(core: Pick<Core, 'clock'>, unit: Unit, identity: Omit<Identity, 'createdAt'>): Identity {
  const kept = { ...identity, createdAt: core.clock.epochMilliseconds() }
  unit.put('identities', canonicalDid(identity.did), kept)
  return kept
}

export const identityOf = (journal: Pick<Journal, 'get'>, did: Did): Promise<Identity | undefined> =>
  journal.get('identities', canonicalDid(did))

/** All DIDs of ours that are in use. */
export async function identities(journal: Journal): Promise<readonly Identity[]> {
  const found: Identity[] = []
  for (let after: string | undefined; ; ) {
    const page = await journal.list({ table: 'identities', limit: 500, ...(after !== undefined && { after }) })
    found.push(...page.map(({ value }) => value))
    if (page.length < 500) return found.filter(({ retiredAt }) => retiredAt === undefined)
    after = page.at(-1)?.key
  }
}
