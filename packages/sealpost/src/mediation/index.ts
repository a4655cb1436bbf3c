/**
 * Mediators for an agent: one or several that take its messages while it is away, and how it fetches them.
 *
 * @module
 */
export type { Connector } from './connection.ts'
export { type Mediation, type MediationOptions, resumeMediations, type UseOptions, useMediator } from './mediation.ts'
export type { Pace } from './pickup.ts'
export type { Coordination, Pickup, Wishes } from './record.ts'
export { withMediation } from './with-mediation.ts'
