/**
 * panva's jose, general JWE and JWS on WebCrypto. It is no DIDComm packer (no ECDH-1PU, no rules for apu and apv, an ephemeral key for each
 * recipient): a point of reference for a well-made general library.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { flattenedDecrypt, GeneralEncrypt, GeneralSign, generalVerify, importJWK } from 'jose'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

async function prepare(c, env) {
  if (c.mode === 'forward' || c.sign || c.outer || c.enc === 'XC20P' || (c.auth && c.mode !== 'signed')) return undefined
  const { alice, bob } = env
  if (c.mode === 'signed') {
    const signer = alice.authentication[0]
    const privateKey = await importJWK(signer.privateJwk, 'EdDSA')
    const publicKey = await importJWK(signer.publicJwk, 'EdDSA')
    return {
      pack: async (message) => {
        const jws = new GeneralSign(encoder.encode(JSON.stringify(message)))
        const protectedHeader = { alg: 'EdDSA', typ: 'application/didcomm-signed+json' }
        jws.addSignature(privateKey).setProtectedHeader(protectedHeader).setUnprotectedHeader({ kid: signer.kid })
        return JSON.stringify(await jws.sign())
      },
      unpack: async (packed) => JSON.parse(decoder.decode((await generalVerify(JSON.parse(packed), publicKey)).payload)),
    }
  }
  const alg = 'ECDH-ES+A256KW'
  const recipients = await Promise.all(bob.keyAgreement.map(async (k) => ({ kid: k.kid, key: await importJWK(k.publicJwk, alg) })))
  const mine = { kid: bob.held[0].kid, key: await importJWK(bob.held[0].privateJwk, alg) }
  return {
    pack: async (message) => {
      const jwe = new GeneralEncrypt(encoder.encode(JSON.stringify(message)))
      jwe.setProtectedHeader({ enc: c.enc, typ: 'application/didcomm-encrypted+json' })
      for (const r of recipients) jwe.addRecipient(r.key).setUnprotectedHeader({ alg, kid: r.kid })
      return JSON.stringify(await jwe.encrypt())
    },
    unpack: async (packed) => {
      const { recipients: entries = [], ...rest } = JSON.parse(packed)
      const entry = entries.find((x) => x.header.kid === mine.kid)
      return JSON.parse(decoder.decode((await flattenedDecrypt({ ...rest, ...entry }, mine.key)).plaintext))
    },
  }
}

const root = import.meta.resolve('jose').split('/dist/')[0]
const { version } = JSON.parse(readFileSync(new URL(`${root}/package.json`)))
export const adapters = [{ name: 'jose (general JWE)', version, prepare }]
