/**
 * Parties, DID documents and messages, made in memory and shared by every adapter. Nothing here is a published vector.
 *
 * @module
 */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'

// Encoded inside of key generation: the JWK export of a fresh KeyObject can deadlock on Node 20.
const asJwk = { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } }

function keyPair(curve) {
  const okp = curve === 'X25519' || curve === 'Ed25519'
  const { publicKey, privateKey } = okp
    ? generateKeyPairSync(curve.toLowerCase(), asJwk)
    : generateKeyPairSync('ec', { namedCurve: curve, ...asJwk })
  return { publicJwk: publicKey, privateJwk: privateKey }
}

/**
 * A party with `agreementKeys` keys for key agreement and one Ed25519 key for authentication.
 * With `heldKey` it holds that agreement key alone, like one device among many.
 */
export function party(name, { curve = 'X25519', agreementKeys = 1, heldKey, routingKeys } = {}) {
  const did = `did:example:${name}`
  const keyAgreement = Array.from({ length: agreementKeys }, (_, i) => ({ kid: `${did}#key-agreement-${i + 1}`, ...keyPair(curve) }))
  const authentication = [{ kid: `${did}#key-auth-1`, ...keyPair('Ed25519') }]
  const held = heldKey === undefined ? keyAgreement : [keyAgreement[heldKey]]
  const uri = 'https://example.com/didcomm'
  return {
    did,
    curve,
    keyAgreement,
    authentication,
    held,
    document: {
      id: did,
      keyAgreement: keyAgreement.map((k) => k.kid),
      authentication: authentication.map((k) => k.kid),
      verificationMethod: [...keyAgreement, ...authentication].map((k) => ({
        id: k.kid,
        type: 'JsonWebKey2020',
        controller: did,
        publicKeyJwk: k.publicJwk,
      })),
      // Both spellings: didcomm-rust reads routing_keys, the specification says routingKeys.
      service: routingKeys
        ? [
            {
              id: `${did}#didcomm`,
              type: 'DIDCommMessaging',
              serviceEndpoint: { uri, accept: ['didcomm/v2'], routing_keys: routingKeys, routingKeys },
            },
          ]
        : [],
    },
    secrets: [...held, ...authentication].map((k) => ({ id: k.kid, type: 'JsonWebKey2020', privateKeyJwk: k.privateJwk })),
    privateJwks: [...held, ...authentication].map((k) => ({ ...k.privateJwk, kid: k.kid })),
  }
}

/** A plaintext message whose body holds `bytes` ASCII characters that need no escaping in JSON. */
export function plaintext({ from, to, bytes }) {
  const content = randomBytes(Math.ceil((bytes * 3) / 4))
    .toString('base64url')
    .slice(0, bytes)
  return {
    id: randomUUID(),
    typ: 'application/didcomm-plain+json',
    type: 'https://didcomm.org/basicmessage/2.0/message',
    ...(from ? { from } : {}),
    to: [to],
    created_time: Math.floor(Date.now() / 1000),
    body: { content },
  }
}

/** Everything that an adapter needs for one case. Bob holds the middle one of his keys. */
export function environment({ curve = 'X25519', recipients = 1, mediators = 0 } = {}) {
  const mediatorParties = Array.from({ length: mediators }, (_, i) => party(`mediator${i + 1}`, { curve }))
  const alice = party('alice', { curve })
  const bob = party('bob', {
    curve,
    agreementKeys: recipients,
    heldKey: recipients === 1 ? undefined : recipients >> 1,
    routingKeys: mediators ? mediatorParties.map((m) => m.keyAgreement[0].kid) : undefined,
  })
  const documents = new Map([alice, bob, ...mediatorParties].map((p) => [p.did, p.document]))
  return { curve, recipients, alice, bob, mediators: mediatorParties, documents }
}
