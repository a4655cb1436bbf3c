/**
 * The floor: the primitive calls that a case needs (key generation, agreement, KDF, key wrap, content encryption, base64url, JSON), by the
 * fastest route of node:crypto on this version of Node, and nothing of DIDComm. Its output is no envelope, so it is never opened.
 *
 * The static-static secret of ECDH-1PU counts as cached, unless FLOOR_ZS=0.
 *
 * @module
 */
import * as crypto from 'node:crypto'
import { performance } from 'node:perf_hooks'

const staticSecretIsCached = process.env.FLOOR_ZS !== '0'
const publicAsJwk = { publicKeyEncoding: { format: 'jwk' } }
const opensslName = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' }
// From Node 24 on, checking the type of a raw key costs more than wrapping it in a KeyObject.
const symmetric = Number(process.versions.node.split('.')[0]) >= 24 ? (bytes) => crypto.createSecretKey(bytes) : (bytes) => bytes
const sha256 = crypto.hash
  ? (bytes) => crypto.hash('sha256', bytes, 'buffer')
  : (bytes) => crypto.createHash('sha256').update(bytes).digest()
const keyWrapIv = Buffer.alloc(8, 0xa6)
const wrap = (kek, cek) => crypto.createCipheriv('id-aes256-wrap', symmetric(kek), keyWrapIv).update(cek)
const unwrap = (kek, wrapped) => crypto.createDecipheriv('id-aes256-wrap', symmetric(kek), keyWrapIv).update(wrapped)

function fastest(...candidates) {
  const cost = (fn) => {
    const start = performance.now()
    for (let i = 0; i < 20; i++) fn()
    return performance.now() - start
  }
  for (const fn of candidates) cost(fn)
  // The least of some rounds in turn: a disturbed round must not choose the slower route.
  const least = candidates.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < 5; round++) {
    for (const [i, fn] of candidates.entries()) least[i] = Math.min(least[i], cost(fn))
  }
  return candidates[least.indexOf(Math.min(...least))]
}

const routes = new Map()
function agreement(curve) {
  if (!routes.has(curve)) routes.set(curve, chooseRoutes(curve))
  return routes.get(curve)
}

function chooseRoutes(curve) {
  const pair = (options = {}) =>
    curve === 'X25519' ? crypto.generateKeyPairSync('x25519', options) : crypto.generateKeyPairSync('ec', { namedCurve: curve, ...options })
  const mine = pair()
  const peerJwk = pair(publicAsJwk).publicKey
  const peer = crypto.createPublicKey({ key: peerJwk, format: 'jwk' })
  const der = peer.export({ format: 'der', type: 'spki' })
  const pem = peer.export({ format: 'pem', type: 'spki' })
  const agreeWith = (publicKey) => crypto.diffieHellman({ privateKey: mine.privateKey, publicKey })
  const generate = [() => pair(publicAsJwk)]
  const agree = [() => agreeWith(peer)]
  const importAndAgree = [
    () => agreeWith(crypto.createPublicKey({ key: peerJwk, format: 'jwk' })),
    () => agreeWith(crypto.createPublicKey({ key: der, format: 'der', type: 'spki' })),
    () => agreeWith(crypto.createPublicKey(pem)),
  ]
  if (curve !== 'X25519') {
    const ecdh = crypto.createECDH(opensslName[curve])
    const raw = ecdh.generateKeys()
    generate.push(() => crypto.createECDH(opensslName[curve]).generateKeys())
    agree.push(() => ecdh.computeSecret(raw))
    importAndAgree.push(() => ecdh.computeSecret(raw))
  }
  return { generate: fastest(...generate), agree: fastest(...agree), importAndAgree: fastest(...importAndAgree) }
}

function cipher(enc) {
  const aad = crypto.randomBytes(400)
  if (enc === 'A256CBC-HS512') {
    const [macKey, encKey, iv, length] = [crypto.randomBytes(32), crypto.randomBytes(32), crypto.randomBytes(16), Buffer.alloc(8)]
    const mac = (ciphertext) => {
      const hmac = crypto.createHmac('sha512', symmetric(macKey))
      if (ciphertext.length <= 4096) return hmac.update(Buffer.concat([aad, iv, ciphertext, length])).digest()
      return hmac.update(aad).update(iv).update(ciphertext).update(length).digest()
    }
    return {
      cek: crypto.randomBytes(64),
      seal: (plain) => {
        const aes = crypto.createCipheriv('aes-256-cbc', symmetric(encKey), iv)
        const [body, last] = [aes.update(plain, 'utf8'), aes.final()]
        const ciphertext = body.length <= 4096 ? Buffer.concat([body, last]) : body // where it is large, the last block is noise
        return [ciphertext, mac(ciphertext)]
      },
      open: (ciphertext) => {
        mac(ciphertext)
        return crypto.createDecipheriv('aes-256-cbc', symmetric(encKey), iv).setAutoPadding(false).update(ciphertext)
      },
    }
  }
  const key = crypto.randomBytes(32)
  const iv = crypto.randomBytes(12)
  const [algorithm, options] = enc === 'A256GCM' ? ['aes-256-gcm', {}] : ['chacha20-poly1305', { authTagLength: 16 }]
  return {
    cek: crypto.randomBytes(32),
    seal: (plain) => {
      const aead = crypto.createCipheriv(algorithm, symmetric(key), iv, options).setAAD(aad)
      const ciphertext = aead.update(plain, 'utf8')
      aead.final()
      return [ciphertext, aead.getAuthTag()]
    },
    open: (ciphertext, tag) => {
      const aead = crypto.createDecipheriv(algorithm, symmetric(key), iv, options).setAAD(aad).setAuthTag(tag)
      const plain = aead.update(ciphertext)
      aead.final()
      return plain
    },
  }
}

