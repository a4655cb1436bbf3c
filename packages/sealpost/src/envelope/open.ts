/**
 * Opening: from bytes to a plaintext message and what was proved about it, layer by layer. Public keys are asked for by a function that
 * is given; no DID is looked up here, and no clock is read.
 *
 * @see {@link https://identity.foundation/didcomm-messaging/spec/v2.1/#message-encryption | v2.1, Message Encryption} and Message Signing
 * @module
 */
import { primitives } from '#primitives'
import { decodeBase64url } from '../bytes/base64url.ts'
import { isObject, parseJson, parseJsonBytes } from '../bytes/json.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import { type Did, type DidUrl, didOf, isDidUrl, maxDidLength } from '../did/did.ts'
import type { MethodKey } from '../did/document.ts'
import type { Keys } from '../did/keys.ts'
import { sameSubject } from '../did/subject.ts'
import { DidcommError } from '../errors.ts'
import { decryptJwe, type Jwe, parseJwe } from '../jose/jwe.ts'
import { parseJws, verifySignature } from '../jose/jws.ts'
import { isPromise } from '../jose/later.ts'
import { checkPlaintext } from '../message/check.ts'
import { mediaTypeOf, mediaTypes } from '../message/media-types.ts'
import type { Plaintext } from '../message/plaintext.ts'
import { isBeyondReason, isExpired, isFromFuture } from '../message/time.ts'
import { requirePorts, wrongArgument } from './arguments.ts'
import { forwardedTo } from './forward.ts'
import { verifyFromPrior } from './from-prior.ts'
import type { PublicKeys } from './lookup.ts'
import type { Rules } from './policy.ts'
import { checkAddressing, type LayerEvidence, type Party, type Proof, type Warning } from './proof.ts'
import { joinKids } from './recipients.ts'
import { allowedInside, type Layer, type ReceivedWrapping, wrappingOf } from './wrapping.ts'

/** A message and what its envelope proved. */
export type Unpacked = { readonly message: Plaintext; readonly proof: Proof }

export type OpenOptions = { readonly keys: Keys; readonly publicKeys: PublicKeys; readonly rules: Rules }

/**
 * Opens an envelope with keys that are given: whatever is in it, down to the plaintext, through forwards to ourselves (REW-02).
 *
 * Exported from `sealpost/envelope`. `unpack` is the same with DIDs resolved.
 *
 * @throws {DidcommError} `ERR_USAGE_ARGUMENT`, `ERR_MALFORMED_*`, `ERR_UNSUPPORTED_*` and `ERR_TRUST_*`; whatever `publicKeys` throws.
 */
export async function open(envelope: string | Uint8Array | object, options: OpenOptions): Promise<Unpacked> {
  requirePorts(options, 'keys')
  const { keys, publicKeys, rules } = options
  if (typeof publicKeys !== 'function') throw wrongArgument('`publicKeys` to be a function', publicKeys)
  if (!isObject(rules?.limits)) throw wrongArgument('`rules` to be what rulesOf(policy, seconds) gives', rules)
  const evidence: LayerEvidence[] = []
  let value = parseEnvelope(envelope, rules)
  for (let forwards = 0; ; forwards++) {
    const opened = await openLayers(value, keys, publicKeys, rules)
    evidence.push(...opened.evidence)
    const mayForward = forwards < rules.limits.maxForwards && opened.evidence.some(isEncryption)
    const found = mayForward ? forwardedTo(opened.message, keys, rules.limits.maxRecipients) : undefined
    const forwarded = isPromise(found) ? await found : found
    if (forwarded === undefined) {
      checkAdmitted(opened.layers, rules)
      const proof = prove(opened, evidence, rules)
      const { from_prior } = opened.message
      if (from_prior === undefined) return { message: opened.message, proof }
      return { message: opened.message, proof: await verifyFromPrior(from_prior, opened.message, proof, publicKeys, rules) }
    }
    evidence.push({ layer: 'forward', next: forwarded.next })
    value = forwarded.envelope
  }
}

