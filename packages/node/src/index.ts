/**
 * What Sealpost needs of Node: an encrypted key file, a store on SQLite, and HTTP sending and receiving.
 *
 * @module
 */

export { defaultMaxBytes } from 'sealpost/transport/handler'
export { type NodeHttpOptions, type NodeWebSocketOptions, nodeHttpTransport, nodeWebSocketTransport } from './agent-client.ts'
export { type ListenTransport, type ListenTransportOptions, listenTransport } from './agent-server.ts'
export { type Attempt, type Deliverable, type Delivered, deliver } from './delivery.ts'
export { writeFileAtomically } from './files.ts'
export type { Lookup } from './http-connection.ts'
export { createReceiver, type Received, type Receiver, type ReceiverOptions } from './http-receiver.ts'
export { type SendOptions, type Sent, send } from './http-sender.ts'
export { type Listening, type ListenOptions, listen, type Upgrade } from './http-server.ts'
export { type KeyEntry, type KeyFile, type KeyFileOptions, openKeyFile, type StoredDid } from './key-file.ts'
export { keyFileStore } from './key-file-store.ts'
export type { SqliteDriverName } from './sqlite-driver.ts'
export { openSqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
export { createVettedFetch, type VettedFetchOptions } from './vetted-fetch.ts'
