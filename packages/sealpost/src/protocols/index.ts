/**
 * Protocols: each is a table of messages, roles and problem codes in a folder of its own, and a subpath of its own. Here they are listed
 * by hand.
 *
 * @module
 */
import { type Protocol, play } from '../machine/index.ts'
import { basicMessage } from './basicmessage/index.ts'
import { coordinateMediation, coordinateMediation2 } from './coordinate-mediation/index.ts'
import { discoverFeatures } from './discover-features/index.ts'
import { messagePickup, messagePickup3 } from './message-pickup/index.ts'
import { trustPing } from './trust-ping/index.ts'
import { userProfile } from './user-profile/index.ts'

export { basicMessage, sendMessage } from './basicmessage/index.ts'
export {
  coordinateMediation,
  coordinateMediation2,
  listRecipients,
  listRecipients2,
  requestMediation,
  requestMediation2,
  updateRecipients,
  updateRecipients2,
} from './coordinate-mediation/index.ts'
export { disclose, discoverFeatures, query } from './discover-features/index.ts'
export {
  acknowledgeMessages,
  acknowledgeMessages3,
  askStatus,
  askStatus3,
  fetchMessages,
  fetchMessages3,
  messagePickup,
  messagePickup3,
  pushMessages,
  pushMessages3,
  switchLiveDelivery,
  switchLiveDelivery3,
} from './message-pickup/index.ts'
export { routing } from './routing/index.ts'
export { ping, trustPing } from './trust-ping/index.ts'
export { requestProfile, sendProfile, userProfile } from './user-profile/index.ts'

/** What every agent should speak. Of mediation it plays the recipient; whoever mediates says so by the whole protocols. */
export const coreProtocols: readonly Protocol[] = [
  trustPing,
  discoverFeatures,
  basicMessage,
  userProfile,
  play(coordinateMediation, 'recipient'),
  play(coordinateMediation2, 'recipient'),
  play(messagePickup, 'recipient'),
  play(messagePickup3, 'recipient'),
]
