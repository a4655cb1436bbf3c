import { describe, expect, it } from 'vitest'
import { primitives } from '#primitives'
import cryptoFile from '../../../../vectors/wycheproof/json_web_crypto_test.json' with { type: 'json' }
import encryptionFile from '../../../../vectors/wycheproof/json_web_encryption_test.json' with { type: 'json' }
import keyFile from '../../../../vectors/wycheproof/json_web_key_test.json' with { type: 'json' }
import signatureFile from '../../../../vectors/wycheproof/json_web_signature_test.json' with { type: 'json' }
import { decodeBase64url } from '../../src/bytes/base64url.ts'
import { isObject, parseJsonBytes } from '../../src/bytes/json.ts'
import { isDidcommError } from '../../src/errors.ts'
import { decryptJwe, parseJwe } from '../../src/jose/jwe.ts'
import { checkPrivateJwk, checkPublicJwk, publicJwkOf } from '../../src/jose/jwk.ts'
import { parseCompactJws, parseJws, verifySignature } from '../../src/jose/jws.ts'
import { toHex } from './wycheproof-policy.ts'

type JoseCase = {
  readonly tcId: number
  readonly comment: string
  readonly result: string
  readonly jwe?: string | object
  readonly jws?: string | object
  readonly pt?: string
}
type Group = {
  readonly comment: string
  readonly private?: object | null
  readonly public?: object | null
  readonly tests: readonly JoseCase[]
}

const limits = { maxRecipients: 64, maxHeaderBytes: 16_384 }
const kid = 'did:example:bob#key-1'

/** The answer of the JOSE layer, or the code of its refusal. Any other error is a fault, and goes on. */
async function answerOf(run: () => Promise<string>): Promise<string> {
  try {
    return await run()
  } catch (error) {
    if (isDidcommError(error)) return error.code
    throw error
  }
}

/** The headers of a JWE or JWS as far as they can be read. */
function headerOf(encoded: string): Record<string, unknown> {
  try {
    const header = parseJsonBytes(decodeBase64url(encoded))
    return isObject(header) ? header : {}
  } catch {
    return {}
  }
}

/** The one key of a group as it was given, without the members that are not the key. */
const keyOf = ({ private: privateKey, public: publicKey }: Group): object => publicKey ?? privateKey ?? {}

describe('Wycheproof, JWE', () => {
  /** A compact JWE in the serialization that we have. The recipient is named as DIDComm names it, since the cases name none. */
  function generalOf(jwe: string | object): Record<string, unknown> {
    if (typeof jwe === 'object') return { ...jwe }
    const [encodedHeader, encryptedKey, iv, ciphertext, tag] = jwe.split('.')
    return { protected: encodedHeader, recipients: [{ header: { kid }, encrypted_key: encryptedKey }], iv, ciphertext, tag }
  }

  async function open(group: Group, jwe: string | object): Promise<string> {
    const envelope = parseJwe(generalOf(jwe), limits)
    const own = checkPrivateJwk(group.private)
    const privateKey = await primitives.importPrivateKey(own, 'agree')
    const ephemeral = async () => primitives.agree(privateKey, await primitives.importPublicKey(envelope.epk, 'agree'))
    return toHex(await decryptJwe(envelope, kid, { ephemeral }))
  }

  const inProfile = ({ jwe }: JoseCase): boolean => {
    const { alg, enc } = headerOf(String(jwe).split('.')[0] ?? '')
    return alg === 'ECDH-ES+A256KW' && (enc === 'A256GCM' || enc === 'A256CBC-HS512')
  }

  it('ENC-08, CEA-05, JOSE-02: of all cases the two of our algorithms open, and the rest is refused', async () => {
    const opened: number[] = []
    const groups: readonly Group[] = [...encryptionFile.testGroups, ...cryptoFile.testGroups]
    for (const group of groups) {
      for (const testCase of group.tests) {
        const { jwe, pt, result, tcId } = testCase
        if (jwe === undefined) continue
        const answer = await answerOf(() => open(group, jwe))
        if (result === 'valid' && inProfile(testCase)) {
          expect(answer, `tcId ${tcId}`).toBe(pt)
          opened.push(tcId)
        } else {
          expect(answer, `tcId ${tcId}, ${testCase.comment}`).toMatch(/^ERR_(MALFORMED|UNSUPPORTED|TRUST)_/)
        }
      }
    }
    expect(opened).toEqual([66, 68])
  })

  it('CEA-07, GEN-01: the same two with any part cut, changed or left out are refused', async () => {
    const group = encryptionFile.testGroups.find(({ tests }) => tests.some(({ tcId }) => tcId === 66)) as Group
    for (const { jwe } of group.tests.filter((testCase) => testCase.result === 'valid' && inProfile(testCase))) {
      const parts = String(jwe).split('.')
      for (let i = 0; i < parts.length; i++) {
        const part = parts[i] as string
        for (const changed of [
          '',
          part.slice(4),
          part.slice(0, -4),
          `AAAA${part}`,
          `${part}AAAA`,
          (part.startsWith('A') ? 'B' : 'A') + part.slice(1),
        ]) {
          expect(await answerOf(() => open(group, parts.with(i, changed).join('.')))).toMatch(/^ERR_(MALFORMED|UNSUPPORTED|TRUST)_/)
        }
      }
    }
  })
})

