/**
 * Logs that an attacker, a careless owner or a faulty server would show, and what is left of them.
 *
 * @module
 */
import { describe, expect, it } from 'vitest'
import { verifyLog } from '../src/index.ts'
import { type Draft, hashOfKey, makeKey, prove, textOf, witnessed, witnessParameter, write } from './fixtures/forge.ts'

const owner = makeKey()
const other = makeKey()
const stranger = makeKey()

/** How many versions a log proves, and the code of what is wrong with the next. */
async function outcome(drafts: readonly Draft[], change: (log: string) => string = (log) => log): Promise<readonly [number, string?]> {
  const { did, log } = write(owner, drafts)
  const { versions, failure } = await verifyLog(did, change(log))
  return failure === undefined ? [versions.length] : [versions.length, failure.code]
}

const changed = (line: number, change: (entry: Record<string, unknown>) => unknown) => (log: string) => {
  const entries = log.trim().split('\n')
  entries[line] = JSON.stringify(change(JSON.parse(entries[line] ?? '') as Record<string, unknown>))
  return `${entries.join('\n')}\n`
}

describe('the form of a log', () => {
  it('is taken with \\r\\n, without an end of line, with one proof by itself, and with null for defaults', async () => {
    expect(await outcome([{}, {}], (log) => log.replaceAll('\n', '\r\n'))).toEqual([2])
    expect(await outcome([{}, {}], (log) => log.trimEnd())).toEqual([2])
    expect(await outcome([{ spoil: ({ proof, ...rest }) => ({ ...rest, proof: (proof as unknown[])[0] }) }])).toEqual([1])
    expect(await outcome([{ parameters: { witness: null, watchers: null, nextKeyHashes: null, ttl: null } }])).toEqual([1])
  })

  it.each<[string, Draft]>([
    ['an unknown parameter', { parameters: { admin: true } }],
    ['the name of a member of all objects as parameter', { parameters: { constructor: 1 } }],
    ['an earlier version of the method', { parameters: { method: 'did:webvh:0.5' } }],
    ['a time without zone', { time: '2025-06-01T00:00:00' }],
    ['a time of another zone', { time: '2025-06-01T00:00:00+02:00' }],
    ['a day that is none', { time: '2025-02-30T00:00:00Z' }],
    ['a number as time', { time: 1 as unknown as string }],
    ['keys that are no texts', { parameters: { updateKeys: [1] } }],
    ['a document without id', { state: { id: undefined } }],
    ['a document of another method', { state: { id: 'did:web:example.com' } }],
    ['a document at an IP address', { state: { id: 'did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:127.0.0.1' } }],
    ['a document whose id is a DID URL', { state: { id: 'did:webvh:QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ:example.com#a' } }],
    ['truth as text', { parameters: { deactivated: 'true' } }],
    ['a time to live that is none', { parameters: { ttl: -1 } }],
    ['a witness that is not quite one', { parameters: { witness: { threshold: '1', witnesses: [] } } }],
    ['more witnesses due than there are', { parameters: { witness: witnessParameter(2, other) } }],
    ['half a witness', { parameters: { witness: witnessParameter(0.5, other) } }],
    ['a witness twice', { parameters: { witness: witnessParameter(1, other, other) } }],
    [
      'a witness of another curve',
      { parameters: { witness: { threshold: 1, witnesses: [{ id: 'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169' }] } } },
    ],
  ])('refuses %s, and keeps what was before', async (_, draft) => {
    expect((await outcome([{}, draft]))[0]).toBe(1)
    expect((await outcome([{}, draft]))[1]).toMatch(/^ERR_(?:MALFORMED|UNSUPPORTED)/)
  })

  it.each<[string, (log: string) => string]>([
    ['an empty log', () => ''],
    ['an empty line', (log) => `\n${log}`],
    ['an array', () => '[]\n'],
    ['HTML', () => '<html>'],
    ['a member twice', (log) => log.replace('{', '{"state":{},')],
    ['a member named __proto__', (log) => log.replace('{', '{"__proto__":{},')],
    ['a number beyond all bounds', (log) => log.replace('"version":1', '"version":1e999')],
    ['a thousand levels', (log) => log.replace('"version":1', `"version":${'['.repeat(1000)}${']'.repeat(1000)}`)],
  ])('refuses %s', async (name, change) => {
    if (name === 'an empty log') await expect(outcome([{}], change)).rejects.toMatchObject({ code: 'ERR_MALFORMED_DID' })
    else expect((await outcome([{}], change))[0]).toBe(0)
  })

  it('SEC-44: has at most as many entries as are allowed, none of them too long', async () => {
    const { did, log } = write(owner, [{}, {}, {}])
    expect((await verifyLog(did, log, { maxEntries: 3 })).versions.length).toBe(3)
    await expect(verifyLog(did, log, { maxEntries: 2 })).rejects.toMatchObject({ code: 'ERR_MALFORMED_LIMIT' })
    expect(await outcome([{}, { state: { pad: 'x'.repeat(262_144) } }])).toEqual([1, 'ERR_MALFORMED_LIMIT'])
  })

  it('SEC-44: a long one lets others go on meanwhile, and is given up when nobody waits for it', async () => {
    const { did, log } = write(owner, new Array(100).fill({ state: { pad: 'x'.repeat(2000) } }))
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    await verifyLog(did, log)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(2)
    const controller = new AbortController()
    const given = verifyLog(did, log, { signal: controller.signal })
    controller.abort(new Error('nobody waits'))
    await expect(given).rejects.toThrowError('nobody waits')
  })
})

