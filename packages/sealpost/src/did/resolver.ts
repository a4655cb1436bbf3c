/**
 * PORT: the resolver, in the shape of the DIF interface, so that any resolver of the ecosystem plugs in here, and ours plugs in there.
 *
 * @module
 */
import type { Did } from './did.ts'

/** A DID document as it was resolved: nothing about it is checked yet but that it is an object with an `id`. */
export type DidDocument = { readonly id: string; readonly [member: string]: unknown }

/** The result of a resolution, as DID Resolution has it: a failure is a value with an error name. */
export type DidResolutionResult = {
  readonly didResolutionMetadata: { readonly error?: string; readonly contentType?: string; readonly [member: string]: unknown }
  readonly didDocument: DidDocument | null
  readonly didDocumentMetadata: { readonly deactivated?: boolean; readonly [member: string]: unknown }
}

/** How to resolve: `fresh` asks past a cache, as `cache: false` does in DIF's interface. */
export type ResolveOptions = { readonly fresh?: boolean; readonly cache?: boolean }

/** Whoever resolves DIDs. */
export type Resolver = { resolve(did: string, options?: ResolveOptions): Promise<DidResolutionResult> }

/** How one DID method resolves. `method` is its name, such as `peer`. */
export type DidMethod = {
  readonly method: string
  /** True where a DID of the method means one document for ever, so that it is cached without expiry. */
  readonly immutable?: boolean
  resolve(did: Did, options?: { signal?: AbortSignal }): Promise<DidResolutionResult>
}