/** Reads whatever came as one JSON value; an object that was parsed already is written again, so that it is held to the same rules. */
function parseEnvelope(envelope: string | Uint8Array | object, { limits }: Rules): Record<string, unknown> {
  // A program that parsed what came may hand over any JSON value.
  if (typeof envelope !== 'string' && (typeof envelope !== 'object' || envelope === null)) throw notAnObject()
  const input = typeof envelope === 'string' || envelope instanceof Uint8Array ? envelope : stringify(envelope)
  if (input.length > limits.maxBytes) {
    throw new DidcommError('ERR_MALFORMED_LIMIT', `expected an envelope of at most ${limits.maxBytes} octets, found ${input.length}`, {
      rule: 'JOSE-05',
    })
  }
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  if (compact.test(text)) throw malformed('expected the JSON Serialization, found a compact JWS or JWE', 'SIG-07')
  const value = parseJson(text, limits.maxDepth)
  if (!isObject(value)) throw notAnObject()
  return value
}

const compact = /^\s{0,9}eyJ[\w-]{0,99}/

function stringify(envelope: object): string {
  try {
    return JSON.stringify(envelope) ?? ''
  } catch (cause) {
    throw new DidcommError('ERR_USAGE_ARGUMENT', 'expected an envelope of JSON values alone', { rule: 'PLN-01', cause })
  }
}

type Opened = {
  readonly message: Plaintext
  readonly layers: readonly Layer[]
  readonly evidence: readonly LayerEvidence[]
  /** Of the envelopes; what is to be said of the message comes with the proof. */
  readonly warnings: readonly Warning[]
}

/** Peels one message: at most three layers (MED-18), each allowed inside of the one before (MED-17). */
async function openLayers(outermost: Record<string, unknown>, keys: Keys, publicKeys: PublicKeys, rules: Rules): Promise<Opened> {
  const evidence: LayerEvidence[] = []
  const layers: Layer[] = []
  const warnings: Warning[] = []
  let value: unknown = outermost
  for (;;) {
    if (!isObject(value)) throw notAnObject()
    const isJwe = 'ciphertext' in value
    if (isJwe && 'payload' in value)
      throw malformed('expected a JWE or a JWS, found an object with both `ciphertext` and `payload`', 'MED-10')
    // MED-09: the structure tells the format; `typ` must agree, and may be absent.
    if (isJwe) {
      const jwe = parseJwe(value, rules.limits)
      enter(jwe.alg === 'ECDH-ES+A256KW' ? 'anoncrypt' : 'authcrypt', layers)
      if (jwe.alg === 'ECDH-ES+A256KW' && jwe.apu !== undefined && jwe.apu.length > 0) warnings.push(strangeApu(rules))
      const opened = await openJwe(jwe, evidence.find(isEncryption)?.recipient.did, keys, publicKeys, rules)
      evidence.push(opened.evidence)
      value = parseJsonBytes(opened.plaintext, rules.limits.maxDepth)
    } else if ('payload' in value) {
      enter('signed', layers)
      const opened = await openJws(value, publicKeys, rules)
      evidence.push(opened.evidence)
      return { message: opened.message, layers, evidence, warnings }
    } else {
      return { message: checkPlaintext(value, rules), layers, evidence, warnings }
    }
  }
}

/** Decision D-15: JOSE allows `apu` with ECDH-ES, where it goes into the key derivation. DIDComm has none there, and nobody proved what it says. */
function strangeApu({ strict }: Rules): Warning {
  const message = 'expected no `apu` in anoncrypt, found one: it says nothing about the sender'
  if (strict) throw malformed(message, 'ES-03')
  return { rule: 'ES-03', message }
}

function enter(layer: Layer, layers: Layer[]): void {
  const outer = layers.at(-1)
  if (!allowedInside[outer ?? 'nothing'].includes(layer))
    throw malformed(`expected no ${layer} inside of ${outer}: that is no combination of DIDComm`, 'MED-17')
  layers.push(layer)
}

