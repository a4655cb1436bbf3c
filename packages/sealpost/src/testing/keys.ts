/**
 * What every store of keys must do, whatever its keys are in: the rules of the ports `Keys` and `KeyStore`, each as a pair of a name and
 * a function. The other side of each agreement and signature is this library over keys in memory.
 *
 * @module
 */
import { decodeBase64url, encodeBase64url, encodeUtf8 } from '../bytes/index.ts'
import {
  canonicalKid,
  createDidPeer2,
  createDidPeer4,
  createResolver,
  type Did,
  type DidUrl,
  type KeyStore,
  type PeerKey,
  peer,
  usesOf,
} from '../did/index.ts'
import { newId, pack, unpack } from '../envelope/index.ts'
import {
  type Curve,
  checkPublicJwk,
  curves,
  generateKey,
  type KeyUse,
  type PublicJwk,
  signatureAlgorithmOf,
  verifySignature,
} from '../jose/index.ts'
import { memoryKeyStore } from '../keys/memory.ts'
import { broken, expectEqual, expectError, expectTrue, type Rule } from './expect.ts'

/** What the suite needs to know of a store. */
export type KeyStoreConformance = {
  /** Opens a store. It is called for each rule, and may hold other keys; the suite removes what it made, and closes it. */
  open(): Promise<KeyStore>
  /** The curves that the store has: with each, all that the curve is for is asked of it. */
  readonly curves: readonly Curve[]
}

type Check = (store: KeyStore) => Promise<void>

/**
 * The rules for a store of keys.
 *
 * Exported from `sealpost/testing`.
 *
 * @returns pairs of a name, which begins with the ids of the rules, and a function that rejects with `ERR_USAGE_ARGUMENT` where the store
 * does something else
 * @example
 * ```ts
 * import { memoryKeyStore } from 'sealpost'
 * import { keyStoreConformance } from 'sealpost/testing'
 *
 * for (const [name, run] of keyStoreConformance({ open: async () => memoryKeyStore(), curves: ['X25519', 'Ed25519'] })) {
 *   await run()
 *   console.log(name)
 * }
 * ```
 */
export function keyStoreConformance({ open, curves: had }: KeyStoreConformance): readonly Rule[] {
  const agreeing = had.filter((crv) => usesOf(crv).includes('agree'))
  const signing = had.filter((crv) => usesOf(crv).includes('sign'))
  const checks: readonly (readonly [string, Check])[] = [
    ['JOSE-07: a key is held once it is named, and told in the order that was asked', holdsWhatIsNamed(had)],
    ['KID-09, KID-07: a key has one name, which no other key has and which has a fragment', namesOnce(had)],
    ['ADR-07: a key is found by either form of its did:peer', findsEitherForm(had)],
    ['a key that was removed is gone', removes(had)],
    ['KID-09: a kid that is not held has no key', refusesStrangers(had)],
    ['CRV-10: nothing that comes out has a private part', givesNothingAway(had)],
    ...agreeing.map((crv) => [`CRV-06: agrees on ${crv} as the other side does, in the octets of the curve`, agreesOn(crv)] as const),
    ...agreeing.map((crv) => [`CRV-03, CRV-04, CRV-09: refuses points that are none of ${crv}`, refusesPoints(crv)] as const),
    ...signing.map((crv) => [`SIG-16: signs with ${crv} what verifies, in 64 octets`, signsWith(crv)] as const),
    ...had
      .filter((crv) => usesOf(crv).length === 1)
      .map((crv) => [`SIG-15, CRV-07: a key of ${crv} does what it is for, and nothing else`, keepsToItsUse(crv)] as const),
    ...agreeing.map((crv) => [`1PU-06, ES-05: writes and reads authcrypt and anoncrypt on ${crv}`, converses(crv, undefined)] as const),
    ...(agreeing.length === 0 ? [] : signing).map(
      (crv) => [`SIG-02: signs messages with ${crv}, which the other side reads`, converses(agreeing[0] as Curve, crv)] as const,
    ),
  ]
  return checks.map(([name, check]) => [name, () => withStore(open, check)])
}

