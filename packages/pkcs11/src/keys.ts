/**
 * A store of keys in a token of PKCS#11: a hardware module, a smart card, SoftHSM. Private keys are made there, and stay: they are
 * sensitive and not extractable. A key is found by its label, which is its kid.
 *
 * @see {@link https://docs.oasis-open.org/pkcs11/pkcs11-spec/v3.1/pkcs11-spec-v3.1.html | PKCS #11 Specification 3.1}
 * @module
 */
import { createHash, randomBytes } from 'node:crypto'
import { canonicalKid, checkKid, checkUse, type DidUrl, isDidUrl, type KeyStore, keyErrors, type StoredKey } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { type Curve, checkPublicJwk, curves, type KeyUse, type PublicJwk, signatureAlgorithmOf } from 'sealpost/jose'
import { ck, type Handle, type Mechanism } from './cryptoki.ts'
import { jwkOfPoint, parametersOf, pointOf } from './ec.ts'
import { attributes, describe, destroy, type Found, findAll, findPrivate, publicKeyOf, textOf } from './objects.ts'
import { openToken, type Token } from './token.ts'

export type Pkcs11Options = {
  /** The path of the module, such as `/usr/lib/softhsm/libsofthsm2.so`. */
  readonly library: string
  /** The label of the token, or its serial number. */
  readonly token: string
  /** The PIN of the user. Without it, the token asks for it in its own way, by a pad or a touch. */
  readonly pin?: string
  /** Labels of keys that are not called by their kids, such as those that were there before. */
  readonly labels?: Readonly<Record<DidUrl, string>>
  /** How many sessions are used at once, 4 where nothing is said; one more stays open. */
  readonly maxSessions?: number
}

/** What a key is called until its DID is known, for whoever looks into the token. */
const waits = 'sealpost: waits for its name'

/**
 * Opens a token.
 *
 * Which curves there are is the token's to say: P-256, P-384 and P-521 nearly everywhere, Ed25519 and X25519 in some. Names are
 * labels in the token: of a did:peer the short form, since labels may not be long.
 *
 * Where the token is away, functions reject with `ERR_STORE_FAILED`, and the next call tries again.
 *
 * A process is logged in to a token once, for all that use it: where it is, the PIN is not asked for again.
 *
 * Exported from `@sealpost/pkcs11`.
 *
 * @throws {DidcommError} `ERR_UNSUPPORTED_RUNTIME` where the native module `pkcs11js` is not installed; `ERR_USAGE_KEY_STORE` where the
 * module of the token does not load or there is no such token; `ERR_USAGE_PASSPHRASE` for another PIN.
 *
 * @example
 * ```ts
 * import { openPkcs11Keys } from '@sealpost/pkcs11'
 * import { createDidPeer4, type Did } from 'sealpost'
 *
 * async function createDid(pin: string): Promise<Did> {
 *   const store = await openPkcs11Keys({ library: '/usr/lib/softhsm/libsofthsm2.so', token: 'sealpost', pin })
 *   const jwk = await store.generate('P-384', 'agree')
 *   const { did } = createDidPeer4({ keys: [{ purpose: 'keyAgreement', jwk }] })
 *   await store.name(jwk, `${did}#key-1`)
 *   await store.close()
 *   return did
 * }
 * ```
 */
