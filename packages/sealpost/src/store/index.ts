/**
 * What the stores of the agent have in common, for whoever writes one more: the port, which writes of a batch count, and where a list
 * begins and ends. `storeConformance` of `sealpost/testing` tells whether it does what the agent needs.
 *
 * @module
 */
export type { Batch, Check, Json, Range, Row, Store, Write } from '../agent/ports.ts'
export { lastWrites } from './last-writes.ts'
export { type Bounds, boundsOf } from './range.ts'