// What the specification says of each combination that a receiver need not take.
const admissionRules: Partial<Record<ReceivedWrapping, string>> = {
  plaintext: 'MED-20',
  'authcrypt(signed)': 'MED-15',
  'anoncrypt(authcrypt(signed))': 'MED-16',
}

/** Of the message itself: what a mediator wrapped around it is the mediator's choice. */
function checkAdmitted(layers: readonly Layer[], rules: Rules): void {
  const wrapping = wrappingOf(layers)
  if (rules.wrappings.includes(wrapping)) return
  throw new DidcommError(
    'ERR_TRUST_POLICY',
    `expected ${rules.wrappings.join(', ')}, found ${wrapping}: name it in \`policy.wrappings\` to take it`,
    {
      rule: admissionRules[wrapping] ?? 'MED-12',
    },
  )
}

async function openJwe(
  jwe: Jwe,
  outerRecipient: Did | undefined,
  keys: Keys,
  publicKeys: PublicKeys,
  rules: Rules,
): Promise<{ plaintext: Uint8Array; evidence: LayerEvidence }> {
  const { alg, enc, epk } = jwe
  checkTyp(jwe.header['typ'], mediaTypes.encrypted)
  if (rules.encs?.includes(enc) === false)
    throw new DidcommError('ERR_TRUST_POLICY', `expected ${rules.encs.join(' or ')} by the policy, found ${enc}`, { rule: 'CEA-02' })
  if (rules.refuseNonCommitting && enc !== 'A256CBC-HS512' && jwe.recipients.length > 1) {
    throw new DidcommError('ERR_TRUST_POLICY', `expected A256CBC-HS512 for several recipients by the policy, found ${enc}`, {
      rule: 'CEA-02',
    })
  }
  const { kids, joined } = kidsOf(jwe, outerRecipient)
  const skid = alg === 'ECDH-1PU+A256KW' ? skidOf(jwe) : undefined
  const hash = primitives.sha256(joined)
  const apv = isPromise(hash) ? await hash : hash
  if (jwe.apv === undefined || !sameOctets(jwe.apv, apv)) {
    throw malformed(
      'expected `apv` to be the hash of the sorted kids of all recipients, found another: a recipient was added or taken away',
      skid === undefined ? 'ES-02' : '1PU-05',
    )
  }
  const held = keys.held(kids)
  const [kid] = isPromise(held) ? await held : held
  if (kid === undefined)
    throw new DidcommError('ERR_TRUST_NOT_FOR_US', `expected a recipient whose key is held, found ${listed(kids)}`, { rule: 'JOSE-07' })
  // Only now is a stranger's DID resolved: for whom the envelope is not, it costs nothing (SEC-07).
  const sender = skid === undefined ? undefined : await senderKey(skid, epk.crv, publicKeys)
  const plaintext = await decryptJwe(jwe, kid, {
    ephemeral: () => keys.agree(kid, epk, false),
    static: sender && (() => keys.agree(kid, sender.jwk, true)),
  })
  const recipient = partyOf(kid)
  return {
    plaintext,
    evidence:
      skid === undefined
        ? { layer: 'anoncrypt', alg, enc, crv: epk.crv, kids, recipient }
        : { layer: 'authcrypt', alg, enc, crv: epk.crv, kids, recipient, sender: partyOf(skid) },
  }
}

/** The kids of the recipients: each a DID URL with fragment (KID-07), all of one DID (ADR-06), which is that of the layer around it (ADR-05). */
function kidsOf({ kids, sorted }: Jwe, outerRecipient: Did | undefined): { kids: readonly DidUrl[]; joined: Uint8Array } {
  const first = kids[0] as string
  if (!first.includes('#') || !isDidUrl(first)) throw noKid(first)
  const did = didOf(first)
  const joined = joinKids(kids, sorted)
  if (kids.length > 1) checkAlike(kids, sorted ? joined : undefined, did)
  if (outerRecipient !== undefined && !sameSubject(did, outerRecipient)) {
    throw addressing(`expected all layers for one DID, found ${outerRecipient} outside and ${did} inside`, 'ADR-05')
  }
  return { kids: kids as readonly DidUrl[], joined }
}

