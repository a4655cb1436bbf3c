/**
 * The agent: relationships, threads, protocols, retries; and the ports by which it reaches the world.
 *
 * @module
 */
export type { Agent, NewMessage, SendMessageOptions, Sent } from './agent.ts'
export { createAgent } from './agent.ts'
export type { AgentEvent, EventsOptions } from './events.ts'
export { newPeerDid } from './identities.ts'
export type { AcceptOptions, ConnectOptions, Invite, InviteOptions } from './invitations.ts'
export type { Limits } from './limits.ts'
export { defaultLimits } from './limits.ts'
export type { About, AgentOptions, HostAnswers, NewDid, Route, TaskResult } from './options.ts'
export type {
  Batch,
  Check,
  Clock,
  Delivery,
  Json,
  LogDetail,
  Logger,
  Parcel,
  PeerRef,
  Random,
  Range,
  Receipt,
  Receive,
  Row,
  SendParcelOptions,
  Socket,
  Store,
  Trace,
  Transport,
  Via,
  Write,
} from './ports.ts'
export type { Identity, OutgoingState, Quarantined, Relationship } from './records.ts'
export type { Whereabouts } from './where.ts'
