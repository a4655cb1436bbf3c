/**
 * did:webvh: DIDs at a web server, with a history that everybody can verify.
 *
 * @module
 */
export type { Heads } from './heads.ts'
export { memoryHeads } from './heads.ts'
export { webvhUrl } from './location.ts'
export type { Version } from './log.ts'
export type { CheckedLog, LogLimits, LogOptions } from './verify.ts'
export { verifyLog } from './verify.ts'
export type { WebvhOptions } from './webvh.ts'
export { webvh } from './webvh.ts'
