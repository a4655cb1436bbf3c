/**
 * Our side: the public interface of `sealpost`, in the words of a driver.
 *
 * @module
 */
import {
  type Did,
  type DidUrl,
  fromPrior,
  type Keys,
  memoryKeys,
  type Plaintext,
  type PrivateJwk,
  pack,
  type Resolver,
  unpack,
} from 'sealpost'
import type { Driver, Message, PackRequest, UnpackRequest } from './driver.ts'

export const ours: Driver = {
  hello: async () => ({ name: 'sealpost', version: 'of this repository' }),
  pack: packOne,
  unpack: unpackOne,
  close: () => undefined,
}

async function packOne(request: PackRequest): Promise<{ packed: string }> {
  const keys = keysIn(request)
  const [packed] = await pack(await withFromPrior(request, keys), {
    keys,
    resolver: resolverOf(request),
    as: request.wrapping,
    to: request.to as Did,
    from: request.from as Did,
    forward: request.forward,
    ...(request.signBy && { signBy: request.signBy as DidUrl }),
    ...(request.enc && { enc: request.enc }),
  })
  if (packed === undefined) throw new Error('packed for nobody')
  return { packed: packed.envelope }
}

async function unpackOne(request: UnpackRequest): ReturnType<Driver['unpack']> {
  const { message, proof } = await unpack(request.packed, { keys: keysIn(request), resolver: resolverOf(request) })
  const authenticated = proof.layers.includes('authcrypt')
  return {
    message: message as Message,
    metadata: {
      encrypted: proof.encrypted,
      authenticated,
      senderKid: authenticated ? (proof.sender?.kid ?? null) : null,
      signerKid: proof.signature?.kid ?? null,
      prior: proof.rotation?.prior ?? null,
    },
  }
}

async function withFromPrior(request: PackRequest, keys: Keys): Promise<Plaintext> {
  if (request.fromPrior === undefined) return request.message
  const { claims, kid } = request.fromPrior
  const rotation = { prior: kid as DidUrl, next: claims.sub as Did, issuedAtSeconds: claims.iat }
  return { ...request.message, from_prior: await fromPrior(rotation, { keys, resolver: resolverOf(request) }) }
}

const keysIn = ({ secrets }: UnpackRequest | PackRequest): Keys => memoryKeys(secrets as readonly (PrivateJwk & { kid: string })[])

function resolverOf({ documents }: UnpackRequest | PackRequest): Resolver {
  return {
    resolve: async (did) => {
      const didDocument = documents.find(({ id }) => id === did) ?? null
      const didResolutionMetadata = didDocument === null ? { error: 'notFound' } : {}
      return { didDocument, didResolutionMetadata, didDocumentMetadata: {} }
    },
  }
}
