/**
 * Protocols: each is a table of messages, roles and problem codes in a folder of its own, and a subpath of its own. Here they are listed
 * by hand.
 *
 * @module
 */
import type { Protocol } from '../machine/index.ts'
import { basicMessage } from './basicmessage/index.ts'
import { discoverFeatures } from './discover-features/index.ts'
import { trustPing } from './trust-ping/index.ts'
import { userProfile } from './user-profile/index.ts'

export { basicMessage, sendMessage } from './basicmessage/index.ts'
export { disclose, discoverFeatures, query } from './discover-features/index.ts'
export { ping, trustPing } from './trust-ping/index.ts'
export { requestProfile, sendProfile, userProfile } from './user-profile/index.ts'

/** What every agent should speak. */
export const coreProtocols: readonly Protocol[] = [trustPing, discoverFeatures, basicMessage, userProfile]
