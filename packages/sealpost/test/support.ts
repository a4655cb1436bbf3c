/** What many tests need: the parties of the specification's appendix, and a resolver over documents in memory. */
import recipientDocument from '../../../vectors/didcomm-v2.1/diddoc-recipient.json' with { type: 'json' }
import senderDocument from '../../../vectors/didcomm-v2.1/diddoc-sender.json' with { type: 'json' }
import recipientSecrets from '../../../vectors/didcomm-v2.1/secrets-recipient.json' with { type: 'json' }
import senderSecrets from '../../../vectors/didcomm-v2.1/secrets-sender.json' with { type: 'json' }
import type { DidDocument, Keys, Resolver } from '../src/did/index.ts'
import type { PrivateJwk } from '../src/jose/index.ts'
import { memoryKeys } from '../src/keys/memory.ts'

/** Keys from the JSON of a vector file. */
export const keysFrom = (jwks: readonly object[]): Keys => memoryKeys(jwks as (PrivateJwk & { kid: string })[])

/** A resolver over documents in memory, as a program has that needs no network; it counts what it was asked. */
export function resolverOf(...documents: readonly object[]): Resolver & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async resolve(did) {
      asked.push(did)
      const didDocument = (documents as readonly DidDocument[]).find(({ id }) => id === did) ?? null
      return { didDocument, didDocumentMetadata: {}, didResolutionMetadata: didDocument ? {} : { error: 'notFound' } }
    },
  }
}

export const documents = { alice: senderDocument, bob: recipientDocument }
export const secrets = { alice: senderSecrets, bob: recipientSecrets }
export const keys = { alice: keysFrom(senderSecrets), bob: keysFrom(recipientSecrets) }
export const resolver = resolverOf(senderDocument, recipientDocument)
