/**
 * didcomm-node: didcomm-rust, compiled to WebAssembly by its authors. It runs in our process.
 *
 * @module
 */
import { createRequire } from 'node:module'
import type { Driver, Enc, Message, PackRequest, UnpackRequest } from '../../driver.ts'
import type { DocumentOf } from '../../identities.ts'

const require = createRequire(import.meta.url)
const { FromPrior, Message: PeerMessage } = require('didcomm-node') as DidcommNode
const { version } = require('didcomm-node/package.json') as { version: string }

/** What is used of the package: its own types are generated, and do not describe its classes. */
type DidcommNode = {
  Message: {
    new (message: object): PeerMessage
    unpack(packed: string, dids: object, secrets: object, options: object): Promise<[PeerMessage, PeerMetadata]>
  }
  FromPrior: new (claims: object) => { pack(kid: string, dids: object, secrets: object): Promise<[string, string]>; free(): void }
}
type PeerMessage = {
  pack_signed(signBy: string, dids: object, secrets: object): Promise<[string, object]>
  pack_encrypted(
    to: string,
    from: string | null,
    signBy: string | null,
    dids: object,
    secrets: object,
    options: object,
  ): Promise<[string, object]>
  as_value(): Message
  free(): void
}
type PeerMetadata = {
  encrypted: boolean
  authenticated: boolean
  encrypted_from_kid?: string
  sign_from?: string
  from_prior_issuer_kid?: string
}

const anonAlgorithms: Record<Enc, string> = {
  'A256CBC-HS512': 'A256cbcHs512EcdhEsA256kw',
  A256GCM: 'A256gcmEcdhEsA256kw',
  XC20P: 'Xc20pEcdhEsA256kw',
}

/** Unpacks, and demands of all the keys that are held that they open the message where `everyKey` says so. */
export async function unpackByDidcommNode(request: UnpackRequest, everyKey: boolean): ReturnType<Driver['unpack']> {
  const { dids, secrets } = resolvers(request)
  const options = { expect_decrypt_by_all_keys: everyKey, unwrap_re_wrapping_forward: false }
  const [message, metadata] = await PeerMessage.unpack(request.packed, dids, secrets, options)
  const value = message.as_value()
  message.free()
  return {
    message: value,
    metadata: {
      encrypted: metadata.encrypted,
      authenticated: metadata.authenticated,
      senderKid: metadata.encrypted_from_kid ?? null,
      signerKid: metadata.sign_from ?? null,
      prior: metadata.from_prior_issuer_kid ?? null,
    },
  }
}

export const didcommNode: Driver = {
  hello: async () => ({ name: 'didcomm-node', version }),
  pack,
  unpack: (request) => unpackByDidcommNode(request, false),
  close: () => undefined,
}

async function pack(request: PackRequest): Promise<{ packed: string }> {
  const { dids, secrets } = resolvers(request)
  const message = new PeerMessage(await withFromPrior(request, dids, secrets))
  const signBy = request.wrapping.includes('signed') ? (request.signBy ?? request.from) : null
  const options = {
    forward: request.forward,
    protect_sender: request.wrapping === 'anoncrypt(authcrypt)',
    enc_alg_anon: anonAlgorithms[request.enc ?? 'A256CBC-HS512'],
  }
  try {
    const [packed] =
      request.wrapping === 'signed'
        ? await message.pack_signed(signBy ?? request.from, dids, secrets)
        : await message.pack_encrypted(
            request.to,
            request.wrapping.includes('authcrypt') ? request.from : null,
            signBy,
            dids,
            secrets,
            options,
          )
    return { packed }
  } finally {
    message.free()
  }
}

async function withFromPrior({ message, fromPrior }: PackRequest, dids: object, secrets: object): Promise<Message> {
  if (fromPrior === undefined) return message
  const prior = new FromPrior(fromPrior.claims)
  const [jwt] = await prior.pack(fromPrior.kid, dids, secrets)
  prior.free()
  return { ...message, from_prior: jwt }
}

function resolvers({ documents, secrets }: Pick<PackRequest, 'documents' | 'secrets'>) {
  const known = new Map(documents.map((document) => [document.id, adapted(document)]))
  const held = new Map(secrets.map((jwk) => [jwk.kid, { id: jwk.kid, type: 'JsonWebKey2020', privateKeyJwk: jwk }]))
  return {
    dids: { resolve: async (did: string) => known.get(did) ?? null },
    secrets: {
      get_secret: async (kid: string) => held.get(kid) ?? null,
      find_secrets: async (kids: readonly string[]) => kids.filter((kid) => held.has(kid)),
    },
  }
}

/** The document in the only shape that it parses: all arrays present, and `serviceEndpoint` one object (G-47). */
const adapted = ({ id, verificationMethod, authentication, keyAgreement, service }: DocumentOf) => ({
  id,
  verificationMethod,
  authentication,
  keyAgreement,
  service: service.map((entry) => ({ ...entry, serviceEndpoint: entry.serviceEndpoint[0] })),
})