describe('K12: the chain of hashes', () => {
  it('begins with the hash that the DID has', async () => {
    const { did, log } = write(owner)
    const evil = write(stranger)
    expect((await verifyLog(did, evil.log)).failure?.code).toBe('ERR_TRUST_HASH')
    const renamed = evil.log.replaceAll(evil.scid, did.split(':')[2] ?? '')
    expect((await verifyLog(did, renamed)).failure?.code).toBe('ERR_TRUST_HASH')
    // All else about it is as it should be.
    const forged = write(stranger, [{}, {}], 'example.com', did.split(':')[2])
    expect(forged.did).toBe(did)
    expect(await verifyLog(did, forged.log)).toMatchObject({ versions: [], failure: { code: 'ERR_TRUST_HASH' } })
    const claimed = did.replace('example.com', 'example.org') as typeof did
    expect(await verifyLog(claimed, log)).toMatchObject({ versions: [], failure: { code: 'ERR_MALFORMED_DID' } })
  })

  it('leaves no two first entries with one hash', async () => {
    // With the placeholder in place of the hash, the preimage is the same.
    const { did, entries } = write(owner)
    const [{ proof: _, versionId: __, ...first } = {}] = entries
    const twin = JSON.parse(JSON.stringify(first).replace(/"id":"did:webvh:[^:]+/, '"id":"did:webvh:{SCID}')) as Record<string, unknown>
    const { failure } = await verifyLog(did, textOf([{ ...twin, versionId: '1-x', proof: [prove(twin, owner)] }]))
    expect(failure?.message).toContain('placeholder')
  })

  it.each<[string, number, (log: string) => string]>([
    ['a document that was changed', 1, changed(1, (entry) => ({ ...entry, state: { ...(entry['state'] as object), version: 9 } }))],
    ['a time that was changed', 1, changed(1, (entry) => ({ ...entry, versionTime: '2025-01-02T00:00:01Z' }))],
    ['parameters that were changed', 1, changed(1, (entry) => ({ ...entry, parameters: { updateKeys: [stranger.multikey] } }))],
    ['a member that was added', 1, changed(1, (entry) => ({ ...entry, extra: 1 }))],
    ['an entry that is missing', 1, (log) => log.split('\n').toSpliced(1, 1).join('\n')],
    [
      'an entry that stands twice',
      2,
      (log) =>
        log
          .split('\n')
          .toSpliced(2, 0, log.split('\n')[1] ?? '')
          .join('\n'),
    ],
    ['entries in another order', 1, (log) => [0, 2, 1].map((at) => log.split('\n')[at]).join('\n')],
    ['another number', 1, changed(1, (entry) => ({ ...entry, versionId: String(entry['versionId']).replace('2-', '3-') }))],
    ['a number with a zero before it', 1, changed(1, (entry) => ({ ...entry, versionId: `0${String(entry['versionId'])}` }))],
  ])('breaks by %s', async (_, proved, change) => {
    expect(await outcome([{}, {}, {}], change)).toEqual([proved, 'ERR_TRUST_HASH'])
  })

  it('has its times in order, none of them to come', async () => {
    expect((await outcome([{}, { time: '2025-01-01T00:00:00Z' }]))[0]).toBe(1)
    const { did, log } = write(owner, [{ time: '2025-01-01T00:00:00Z' }])
    const at = (milliseconds: number) => verifyLog(did, log, { now: () => Date.UTC(2025, 0, 1) - milliseconds })
    expect((await at(300_000)).versions.length).toBe(1)
    expect((await at(300_001)).versions.length).toBe(0)
  })
})

describe('the proofs of an entry', () => {
  it.each<[string, Draft, string]>([
    ['none', { spoil: ({ proof: _, ...rest }) => rest }, 'ERR_MALFORMED_DID'],
    ['an empty array', { by: [] }, 'ERR_MALFORMED_DID'],
    ['one by a stranger', { by: [stranger] }, 'ERR_TRUST_KEY'],
    ['a second one by a stranger', { by: [owner, stranger] }, 'ERR_TRUST_KEY'],
    ['one by a key that the entry itself brings', { by: [other], parameters: { updateKeys: [other.multikey] } }, 'ERR_TRUST_KEY'],
    ['one for another entry', { spoil: (entry) => ({ ...entry, proof: [prove({}, owner)] }) }, 'ERR_TRUST_SIGNATURE'],
    ['more than are taken', { by: new Array(17).fill(owner) }, 'ERR_MALFORMED_DID'],
  ])('that has %s is refused', async (_, draft, code) => {
    expect(await outcome([{}, draft])).toEqual([1, code])
  })

  it.each<[string, object]>([
    ['another purpose', { proofPurpose: 'authentication' }],
    ['another suite', { cryptosuite: 'eddsa-rdfc-2022' }],
    ['another type', { type: 'Ed25519Signature2020' }],
    ['the key of a stranger in the fragment', { verificationMethod: `did:key:${owner.multikey}#${stranger.multikey}` }],
    ['no fragment', { verificationMethod: `did:key:${owner.multikey}` }],
    ['another method', { verificationMethod: 'did:web:example.com#a' }],
    ['no text as method', { verificationMethod: 1 }],
  ])('with %s is none, though it verifies', async (_, more) => {
    const spoil: Draft['spoil'] = ({ proof: _proof, ...rest }) => ({
      ...rest,
      proof: [prove(rest, owner, more as Record<string, unknown>)],
    })
    expect(await outcome([{}, { spoil }])).toEqual([1, 'ERR_TRUST_SIGNATURE'])
  })

  it.each(['', 'z', 'u1234', `z${'1'.repeat(9000)}`, 1, null])('with the value %s is none', async (proofValue) => {
    const spoil: Draft['spoil'] = (entry) => ({ ...entry, proof: [{ ...(entry['proof'] as object[])[0], proofValue }] })
    expect(await outcome([{}, { spoil }])).toEqual([1, 'ERR_TRUST_SIGNATURE'])
  })

  it('are by the keys of the entry before, once they changed', async () => {
    const rotate: Draft = { parameters: { updateKeys: [other.multikey] } }
    expect(await outcome([{}, rotate, { by: [other] }])).toEqual([3])
    expect(await outcome([{}, rotate, { by: [owner] }])).toEqual([2, 'ERR_TRUST_KEY'])
    expect(await outcome([{}, { parameters: { updateKeys: [] } }, {}])).toEqual([2, 'ERR_TRUST_KEY'])
  })

  it('are by keys that were announced, where keys were announced', async () => {
    const first: Draft = { parameters: { nextKeyHashes: [hashOfKey(other)] } }
    const second = (more: object): Draft => ({ parameters: { updateKeys: [other.multikey], nextKeyHashes: [], ...more }, by: [other] })
    expect(await outcome([first, second({}), { by: [other] }])).toEqual([3])
    expect(await outcome([first, { ...second({}), by: [owner] }])).toEqual([1, 'ERR_TRUST_KEY'])
    expect(await outcome([first, second({ updateKeys: [other.multikey, stranger.multikey] })])).toEqual([1, 'ERR_TRUST_KEY'])
    expect(await outcome([first, second({ updateKeys: undefined })])).toEqual([1, 'ERR_MALFORMED_DID'])
    expect(await outcome([first, second({ nextKeyHashes: undefined })])).toEqual([1, 'ERR_MALFORMED_DID'])
  })
})

describe('the end and the place of a DID', () => {
  it('nothing comes after the end', async () => {
    expect(await outcome([{}, { parameters: { deactivated: true } }])).toEqual([2])
    expect(await outcome([{}, { parameters: { deactivated: true } }, { parameters: { deactivated: false } }])).toEqual([
      2,
      'ERR_MALFORMED_DID',
    ])
  })

  it('a DID moves only where that was allowed from the beginning, and says where it was', async () => {
    const first: Draft = { parameters: { portable: true } }
    const { did } = write(owner, [first])
    const move: Draft = { place: 'example.org', state: { alsoKnownAs: [did] } }
    const swap: Draft = { state: { id: write(stranger).did, alsoKnownAs: [did] } }
    expect(await outcome([first, move])).toEqual([2])
    expect(await outcome([first, { place: 'example.org' }])).toEqual([1, 'ERR_MALFORMED_DID'])
    expect(await outcome([first, { ...move, state: { alsoKnownAs: ['did:web:example.com'] } }])).toEqual([1, 'ERR_MALFORMED_DID'])
    expect(await outcome([first, { parameters: { portable: false } }, move])).toEqual([2, 'ERR_MALFORMED_DID'])
    expect(await outcome([{}, move])).toEqual([1, 'ERR_MALFORMED_DID'])
    expect(await outcome([{}, first])).toEqual([1, 'ERR_MALFORMED_DID'])
    expect(await outcome([first, swap])).toEqual([1, 'ERR_MALFORMED_DID'])
    expect(await outcome([first, { ...move, place: '127.0.0.1' }])).toEqual([1, 'ERR_MALFORMED_DID'])
  })
})

describe('witnesses', () => {
  const [first, second, third] = [makeKey(), makeKey(), makeKey()]
  const two = write(owner, [
    { parameters: { witness: witnessParameter(2, first, second, third) } },
    {},
    { parameters: { witness: {} } },
    {},
  ])
  const [one, , last, free] = two.entries
  const proved = async (witnesses: unknown, { did, log } = two) => (await verifyLog(did, log, { witnesses })).versions.length

  it('approve by enough of them, and for all that was before', async () => {
    expect(await proved(witnessed([last, first, second]))).toBe(4)
    expect(await proved(witnessed([last, first], [last, third]))).toBe(4)
    expect(await proved(() => Promise.resolve(witnessed([last, first, second])))).toBe(4)
    expect(await proved(witnessed([free, first, second]))).toBe(4)
    expect(await proved(witnessed([one, first, second]))).toBe(1)
    expect(await proved(witnessed([one, first, second, third], [last, first]))).toBe(1)
  })

  it.each<[string, unknown]>([
    ['nobody', undefined],
    ['too few', witnessed([last, first])],
    ['one twice', witnessed([last, first, first], [last, first])],
    ['strangers', witnessed([last, stranger, owner])],
    ['the witnesses of another DID', witnessed([write(stranger).entries[0], first, second])],
    ['what is not in the log yet', witnessed([{ versionId: '9-x' }, first, second])],
    ['a signature of another version', [{ ...witnessed([one, first, second])[0], versionId: last?.['versionId'] }]],
    [
      'proofs of another purpose',
      [
        {
          versionId: last?.['versionId'],
          proof: [first, second].map((key) => prove({ versionId: last?.['versionId'] }, key, { proofPurpose: 'authentication' })),
        },
      ],
    ],
    ['an object', {}],
    ['nonsense', [null, 1, [], { versionId: last?.['versionId'] }, { versionId: last?.['versionId'], proof: [null, 1, {}] }]],
  ])('do not approve by %s', async (_, witnesses) => {
    expect(await proved(witnesses)).toBe(0)
  })

  it('a proof that does not hold hides none that does', async () => {
    const broken = [{ versionId: last?.['versionId'], proof: [first, second].map((key) => prove({ versionId: 'x' }, key)) }]
    expect(await proved([...broken, ...witnessed([one, first, second])])).toBe(1)
    expect(await proved([...broken, ...witnessed([last, first, second])])).toBe(4)
  })

  it('who is replaced approves of it; who comes first approves at once', async () => {
    const history = write(owner, [
      {},
      { parameters: { witness: witnessParameter(1, first) } },
      { parameters: { witness: witnessParameter(1, second) } },
      {},
    ])
    const [, begin, replace, after] = history.entries
    expect(await proved(undefined, history)).toBe(1)
    expect(await proved(witnessed([begin, first]), history)).toBe(2)
    expect(await proved(witnessed([begin, first], [replace, second]), history)).toBe(2)
    expect(await proved(witnessed([replace, first]), history)).toBe(3)
    expect(await proved(witnessed([replace, first], [after, second]), history)).toBe(4)
  })

  it('are not asked for where there are none', async () => {
    const { did, log } = write(owner)
    await verifyLog(did, log, { witnesses: () => expect.unreachable() })
  })
})
