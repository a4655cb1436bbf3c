/**
 * What the mutation loops start from: the published envelopes and those of a peer, the invalid ones, documents, DIDs, keys, invitations.
 *
 * @module
 */
import numalgo2 from '../../../../vectors/did-peer/numalgo-2.json' with { type: 'json' }
import didWeb from '../../../../vectors/did-web/vectors.json' with { type: 'json' }
import interop from '../../../../vectors/didcomm-interop/didcomm-rust-0.4.1.json' with { type: 'json' }
import negativeRotations from '../../../../vectors/didcomm-negative/from-prior.json' with { type: 'json' }
import negative from '../../../../vectors/didcomm-negative/unpack.json' with { type: 'json' }
import anoncryptAuthcryptSigned from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-authcrypt-signed-p521.json' with { type: 'json' }
import anoncryptP384 from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-p384-a256cbc-hs512.json' with { type: 'json' }
import anoncryptX25519 from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-x25519-xc20p.json' with { type: 'json' }
import authcryptX25519 from '../../../../vectors/didcomm-v2.1/encrypted-authcrypt-x25519-a256cbc-hs512.json' with { type: 'json' }
import examples from '../../../../vectors/didcomm-v2.1/examples.json' with { type: 'json' }
import oob from '../../../../vectors/didcomm-v2.1/oob.json' with { type: 'json' }
import plaintext from '../../../../vectors/didcomm-v2.1/plaintext.json' with { type: 'json' }
import signedEddsa from '../../../../vectors/didcomm-v2.1/signed-eddsa.json' with { type: 'json' }
import signedEs256k from '../../../../vectors/didcomm-v2.1/signed-es256k.json' with { type: 'json' }
import uris from '../../../../vectors/didcomm-v2.1/uris.json' with { type: 'json' }
import { documents, secrets } from '../support.ts'

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

export const envelopes: readonly object[] = [
  anoncryptX25519,
  anoncryptP384,
  authcryptX25519,
  anoncryptAuthcryptSigned,
  signedEddsa,
  signedEs256k,
  plaintext,
  ...negative.vectors.map(({ packed }) => packed),
  ...negativeRotations.vectors.map(({ packed }) => packed),
  ...interop.vectors.flatMap((vector) => ('packed' in vector ? [vector.packed] : [])),
].filter(isObject)

export const mediators: readonly object[] = Object.values(interop.did_documents.mediators)

/** Everything in a value that a test accepts, wherever it stands. */
function within<T>(value: unknown, accepted: (item: unknown) => item is T): T[] {
  const own = accepted(value) ? [value] : []
  return isObject(value) ? [...own, ...Object.values(value).flatMap((item) => within(item, accepted))] : own
}

const isText = (value: unknown): value is string => typeof value === 'string'

export const messages: readonly object[] = [
  plaintext,
  ...within(examples, (item): item is object => isObject(item) && 'type' in item && 'id' in item),
]
export const jwts: readonly string[] = within(
  [negativeRotations, interop],
  (item): item is string => isText(item) && /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(item),
)
export const jwks: readonly object[] = within([documents, secrets, negative], (item): item is object => isObject(item) && 'kty' in item)
export const didDocuments: readonly object[] = [
  documents.alice,
  documents.bob,
  ...mediators,
  ...negative.extra_did_documents,
  ...within(
    [didWeb, numalgo2, examples],
    (item): item is object => isObject(item) && 'id' in item && ('keyAgreement' in item || 'service' in item || 'authentication' in item),
  ),
]
export const dids: readonly string[] = [
  ...new Set(
    within(
      [documents, numalgo2, didWeb, envelopes],
      (item): item is string => isText(item) && item.startsWith('did:') && item.length < 9000,
    ),
  ),
]
export const invitations: readonly string[] = within(oob, (item): item is string => isText(item) && item.includes('_oob'))
export const types: readonly string[] = within(
  [uris, examples],
  (item): item is string => isText(item) && item.includes('/') && item.length < 300,
)
export const multibases: readonly string[] = within(
  [numalgo2, documents],
  (item): item is string => isText(item) && /^[zu][\w-]{20,}$/.test(item),
)