async function withStore(open: () => Promise<KeyStore>, check: Check): Promise<void> {
  const store = await open()
  const before = new Set((await store.list()).map(({ kid }) => kid))
  try {
    await check(store)
  } finally {
    for (const { kid } of await store.list()) if (!before.has(kid)) await store.remove(kid)
    await store.close()
  }
}

let numbers = 0
/** A kid that no key has yet: stores may hold what other rules left in them. */
const freshKid = (): DidUrl =>
  `did:example:conformance-${encodeBase64url(globalThis.crypto.getRandomValues(new Uint8Array(9)))}#${++numbers}`

const firstUse = (crv: Curve): KeyUse => usesOf(crv)[0] ?? 'sign'

async function namedKey(store: KeyStore, crv: Curve, use = firstUse(crv), kid = freshKid()): Promise<{ kid: DidUrl; jwk: PublicJwk }> {
  const jwk = await store.generate(crv, use)
  await store.name(jwk, kid)
  return { kid, jwk }
}

const holdsWhatIsNamed =
  (had: readonly Curve[]): Check =>
  async (store) => {
    const [first, second, stranger] = [freshKid(), freshKid(), freshKid()]
    const crv = had[0] as Curve
    const jwk = await store.generate(crv, firstUse(crv))
    expectEqual('what is held before it is named', await store.keys.held([first]), [])
    await store.name(jwk, first)
    await namedKey(store, crv, firstUse(crv), second)
    expectEqual('what is held', await store.keys.held([second, stranger, first]), [second, first])
    expectEqual('what is held of nothing', await store.keys.held([]), [])
    const listed = (await store.list()).find(({ kid }) => kid === first)
    expectEqual('the listed key', listed?.jwk, jwk)
    expectTrue('a listed key to have the use that it was made for', listed?.uses.includes(firstUse(crv)) === true)
  }

const namesOnce =
  (had: readonly Curve[]): Check =>
  async (store) => {
    const crv = had[0] as Curve
    const { kid, jwk } = await namedKey(store, crv)
    await expectError('a second name', ['ERR_USAGE_NO_KEY'], () => store.name(jwk, freshKid()))
    const other = await store.generate(crv, firstUse(crv))
    expectTrue('two keys to differ', other.x !== jwk.x)
    await expectError('a name that is taken', ['ERR_USAGE_ARGUMENT'], () => store.name(other, kid))
    await expectError('a name without fragment', ['ERR_USAGE_ARGUMENT'], () => store.name(other, 'did:example:alice'))
    await expectError('a name that is no DID URL', ['ERR_MALFORMED_DID'], () => store.name(other, 'key-1' as DidUrl))
    const free = freshKid()
    await store.name(other, free)
    expectEqual('what is held after names that were refused', await store.keys.held([kid, free]), [kid, free])
  }

const findsEitherForm =
  (had: readonly Curve[]): Check =>
  async (store) => {
    const crv = had[0] as Curve
    const use = firstUse(crv)
    const made = [await store.generate(crv, use), await store.generate(crv, use)] as const
    const [four, two] = made.map((jwk): PeerKey => ({ purpose: use === 'agree' ? 'keyAgreement' : 'authentication', jwk })) as [
      PeerKey,
      PeerKey,
    ]
    const { did, shortForm } = createDidPeer4({ keys: [four] })
    const numalgo2 = createDidPeer2({ keys: [two] }).did
    await store.name(made[0], `${did}#key-1`)
    await store.name(made[1], `${numalgo2}#key-1`)
    const forms = [did, shortForm, numalgo2].map((one): DidUrl => `${one}#key-1`)
    const kids = [...forms, canonicalKid(forms[2] as DidUrl)]
    expectEqual('what is held', await store.keys.held(kids), kids)
    for (const kid of kids) await useKey(store, kid, made[kid.startsWith(shortForm) ? 0 : 1])
  }