export async function openPkcs11Keys({ library, token: name, pin, labels = {}, maxSessions = 4 }: Pkcs11Options): Promise<KeyStore> {
  if (!Number.isInteger(maxSessions) || maxSessions < 1)
    throw new DidcommError('ERR_USAGE_ARGUMENT', `expected \`maxSessions\` to be a whole number of at least 1, found ${maxSessions}`)
  const given = new Map(Object.entries(labels).map(([kid, label]) => [canonicalKid(checkKid(kid)), label]))
  const kidOf = new Map([...given].map(([kid, label]) => [label, kid]))
  const token = openToken(library, name, pin, maxSessions)
  const unnamed = new Map<string, Buffer>()
  const labelOf = (kid: DidUrl): string => given.get(canonicalKid(kid)) ?? canonicalKid(kid)

  const find = (session: Handle, kid: DidUrl): Found => {
    const found = findPrivate(token, session, [{ type: ck.CKA_LABEL, value: labelOf(kid) }])
    const [handle] = found
    if (handle === undefined) throw keyErrors.notHeld(kid)
    if (found.length > 1)
      throw new DidcommError(
        'ERR_USAGE_KEY_STORE',
        `expected one key called ${labelOf(kid)}, found ${found.length}: only one may have the label`,
      )
    return describe(token, session, handle)
  }
  const forUse = (session: Handle, kid: DidUrl, use: KeyUse): Found & { readonly crv: Curve } => {
    const { crv, ...key } = find(session, kid)
    if (crv === undefined) throw unsupported(`a curve of the profile, found ${kid} to be of another`)
    if (!key.uses.includes(use)) throw keyErrors.otherUse(kid, use, crv)
    return { crv, ...key }
  }

  return {
    keys: {
      held: (kids) =>
        token.inSession((session) =>
          kids.filter((kid) => findPrivate(token, session, [{ type: ck.CKA_LABEL, value: labelOf(kid) }]).length > 0),
        ),
      agree: (kid, publicKey) =>
        token.inSession((session) => {
          const { handle, crv } = forUse(session, kid, 'agree')
          if (publicKey.crv !== crv) throw keyErrors.otherCurve(kid, crv, publicKey.crv)
          // CRV-03: not every token looks whether a point is on its curve.
          return derive(token, session, handle, checkPublicJwk(publicKey))
        }),
      sign: (kid, data) =>
        token.inSession((session) => {
          const { handle, crv } = forUse(session, kid, 'sign')
          return sign(token, session, handle, kid, crv, data)
        }),
    },
    async generate(crv, use) {
      checkUse(crv, use)
      const id = randomBytes(16)
      const jwk = await token.inSession((session) => generate(token, session, id, crv, use))
      unnamed.set(`${crv} ${jwk.x}`, id)
      return jwk
    },
    async name({ crv, x }, kid) {
      const label = labelOf(checkKid(kid))
      const id = unnamed.get(`${crv} ${x}`)
      if (id === undefined) throw keyErrors.noneWaits(kid)
      await token.inSession((session) => {
        if (findPrivate(token, session, [{ type: ck.CKA_LABEL, value: label }]).length > 0) throw keyErrors.taken(kid)
        for (const object of findAll(token, session, [{ type: ck.CKA_ID, value: id }]))
          token.cryptoki.C_SetAttributeValue(session, object, [{ type: ck.CKA_LABEL, value: label }])
      })
      unnamed.delete(`${crv} ${x}`)
    },
    list: () =>
      token.inSession((session) =>
        findPrivate(token, session, []).flatMap((handle): StoredKey[] => {
          const label = textOf(token, session, handle)
          const kid = kidOf.get(label) ?? label
          const { crv, uses, id } = describe(token, session, handle)
          const jwk = isDidUrl(kid) && crv !== undefined ? publicKeyOf(token, session, id, crv) : undefined
          return jwk === undefined ? [] : [{ kid: kid as DidUrl, jwk, uses }]
        }),
      ),
    remove: (kid) =>
      token.inSession((session) => {
        const found = findPrivate(token, session, [{ type: ck.CKA_LABEL, value: labelOf(kid) }])
        for (const handle of found) destroy(token, session, describe(token, session, handle).id, handle)
        return found.length > 0
      }),
    async close() {
      const ids = [...unnamed.values()]
      unnamed.clear()
      for (const id of ids) await token.inSession((session) => destroy(token, session, id))
      token.close()
    },
  }
}

async function generate(token: Token, session: Handle, id: Buffer, crv: Curve, use: KeyUse): Promise<PublicJwk> {
  const common = [
    { type: ck.CKA_TOKEN, value: true },
    { type: ck.CKA_LABEL, value: waits },
    { type: ck.CKA_ID, value: id },
  ]
  const forPublic = [
    { type: ck.CKA_EC_PARAMS, value: parametersOf(crv) },
    { type: ck.CKA_PRIVATE, value: false },
    { type: ck.CKA_VERIFY, value: use === 'sign' },
  ]
  const forPrivate = [
    { type: ck.CKA_PRIVATE, value: true },
    { type: ck.CKA_SENSITIVE, value: true },
    { type: ck.CKA_EXTRACTABLE, value: false },
    { type: ck.CKA_SIGN, value: use === 'sign' },
    { type: ck.CKA_DERIVE, value: use === 'agree' },
  ]
  const mechanism = generation(token, crv)
  const pair = await token.cryptoki.C_GenerateKeyPairAsync(session, mechanism, [...common, ...forPublic], [...common, ...forPrivate])
  const [point = Buffer.alloc(0)] = attributes(token, session, pair.publicKey, ck.CKA_EC_POINT) ?? []
  return jwkOfPoint(crv, point)
}