const pool = Buffer.alloc(16384)
let poolUsed = pool.length
function random(length) {
  if (poolUsed + length > pool.length) {
    crypto.randomFillSync(pool)
    poolUsed = 0
  }
  poolUsed += length
}

function prepare(c, env, input) {
  const ecdh = agreement(env.curve)
  const kek = crypto.randomBytes(32)
  const signer = crypto.generateKeyPairSync('ed25519')
  const bobKids = env.bob.keyAgreement.map((k) => k.kid)
  const agreements = c.auth && !staticSecretIsCached ? 2 : 1
  const layer = (enc, auth, kids) => ({
    ...cipher(enc),
    kids,
    agreements: auth ? agreements : 1,
    kdfInput: crypto.randomBytes(auth ? 260 : 160),
  })
  const layersOf = {
    signed: () => [],
    forward: () => env.mediators.map((m) => layer(c.enc, false, [m.keyAgreement[0].kid])),
    encrypted: () => [layer(c.enc, c.auth, bobKids), ...(c.outer ? [layer(c.outer, false, bobKids)] : [])],
  }
  const layers = layersOf[c.mode]()
  for (const l of layers) l.wrapped = wrap(kek, l.cek)
  const signs = c.mode === 'signed' || c.sign
  const head = JSON.stringify({
    id: crypto.randomUUID(),
    type: 'https://didcomm.org/routing/2.0/forward',
    to: [bobKids[0]],
    body: { next: bobKids[0] },
  })
  const framed =
    c.mode === 'forward' ? (text) => `${head.slice(0, -1)},"attachments":[{"id":"1","data":{"json":${text}}}]}` : (text) => text

  const signedText = (text) => {
    const payload = Buffer.from(text).toString('base64url')
    const signature = crypto.sign(null, Buffer.from(payload, 'latin1'), signer.privateKey)
    return { payload, signature, text: `{"payload":"${payload}","signature":"${signature.toString('base64url')}"}` }
  }
  const seal = (l, text) => {
    const framedText = framed(text)
    ecdh.generate()
    random(l.cek.length + 16)
    const [ciphertext, tag] = l.seal(framedText)
    const body = ciphertext.toString('base64url')
    let recipients = ''
    for (const kid of l.kids) {
      for (let k = 0; k < l.agreements; k++) ecdh.agree()
      sha256(l.kdfInput)
      recipients += `${recipients && ','}{"header":{"kid":"${kid}"},"encrypted_key":"${wrap(kek, l.cek).toString('base64url')}"}`
    }
    return { tag, framedText, text: `{"ciphertext":"${body}","recipients":[${recipients}]}` }
  }
  const open = (l, { text, tag }) => {
    const envelope = JSON.parse(text)
    const ciphertext = Buffer.from(envelope.ciphertext, 'base64url')
    sha256(Buffer.from(envelope.recipients.map((r) => r.header.kid).join('.')))
    ecdh.importAndAgree()
    for (let k = 1; k < l.agreements; k++) ecdh.agree()
    sha256(l.kdfInput)
    unwrap(kek, l.wrapped)
    return l.open(ciphertext, tag).toString()
  }

  const plain = typeof input === 'string' ? input : JSON.stringify(input)
  const signed = signs ? signedText(plain) : undefined
  let sealed = { text: signed?.text ?? plain, framedText: plain }
  const toOpen = []
  for (const l of layers) {
    sealed = seal(l, sealed.text)
    toOpen.unshift([l, sealed])
  }
  if (c.mode === 'forward') toOpen.length = 1 // a mediator opens only its own layer
  const parsed = c.mode === 'forward' ? sealed.framedText : plain

  return {
    pack: (value) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return layers.reduce((inner, l) => seal(l, inner).text, signs ? signedText(text).text : text)
    },
    unpack: () => {
      for (const [l, envelope] of toOpen) open(l, envelope)
      if (signed) {
        crypto.verify(null, Buffer.from(signed.payload, 'latin1'), signer.publicKey, signed.signature)
        Buffer.from(JSON.parse(signed.text).payload, 'base64url').toString()
      }
      return JSON.parse(parsed)
    },
  }
}

export const adapters = [{ name: 'primitive floor', version: `node:crypto of ${process.version}`, isFloor: true, prepare }]