/** Uses a key in the way that it is for, and shows that it is the one of the public half. */
async function useKey(store: KeyStore, kid: DidUrl, jwk: PublicJwk): Promise<void> {
  if (usesOf(jwk.crv).includes('agree')) await agreeBothWays(store, kid, jwk)
  else await signAndVerify(store, kid, jwk)
}

const removes =
  (had: readonly Curve[]): Check =>
  async (store) => {
    const crv = had[0] as Curve
    const [{ kid, jwk }, kept] = [await namedKey(store, crv), await namedKey(store, crv)]
    expectEqual('the answer', await store.remove(kid), true)
    expectEqual('the answer for a key that is gone', await store.remove(kid), false)
    expectEqual('what is held', await store.keys.held([kid, kept.kid]), [kept.kid])
    await expectError('a key that was removed', ['ERR_USAGE_NO_KEY'], () => useKey(store, kid, jwk))
  }

const refusesStrangers =
  (had: readonly Curve[]): Check =>
  async (store) => {
    for (const crv of had) {
      const jwk = checkPublicJwk(publicHalf(await generateKey(crv)))
      await expectError(`agree with ${crv}`, ['ERR_USAGE_NO_KEY'], async () => store.keys.agree(freshKid(), jwk, false))
    }
    await expectError('sign', ['ERR_USAGE_NO_KEY'], async () => store.keys.sign(freshKid(), new Uint8Array(1)))
    await expectError('a name for a key that was not made', ['ERR_USAGE_NO_KEY'], async () =>
      store.name(publicHalf(await generateKey(had[0] as Curve)), freshKid()),
    )
  }

const givesNothingAway =
  (had: readonly Curve[]): Check =>
  async (store) => {
    for (const crv of had) {
      const { kid, jwk } = await namedKey(store, crv)
      const listed = (await store.list()).find((one) => one.kid === kid)
      const members = curves[crv].kty === 'OKP' ? ['crv', 'kty', 'x'] : ['crv', 'kty', 'x', 'y']
      expectEqual(`the members of a public key of ${crv}`, Object.keys(jwk).sort(), members)
      expectEqual(`the members of a listed key of ${crv}`, Object.keys(listed?.jwk ?? {}).sort(), members)
      expectEqual(`a public key of ${crv}, once it is checked`, checkPublicJwk(jwk), jwk)
      expectEqual('what is listed of a key', Object.keys(listed ?? {}).sort(), ['jwk', 'kid', 'uses'])
    }
    expectEqual('the members of the port', Object.keys(store.keys).sort(), ['agree', 'held', 'sign'])
  }

// One secret of 256 begins with a zero octet, and must keep it; on P-521 every other one does.
const rounds = 4

const agreesOn =
  (crv: Curve): Check =>
  async (store) => {
    const { kid, jwk } = await namedKey(store, crv, 'agree')
    for (let i = 0; i < rounds; i += 1) await agreeBothWays(store, kid, jwk)
  }

async function agreeBothWays(store: KeyStore, kid: DidUrl, jwk: PublicJwk): Promise<void> {
  const other = memoryKeyStore()
  const { kid: otherKid, jwk: otherJwk } = await namedKey(other, jwk.crv, 'agree')
  const theirs = await other.keys.agree(otherKid, jwk, false)
  for (const lasting of [false, true, true]) {
    const secret = await store.keys.agree(kid, otherJwk, lasting)
    expectEqual('the octets of the secret', secret.length, curves[jwk.crv].octets)
    expectTrue(
      'the secret to be that of the other side',
      secret.every((octet, i) => octet === theirs[i]),
    )
  }
}

const refusesPoints =
  (crv: Curve): Check =>
  async (store) => {
    const { kid, jwk } = await namedKey(store, crv, 'agree')
    const another = crv === 'P-256' ? 'X25519' : 'P-256'
    await expectError(`a public key of ${another}`, ['ERR_MALFORMED_KEY'], async () =>
      store.keys.agree(kid, publicHalf(await generateKey(another)), false),
    )
    const bad: PublicJwk = crv === 'X25519' ? { ...jwk, x: encodeBase64url(new Uint8Array(32)) } : { ...jwk, y: flipped(jwk.y ?? '') }
    for (const lasting of [false, true]) {
      await expectError('a point off the curve or of low order', undefined, async () => store.keys.agree(kid, bad, lasting))
    }
  }