describe('Wycheproof, JWS', () => {
  async function verify(group: Group, jws: string | object): Promise<string> {
    const { signature } = typeof jws === 'string' ? parseCompactJws(jws, 65_536) : parseJws({ ...jws }, limits.maxHeaderBytes)
    const key = keyOf(group)
    await verifySignature(signature, 'd' in key ? publicJwkOf(checkPrivateJwk(key)) : checkPublicJwk(key))
    return 'verified'
  }

  // Which key may sign is told by the DID document of its owner (SIG-11), and not by members of the JWK: `use`, `key_ops` and `alg` are
  // not looked at. These cases are sound signatures by sound keys that such a member forbids.
  const forbiddenByMemberAlone = new Map<string, readonly number[]>([
    ['json_web_signature', [354, 356]],
    ['json_web_key', []],
    ['json_web_crypto', []],
  ])

  const files = { json_web_signature: signatureFile, json_web_key: keyFile, json_web_crypto: cryptoFile }
  for (const [name, file] of Object.entries(files)) {
    it(`SIG-02, SIG-15, SIG-16: ${name}: what ES256 signed verifies, everything else is refused`, async () => {
      const groups: readonly Group[] = file.testGroups
      let verified = 0
      for (const group of groups) {
        for (const { tcId, comment, jws, result } of group.tests) {
          if (jws === undefined) continue
          const ours = typeof jws === 'string' && headerOf(jws.split('.')[0] ?? '')['alg'] === 'ES256'
          const answer = await answerOf(() => verify(group, jws))
          const allowed = forbiddenByMemberAlone.get(name)?.includes(tcId) === true
          if ((ours && result === 'valid') || allowed) {
            expect(answer, `tcId ${tcId}`).toBe('verified')
            verified++
          } else {
            expect(answer, `tcId ${tcId}, ${comment}`).toMatch(/^ERR_(MALFORMED|UNSUPPORTED|TRUST)_/)
          }
        }
      }
      expect(verified).toBe({ json_web_signature: 4, json_web_key: 0, json_web_crypto: 1 }[name])
    })
  }

  it('JOSE-04: white space, padding, foreign characters and stray bits in base64url are refused', () => {
    const group = signatureFile.testGroups.find(({ comment }) => comment === 'base64') as Group
    const decodes = (part: string): boolean => {
      try {
        decodeBase64url(part)
        return true
      } catch (error) {
        if (isDidcommError(error, 'ERR_MALFORMED_ENCODING')) return false
        throw error
      }
    }
    const textOf = (tcId: number): unknown => group.tests.find((testCase) => testCase.tcId === tcId)?.jws
    // The file contradicts itself: these two are called invalid, and are character for character the valid 357.
    const sameAsValid = [367, 370]
    for (const tcId of sameAsValid) expect(textOf(tcId)).toBe(textOf(357))
    // And these two are called valid, and have a question mark in them.
    const foreign = [372, 373]
    for (const tcId of foreign) expect(textOf(tcId)).toContain('?')
    for (const { tcId, comment, jws, result } of group.tests) {
      const expected = sameAsValid.includes(tcId) || (result === 'valid' && !foreign.includes(tcId))
      expect(String(jws).split('.').every(decodes), `tcId ${tcId}, ${comment}`).toBe(expected)
    }
  })
})