/** @param joined - the kids with a dot between them, where they are in order */
function checkAlike(kids: readonly string[], joined: Uint8Array | undefined, did: Did): void {
  const start = `${did}#`
  // Between two texts that begin alike, all that stand in order begin so: of a thousand kids the DIDs of two are compared.
  const alike = joined !== undefined && (kids[0] as string).startsWith(start) && (kids.at(-1) as string).startsWith(start)
  let at = 0
  for (const kid of kids) {
    const end = at + kid.length
    if (!alike || kid.length > maxDidLength || !isPlain(joined, at + start.length, end)) checkKid(kid, did)
    at = end + 1
  }
}

// What is not ASCII has none of these octets in UTF-8.
const plainOctets = Uint8Array.from({ length: 256 }, (_, octet) => (/[A-Za-z0-9._~-]/.test(String.fromCharCode(octet)) ? 1 : 0))

/** Whether nothing in a fragment wants a closer look. A second number sign would let one kid pass for two in `apv`. */
function isPlain(octets: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (plainOctets[octets[i] as number] !== 1) return false
  return to > from
}

function checkKid(kid: string, did: Did): void {
  if (!kid.includes('#') || !isDidUrl(kid)) throw noKid(kid)
  if (!sameSubject(didOf(kid), did)) throw addressing(`expected keys of one DID as recipients, found ${did} and ${didOf(kid)}`, 'ADR-06')
}

const noKid = (kid: string): DidcommError =>
  malformed(`expected each \`kid\` to be a DID URL with a fragment, found ${JSON.stringify(kid.slice(0, 80))}`, 'KID-07')

/** `skid`, which must be what `apu` says (1PU-04); where it is absent, `apu` tells it (1PU-07). It is a DID URL and `apv` a hash, so that they differ (1PU-08). */
function skidOf({ header, apu }: Jwe): DidUrl {
  if (apu === undefined) throw malformed('expected `apu` with ECDH-1PU, found none', '1PU-04')
  const told = decodeUtf8(apu)
  const { skid = told } = header
  if (!isDidUrl(skid) || !skid.includes('#')) throw malformed('expected `skid` to be a DID URL with a fragment', 'KID-05')
  if (skid !== told) throw malformed('expected `apu` to be `skid` in base64url, found another sender', '1PU-04')
  return skid
}

async function senderKey(skid: DidUrl, crv: string, publicKeys: PublicKeys): Promise<MethodKey> {
  const key = await publicKeys(skid, 'keyAgreement')
  if (key === undefined) {
    throw new DidcommError(
      'ERR_TRUST_KEY',
      `expected ${skid} to be a key for encryption in the document of its DID (keyAgreement), found none`,
      { rule: 'HDR-12' },
    )
  }
  if (key.jwk.crv !== crv)
    throw new DidcommError(
      'ERR_TRUST_KEY',
      `expected the sender's key on the curve of the ephemeral key, ${crv}, found ${skid} on ${key.jwk.crv}`,
      { rule: 'CRV-08' },
    )
  return key
}

