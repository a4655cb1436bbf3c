/** The secrets and keys between a published envelope and its plaintext, each reproduced for every recipient. */

import { describe, expect, it } from 'vitest'
import { primitives } from '#primitives'
import anoncryptAuthcryptSigned from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-authcrypt-signed-p521.json' with { type: 'json' }
import anoncryptP384 from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-p384-a256cbc-hs512.json' with { type: 'json' }
import anoncryptP521 from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-p521-a256gcm.json' with { type: 'json' }
import anoncryptX25519 from '../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-x25519-xc20p.json' with { type: 'json' }
import authcryptSigned from '../../../../vectors/didcomm-v2.1/encrypted-authcrypt-signed-p256-a256cbc-hs512.json' with { type: 'json' }
import authcryptX25519 from '../../../../vectors/didcomm-v2.1/encrypted-authcrypt-x25519-a256cbc-hs512.json' with { type: 'json' }
import intermediates from '../../../../vectors/didcomm-v2.1/intermediates.json' with { type: 'json' }
import { decodeBase64url, encodeBase64url } from '../../src/bytes/base64url.ts'
import { parseJson } from '../../src/bytes/json.ts'
import { decodeUtf8 } from '../../src/bytes/utf8.ts'
import { type DidDocument, type DidUrl, keyOf } from '../../src/did/index.ts'
import { apvOf, defaultLimits } from '../../src/envelope/index.ts'
import { concatKdf, decryptJwe, parseJwe } from '../../src/jose/index.ts'
import { documents, keys } from '../support.ts'

const envelopes: Readonly<Record<string, object>> = {
  'encrypted-anoncrypt-x25519-xc20p': anoncryptX25519,
  'encrypted-anoncrypt-p384-a256cbc-hs512': anoncryptP384,
  'encrypted-anoncrypt-p521-a256gcm': anoncryptP521,
  'encrypted-authcrypt-x25519-a256cbc-hs512': authcryptX25519,
  'encrypted-authcrypt-signed-p256-a256cbc-hs512': authcryptSigned,
  'encrypted-anoncrypt-authcrypt-signed-p521': anoncryptAuthcryptSigned,
}

type Recipient = {
  readonly kid: string
  readonly ze_hex: string
  readonly zs_hex?: string
  readonly kek_hex: string
  readonly cek_hex: string
}
type Layer = {
  readonly protected_decoded: object
  readonly apv_input: string
  readonly apv: string
  readonly recipients: readonly Recipient[]
  readonly payload_utf8: string
}

const hex = (octets: Uint8Array): string => [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join('')

const layers = Object.entries(intermediates.vectors as Readonly<Record<string, readonly Layer[]>>).flatMap(([name, list]) =>
  list.map((layer, i) => ({
    name,
    i,
    layer,
    envelope: i === 0 ? envelopes[name] : (JSON.parse(list[i - 1]?.payload_utf8 ?? '') as object),
  })),
)

describe('DIDComm v2.1, appendix C, what is derived', () => {
  it('KWA-01, CRV-06: all layers of all envelopes are here', () => {
    expect([layers.length, layers.filter(({ envelope }) => envelope === undefined)]).toEqual([7, []])
    // Secrets that begin with a zero: whoever strips it derives another key.
    expect(
      layers.flatMap(({ layer }) => layer.recipients).filter(({ ze_hex, zs_hex }) => ze_hex.startsWith('00') || zs_hex?.startsWith('00'))
        .length,
    ).toBeGreaterThan(0)
  })

  it.each(layers)('KWA-01, KWA-02, KWA-03, KWA-04, KWA-05, KWA-06, 1PU-05, ES-02, CRV-06: $name, layer $i', async ({ layer, envelope }) => {
    const jwe = parseJwe(envelope as Record<string, unknown>, defaultLimits)
    expect(jwe.header).toEqual(layer.protected_decoded)
    expect(layer.recipients.map(({ kid }) => kid).sort()).toEqual(jwe.recipients.map(({ kid }) => kid).sort())
    expect(layer.apv_input.split('.').length).toBe(jwe.recipients.length)
    expect(encodeBase64url(await apvOf(jwe.recipients.map(({ kid }) => kid)))).toBe(layer.apv)
    const skid = jwe.header['skid'] as DidUrl | undefined
    const sender = skid === undefined ? undefined : keyOf(documents.alice as DidDocument, 'keyAgreement', skid)
    const derive = concatKdf({ alg: jwe.alg, apu: jwe.apu ?? new Uint8Array(0), apv: jwe.apv ?? new Uint8Array(0), tag: sender && jwe.tag })
    for (const { kid, ze_hex, zs_hex, kek_hex, cek_hex } of layer.recipients) {
      const ze = await keys.bob.agree(kid as DidUrl, jwe.epk, false)
      const zs = sender && (await keys.bob.agree(kid as DidUrl, sender.jwk, true))
      expect([hex(ze), zs && hex(zs)]).toEqual([ze_hex, zs_hex])
      const kek = await derive(ze, zs)
      expect(hex(kek)).toBe(kek_hex)
      const wrapped = jwe.recipients.find((recipient) => recipient.kid === kid)?.encryptedKey ?? ''
      expect(hex(await primitives.unwrapKey(kek, decodeBase64url(wrapped)))).toBe(cek_hex)
      const plaintext = await decryptJwe(jwe, kid, { ephemeral: () => ze, ...(zs && { static: () => zs }) })
      expect(parseJson(decodeUtf8(plaintext))).toEqual(JSON.parse(layer.payload_utf8))
    }
  })
})