function flipped(coordinate: string): string {
  const octets = Uint8Array.from(decodeBase64url(coordinate))
  octets[octets.length - 1] = (octets.at(-1) ?? 0) ^ 1
  return encodeBase64url(octets)
}

const signsWith =
  (crv: Curve): Check =>
  async (store) => {
    const { kid, jwk } = await namedKey(store, crv, 'sign')
    for (let i = 0; i < rounds; i += 1) await signAndVerify(store, kid, jwk)
  }

async function signAndVerify(store: KeyStore, kid: DidUrl, jwk: PublicJwk): Promise<void> {
  const alg = signatureAlgorithmOf(jwk.crv)
  if (alg === undefined) throw broken(`a curve for signatures, found ${jwk.crv}`)
  const data = encodeUtf8(`what is signed by ${kid}`)
  const signature = await store.keys.sign(kid, data)
  expectEqual('the octets of the signature', signature.length, 64)
  const evidence = { alg, kid, header: {}, input: data, signature }
  await verifySignature(evidence, jwk)
  const changed = { ...evidence, input: encodeUtf8('something else') }
  await expectError('a signature over something else', ['ERR_TRUST_SIGNATURE'], () => verifySignature(changed, jwk))
}

const keepsToItsUse =
  (crv: Curve): Check =>
  async (store) => {
    const [use = 'sign'] = usesOf(crv)
    const { kid } = await namedKey(store, crv, use)
    const other = use === 'agree' ? 'sign' : 'agree'
    await expectError(`a key of ${crv} to ${other}`, ['ERR_USAGE_ARGUMENT'], () => store.generate(crv, other))
    if (use === 'agree') await expectError('sign', ['ERR_USAGE_NO_KEY'], async () => store.keys.sign(kid, new Uint8Array(1)))
    else await expectError('agree', ['ERR_USAGE_NO_KEY'], async () => store.keys.agree(kid, publicHalf(await generateKey(crv)), false))
  }

/** A DID whose keys are of a store. */
async function didIn(store: KeyStore, agree: Curve, sign: Curve | undefined): Promise<Did> {
  const made = [
    { purpose: 'keyAgreement', jwk: await store.generate(agree, 'agree') } as const,
    ...(sign === undefined ? [] : [{ purpose: 'authentication', jwk: await store.generate(sign, 'sign') } as const]),
  ]
  const { did } = createDidPeer4({ keys: made })
  for (const [i, { jwk }] of made.entries()) await store.name(jwk, `${did}#key-${i + 1}`)
  return did
}

const converses =
  (agree: Curve, sign: Curve | undefined): Check =>
  async (store) => {
    const other = memoryKeyStore()
    const ours = await didIn(store, agree, sign)
    const theirs = await didIn(other, agree, sign)
    const resolver = createResolver([peer()])
    const wrappings = sign === undefined ? (['authcrypt', 'anoncrypt'] as const) : (['signed', 'authcrypt(signed)'] as const)
    for (const as of wrappings) {
      for (const [from, to, writing, reading] of [
        [ours, theirs, store, other],
        [theirs, ours, other, store],
      ] as const) {
        const message = { id: newId(), type: 'https://example.com/conformance/1.0/message', from, to: [to], body: { text: as } }
        for (const { envelope } of await pack(message, { as, keys: writing.keys, resolver })) {
          const { message: read, proof } = await unpack(envelope, { keys: reading.keys, resolver })
          expectEqual(`the message in ${as}`, read.body, message.body)
          if (as !== 'anoncrypt') expectEqual(`who wrote in ${as}`, (proof.signature ?? proof.sender)?.did, from)
        }
      }
    }
  }

const publicHalf = ({ kty, crv, x, y }: PublicJwk): PublicJwk => (y === undefined ? { kty, crv, x } : { kty, crv, x, y })
