/** Messages that another implementation packed, opened with each key of each recipient, forwards hop by hop. */
import { describe, expect, it } from 'vitest'
import interop from '../../../../vectors/didcomm-interop/didcomm-rust-0.4.1.json' with { type: 'json' }
import { decodeBase64url } from '../../src/bytes/base64url.ts'
import { parseJsonBytes } from '../../src/bytes/json.ts'
import { type DidDocument, type DidUrl, keyOf } from '../../src/did/index.ts'
import { unpack } from '../../src/envelope/index.ts'
import { parseCompactJws, verifySignature } from '../../src/jose/index.ts'
import { checkForward, type Plaintext } from '../../src/message/index.ts'
import { documents, keysFrom, resolverOf, secrets } from '../support.ts'

type Layer = {
  readonly kind: string
  readonly recipient_kids?: readonly string[]
  readonly skid?: string
  readonly kid?: string
  readonly next?: string
}
type Vector = { readonly name: string; readonly plaintext: Plaintext; readonly layers: readonly Layer[]; readonly packed: object }

const isPacked = (vector: object): vector is Vector => 'packed' in vector
const vectors: readonly Vector[] = (interop.vectors as readonly object[]).filter(isPacked)
const resolver = resolverOf(documents.alice, documents.bob, ...Object.values(interop.did_documents.mediators))
const held = [...secrets.bob, ...interop.secrets.mediators]
const keysOf = (kid: string) => keysFrom(held.filter((jwk) => jwk.kid === kid))

/** Peels an envelope with each key that it names, and holds what comes to the layers that the vector tells. */
async function peel(envelope: object, [...layers]: readonly Layer[], plaintext: Plaintext): Promise<void> {
  const next = layers.findIndex(({ kind }) => kind === 'forward')
  const own = next < 0 ? layers : layers.slice(0, next)
  const kids = own[0]?.recipient_kids ?? [secrets.bob[0]?.kid ?? '']
  for (const kid of kids) {
    const { message, proof } = await unpack(envelope, { keys: keysOf(kid), resolver })
    expect(proof.layers).toEqual(own.map(({ kind }) => kind))
    if (own[0]?.recipient_kids !== undefined) expect(proof.recipient?.kid).toBe(kid)
    expect(proof.evidence.flatMap((layer) => ('kids' in layer ? [layer.kids] : []))).toEqual(
      own.flatMap((layer) => (layer.recipient_kids ? [layer.recipient_kids] : [])),
    )
    expect(proof.sender?.kid).toBe(own.find(({ skid }) => skid !== undefined)?.skid ?? own.find(({ kind }) => kind === 'signed')?.kid)
    expect(proof.signature?.kid).toBe(own.find(({ kind }) => kind === 'signed')?.kid)
    if (next < 0) {
      expect(message).toEqual(plaintext)
      continue
    }
    // SND-03: the next routing key, and at the end the DID.
    const forward = checkForward(message)
    expect([forward.next, forward.payloads.length]).toEqual([layers[next]?.next, 1])
    await peel(forward.payloads[0]?.data.json as object, layers.slice(next + 1), plaintext)
  }
}

describe('didcomm-rust 0.4.1', () => {
  it.each(vectors)('MED-15, KID-02, PSI-01, SND-02, SND-03, DEP-02, FWD-10: $name', async ({ packed, layers, plaintext }) => {
    await peel(packed, layers, plaintext)
  })

  it('G-41, MED-12: all vectors that are messages were run', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(12)
    expect(vectors.filter(({ layers }) => layers.some(({ kind }) => kind === 'forward')).length).toBeGreaterThanOrEqual(4)
  })

  it('ROT-02, ROT-03, ROT-09: its `from_prior` is a JWT by a key of the prior DID', async () => {
    for (const vector of interop.vectors) {
      if (!('jwt' in vector) || vector.jwt === undefined) continue
      const { payload, signature } = parseCompactJws(vector.jwt, 65_536)
      expect(signature.header).toEqual(vector.header)
      expect(parseJsonBytes(decodeBase64url(payload))).toEqual(vector.claims)
      const key = keyOf(documents.alice as DidDocument, 'authentication', signature.kid as DidUrl)
      expect(key).toBeDefined()
      if (key !== undefined) await expect(verifySignature(signature, key.jwk)).resolves.toBeUndefined()
    }
  })
})