async function openJws(
  value: Record<string, unknown>,
  publicKeys: PublicKeys,
  rules: Rules,
): Promise<{ message: Plaintext; evidence: LayerEvidence }> {
  const { payload, signature } = parseJws(value, rules.limits.maxHeaderBytes)
  checkTyp(signature.header['typ'], mediaTypes.signed)
  const content = parseJsonBytes(decodeBase64url(payload), rules.limits.maxDepth)
  if (isObject(content) && ('ciphertext' in content || 'payload' in content))
    throw malformed('expected a plaintext message inside of a signed one: sign first, then encrypt', 'MED-17')
  const message = checkPlaintext(content, rules)
  const { kid } = signature
  if (!kid.includes('#') || !isDidUrl(kid)) throw malformed('expected the `kid` of a signature to be a DID URL with a fragment', 'SIG-05')
  const signer = partyOf(kid)
  // SIG-12, and S10 of the adversarial cases: an unprotected kid must not make us resolve a DID that the message is not from.
  if (message.from === undefined || !sameSubject(didOf(message.from as Did), signer.did)) {
    throw new DidcommError(
      'ERR_TRUST_ADDRESSING',
      `expected \`from\` to be the DID that signed: the message says ${message.from ?? 'nothing'}, and is signed by ${signer.did}`,
      { rule: 'ADR-03' },
    )
  }
  // G-27: the text has "authorization" once.
  const key = await publicKeys(kid, 'authentication')
  if (key === undefined) {
    throw new DidcommError(
      'ERR_TRUST_KEY',
      `expected ${kid} to be a key for signatures in the document of its DID (authentication), found none`,
      { rule: 'SIG-11' },
    )
  }
  await verifySignature(signature, key.jwk)
  return { message, evidence: { layer: 'signed', alg: signature.alg, signer, jws: value } }
}

/** MED-08, G-17 and decision D-06: a `typ` that says another format is an error; one that is absent is none. The text itself shows "JWM" for a JWS. */
function checkTyp(typ: unknown, expected: string): void {
  if (typ === undefined || mediaTypeOf(typ) === expected || (typ === 'JWM' && expected === mediaTypes.signed)) return
  throw new DidcommError('ERR_UNSUPPORTED_MEDIA_TYPE', `expected \`typ\` to be ${expected}, found ${JSON.stringify(typ)?.slice(0, 80)}`, {
    rule: 'MED-08',
  })
}

function prove({ message, evidence: own, warnings: found }: Opened, evidence: readonly LayerEvidence[], rules: Rules): Proof {
  const warnings = [...found, ...checkAddressing(message, own, rules)]
  const encryptions = own.filter(isEncryption)
  const signed = own.find((layer) => layer.layer === 'signed')
  const sender = encryptions.find(({ sender: proved }) => proved !== undefined)?.sender ?? signed?.signer
  const recipient = encryptions.at(-1)?.recipient
  if (isBeyondReason(message.created_time)) warnings.push({ rule: 'HDR-16', message: `created_time ${milliseconds}` })
  else if (isFromFuture(message, rules.now, rules.clockSkewSeconds)) {
    warnings.push({ rule: 'HDR-16', message: `created_time is ${(message.created_time as number) - rules.now} seconds in the future` })
  }
  if (isBeyondReason(message.expires_time))
    warnings.push({ rule: 'HDR-17', message: `expires_time ${milliseconds}, so that it never passes` })
  return {
    layers: evidence.map(({ layer }) => layer),
    encrypted: encryptions.length > 0,
    ...(sender && { sender }),
    ...(signed && { signature: { ...signed.signer, jws: signed.jws } }),
    ...(recipient && { recipient }),
    expired: isExpired(message, rules.now),
    warnings,
    evidence,
  }
}

const milliseconds = 'is beyond the year 5000: it seems to be in milliseconds'

type Encryption = Extract<LayerEvidence, { layer: 'anoncrypt' | 'authcrypt' }>

const isEncryption = (evidence: LayerEvidence): evidence is Encryption => evidence.layer === 'anoncrypt' || evidence.layer === 'authcrypt'

const partyOf = (kid: DidUrl): Party => ({ did: didOf(kid), kid })

/** Of public values alone: it tells by its time where they differ. */
function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return a.length === b.length
}

const listed = (kids: readonly string[]): string =>
  kids.length > 3 ? `${kids.slice(0, 3).join(', ')} and ${kids.length - 3} more` : kids.join(', ')

const addressing = (message: string, rule: string): DidcommError => new DidcommError('ERR_TRUST_ADDRESSING', message, { rule })

const notAnObject = (): DidcommError =>
  new DidcommError('ERR_MALFORMED_MESSAGE', 'expected a message or an envelope, which is a JSON object, found another value', {
    rule: 'PLN-01',
  })

const malformed = (message: string, rule: string): DidcommError => new DidcommError('ERR_MALFORMED_ENVELOPE', message, { rule })