function generation({ mechanisms }: Token, crv: Curve): Mechanism {
  // Modules from before keys of X25519 had a mechanism of their own make them with the one of Ed25519.
  const wanted =
    crv === 'X25519'
      ? [ck.CKM_EC_MONTGOMERY_KEY_PAIR_GEN, ck.CKM_EC_EDWARDS_KEY_PAIR_GEN]
      : [crv === 'Ed25519' ? ck.CKM_EC_EDWARDS_KEY_PAIR_GEN : ck.CKM_EC_KEY_PAIR_GEN]
  const mechanism = wanted.find((one) => mechanisms.has(one))
  if (mechanism === undefined) throw unsupported(`a curve of the token, found ${crv}, which it lacks: choose P-256`)
  return { mechanism }
}

async function derive({ cryptoki, ecdhParameters }: Token, session: Handle, key: Handle, publicKey: PublicJwk): Promise<Uint8Array> {
  const { octets } = curves[publicKey.crv]
  const parameter = { type: ecdhParameters, kdf: ck.CKD_NULL, publicData: pointOf(publicKey) }
  // The secret has to come out: the key derivation of JOSE is not one that tokens have. It is made for this session and destroyed.
  const secret = await cryptoki.C_DeriveKeyAsync(session, { mechanism: ck.CKM_ECDH1_DERIVE, parameter }, key, [
    { type: ck.CKA_CLASS, value: ck.CKO_SECRET_KEY },
    { type: ck.CKA_KEY_TYPE, value: ck.CKK_GENERIC_SECRET },
    { type: ck.CKA_TOKEN, value: false },
    { type: ck.CKA_SENSITIVE, value: false },
    { type: ck.CKA_EXTRACTABLE, value: true },
    { type: ck.CKA_VALUE_LEN, value: octets },
  ])
  const [read] = cryptoki.C_GetAttributeValue(session, secret, [{ type: ck.CKA_VALUE }])
  cryptoki.C_DestroyObject(session, secret)
  const value = read?.value ?? Buffer.alloc(0)
  // CRV-04: not every token refuses points of low order.
  if (value.length > octets)
    throw new DidcommError('ERR_USAGE_KEY_STORE', `expected a secret of ${octets} octets of the token, found ${value.length}`, {
      rule: 'CRV-06',
    })
  if (value.reduce((any, octet) => any | octet, 0) === 0)
    throw new DidcommError('ERR_MALFORMED_KEY', 'expected a public key that is not of low order, found one', { rule: 'CRV-04' })
  // CRV-06: and some leave out zeros at the beginning.
  const padded = new Uint8Array(octets)
  padded.set(value, octets - value.length)
  return padded
}

async function sign({ cryptoki }: Token, session: Handle, key: Handle, kid: DidUrl, crv: Curve, data: Uint8Array): Promise<Uint8Array> {
  const alg = signatureAlgorithmOf(crv)
  if (alg === undefined) throw keyErrors.otherUse(kid, 'sign', crv)
  // SIG-16: ECDSA of PKCS#11 signs a hash, and its signature is r and s beside each other, as in JOSE.
  const [mechanism, input] =
    alg === 'EdDSA' ? [ck.CKM_EDDSA, Buffer.from(data)] : [ck.CKM_ECDSA, createHash('sha256').update(data).digest()]
  cryptoki.C_SignInit(session, { mechanism }, key)
  return Uint8Array.from(await cryptoki.C_SignAsync(session, input, Buffer.alloc(64)))
}

const unsupported = (what: string): DidcommError => new DidcommError('ERR_UNSUPPORTED_CURVE', `expected ${what}`, { rule: 'CRV-01' })
