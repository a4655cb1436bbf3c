/**
 * The method over real connections: a server on this machine, which only tests allow.
 *
 * @module
 */
import { createVettedFetch } from '@sealpost/node'
import { createResolver, type Did, documentOf } from 'sealpost/did'
import { afterEach, describe, expect, it } from 'vitest'
import { localhost } from '../../node/test/fixtures/localhost.ts'
import { serve, type TestServer } from '../../node/test/fixtures/raw.ts'
import { memoryHeads, type WebvhOptions, webvh, webvhUrl } from '../src/index.ts'
import { makeKey, textOf, witnessed, witnessParameter, write } from './fixtures/forge.ts'

const servers: TestServer[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const policy = { schemes: ['https'], allowLoopback: true, ports: 'any' } as const
const fetch = createVettedFetch({ policy, ca: localhost.cert })
const here: WebvhOptions = { fetch, policy }
type Answerer = Parameters<typeof serve>[0]

async function start(answer: Answerer): Promise<TestServer & { readonly home: string }> {
  const server = await serve(answer, { tls: true })
  servers.push(server)
  return { ...server, home: `localhost%3A${new URL(server.url).port}` }
}

/** A server whose files can be exchanged. */
async function hosting(files: Map<string, string>): Promise<TestServer & { readonly home: string }> {
  return start((path, response) => {
    const file = files.get(path)
    response.writeHead(file === undefined ? 404 : 200).end(file)
  })
}

const logAt = '/.well-known/did.jsonl'
const errorOf = async (did: Did, options: WebvhOptions = here): Promise<unknown> =>
  (await webvh(options).resolve(did)).didResolutionMetadata.error

describe('did:webvh at a server', () => {
  it('resolves through a resolver, with what the log says of itself', async () => {
    const files = new Map<string, string>()
    const { home, requests } = await hosting(files)
    const history = write(makeKey(), [{ parameters: { ttl: 60, watchers: ['https://watcher.example'] } }, {}], home)
    files.set(logAt, history.log)
    const resolver = createResolver([webvh(here)])
    expect(await documentOf(resolver, history.did)).toMatchObject({ id: history.did, version: 2 })
    const { didDocumentMetadata } = await resolver.resolve(history.did)
    expect(didDocumentMetadata).toEqual({
      versionId: history.entries[1]?.['versionId'],
      versionTime: '2025-01-02T00:00:00Z',
      created: '2025-01-01T00:00:00Z',
      updated: '2025-01-02T00:00:00Z',
      scid: history.scid,
      portable: false,
      deactivated: false,
      ttl: '60',
      watchers: ['https://watcher.example'],
    })
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`GET ${logAt}`])
  })

  it('asks for the proofs of witnesses where the log names some, and has to get them', async () => {
    const [witness, files] = [makeKey(), new Map<string, string>()]
    const { home, requests } = await hosting(files)
    const history = write(makeKey(), [{ parameters: { witness: witnessParameter(1, witness) } }], `${home}:dids:alice`)
    files.set('/dids/alice/did.jsonl', history.log)
    expect(await errorOf(history.did)).toBe('invalidDid')
    files.set('/dids/alice/did-witness.json', '<html>')
    expect(await errorOf(history.did)).toBe('invalidDid')
    files.set('/dids/alice/did-witness.json', JSON.stringify(witnessed([history.entries[0], witness])))
    const { didDocument, didDocumentMetadata } = await webvh(here).resolve(history.did)
    expect(didDocument?.id).toBe(history.did)
    expect(didDocumentMetadata['witness']).toEqual({ threshold: '1', witnesses: [{ id: `did:key:${witness.multikey}` }] })
    expect(requests.at(-1)?.path).toBe('/dids/alice/did-witness.json')
  })

  it('SEC-27: tells what may pass from what is permanent', async () => {
    let status = 404
    const { home } = await start((_, response) => response.writeHead(status).end())
    const { did } = write(makeKey(), [{}], home)
    expect(await errorOf(did)).toBe('notFound')
    for (const passing of [429, 500, 503]) {
      status = passing
      expect(await errorOf(did)).toBe('unavailable')
    }
    // A server that has the log and not the proofs, for now, does not make the DID invalid.
    const witnessedLog = write(makeKey(), [{ parameters: { witness: witnessParameter(1, makeKey()) } }], home)
    const half = await start((path, response) => (path === logAt ? response.end(witnessedLog.log) : response.writeHead(503).end()))
    const through: WebvhOptions = { ...here, fetch: (url, init) => fetch(`${half.url}${new URL(url).pathname}`, init) }
    expect(await errorOf(witnessedLog.did, through)).toBe('unavailable')
  })

  it('SEC-40: logs without end, and servers that do not answer, are given up', async () => {
    const endless = await start((_, response) => {
      const timer = setInterval(() => response.write('x'.repeat(10_000)), 1)
      response.on('close', () => clearInterval(timer))
    })
    const silent = await start(() => undefined)
    const { did } = write(makeKey(), [{}], endless.home)
    expect(await errorOf(did, { ...here, maxBytes: 100_000 })).toBe('limitExceeded')
    expect(await errorOf(write(makeKey(), [{}], silent.home).did, { ...here, timeoutSeconds: 0.2 })).toBe('unavailable')
    expect(await errorOf(did, { fetch: () => expect.unreachable() })).toBe('blocked')
  })

  it('SEC-40: no redirect is followed, least of all to a private address', async () => {
    const files = new Map<string, string>()
    const target = await hosting(files)
    let location = ''
    const { home } = await start((_, response) => response.writeHead(302, { location }).end())
    const { did, log } = write(makeKey(), [{}], home)
    files.set(logAt, log)
    for (location of [`${target.url}${logAt}`, 'http://169.254.169.254/latest', 'https://10.0.0.1/did.jsonl'])
      expect(await errorOf(did)).toBe('blocked')
    expect(target.requests).toEqual([])
  })

  it('K12: a log that lost versions, or goes another way, is refused after the better one was seen', async () => {
    const [owner, files, heads] = [makeKey(), new Map<string, string>(), memoryHeads()]
    const { home } = await hosting(files)
    const drafts = [{}, {}, {}]
    const { did, entries, scid, log } = write(owner, drafts, home)
    // The owner's keys were stolen: the fork is signed as it should be.
    const fork = write(owner, [{}, { state: { service: [] } }, {}, {}], home)
    expect(fork.scid).toBe(scid)
    const options = { ...here, heads }
    files.set(logAt, textOf(entries.slice(0, 2)))
    expect(await errorOf(did, options)).toBeUndefined()
    files.set(logAt, log)
    expect(await errorOf(did, options)).toBeUndefined()
    for (const worse of [textOf(entries.slice(0, 2)), fork.log, textOf(entries.slice(0, 1))]) {
      files.set(logAt, worse)
      expect(await errorOf(did, options)).toBe('invalidDid')
      expect(await errorOf(did)).toBeUndefined()
    }
    files.set(logAt, log)
    expect(await errorOf(did, options)).toBeUndefined()
  })

  it('a DID that was ended has no document, and its versions are still there', async () => {
    const files = new Map<string, string>()
    const { home } = await hosting(files)
    const { did, log } = write(makeKey(), [{}, { parameters: { deactivated: true, updateKeys: [] } }], home)
    files.set(logAt, log)
    const ended = await webvh(here).resolve(did)
    expect([ended.didDocument, ended.didDocumentMetadata.deactivated]).toEqual([null, true])
    await expect(documentOf(createResolver([webvh(here)]), did)).rejects.toMatchObject({ code: 'ERR_DID_DEACTIVATED' })
    const first = await webvh(here).resolve(`${did}?versionNumber=1` as Did)
    expect([first.didDocument?.['version'], first.didDocumentMetadata.deactivated]).toEqual([1, true])
  })

  it('a DID that moved is told with its new name, and a resolver takes no other document for it', async () => {
    const files = new Map<string, string>()
    const { home } = await hosting(files)
    const owner = makeKey()
    const { did } = write(owner, [{ parameters: { portable: true } }], home)
    const { log, scid } = write(owner, [{ parameters: { portable: true } }, { place: 'example.org', state: { alsoKnownAs: [did] } }], home)
    files.set(logAt, log)
    const { didDocumentMetadata } = await webvh(here).resolve(did)
    expect(didDocumentMetadata['canonicalId']).toBe(`did:webvh:${scid}:example.org`)
    await expect(documentOf(createResolver([webvh(here)]), did)).rejects.toMatchObject({ rule: 'SEC-24' })
  })
})

describe('versions by the query of a DID URL', () => {
  const history = write(makeKey(), [{}, {}, {}])
  const ids = history.entries.map((entry) => String(entry['versionId']))
  const asked = async (query: string, log = history.log) => {
    const { didDocument, didResolutionMetadata } = await webvh({ fetch: async () => new Response(log) }).resolve(
      `${history.did}${query}` as Did,
    )
    return didResolutionMetadata.error ?? didDocument?.['version']
  }

  it.each([
    ['', 3],
    ['?versionNumber=2', 2],
    ['?versionNumber=4', 'notFound'],
    ['?versionNumber=0', 'invalidDid'],
    ['?versionNumber=1e0', 'invalidDid'],
    [`?versionId=${ids[0]}`, 1],
    ['?versionId=1-x', 'notFound'],
    ['?versionTime=2025-01-02T00:00:00Z', 2],
    ['?versionTime=2025-01-02T23:59:59%2B00:00', 2],
    ['?versionTime=2030-01-01T00%3A00%3A00Z', 3],
    ['?versionTime=2024-12-31T23:59:59Z', 'notFound'],
    ['?versionTime=yesterday', 'invalidDid'],
    ['?versionTime=%E0', 'invalidDid'],
    ['?versionNumber=1&versionTime=2025-01-02T00:00:00Z', 'invalidDid'],
    ['?service=files', 3],
    ['?constructor=1', 3],
    ['#key-1', 3],
  ] as const)('%s', async (query, version) => {
    expect(await asked(query)).toBe(version)
  })

  it('what went wrong later takes nothing from what was proved before, and nothing else is told', async () => {
    const broken = history.log.replace('"version":3', '"version":4')
    expect(await asked('', broken)).toBe('invalidDid')
    expect(await asked('?versionNumber=2', broken)).toBe(2)
    expect(await asked(`?versionId=${ids[1]}`, broken)).toBe(2)
    expect(await asked(`?versionId=${ids[2]}`, broken)).toBe('invalidDid')
    expect(await asked('?versionNumber=3', broken)).toBe('invalidDid')
    expect(await asked('?versionTime=2025-01-01T12:00:00Z', broken)).toBe(1)
    // Whether the third was there by then, only a proved third could tell.
    expect(await asked('?versionTime=2025-01-02T12:00:00Z', broken)).toBe('invalidDid')
  })
})

describe('memoryHeads', () => {
  it('SEC-44: remembers as many as it is told', async () => {
    const heads = memoryHeads(2)
    for (const scid of ['a', 'b', 'a', 'c']) await heads.set(scid, '1-x')
    expect([await heads.get('a'), await heads.get('b'), await heads.get('c')]).toEqual(['1-x', undefined, '1-x'])
  })
})

describe('webvhUrl', () => {
  const scid = 'QmfGEUAcMpzo25kF2Rhn8L5FAXysfGnkzjwdKoNPi615XQ'
  it.each([
    ['example.com', 'https://example.com/.well-known/did.jsonl'],
    ['example.com%3A3000', 'https://example.com:3000/.well-known/did.jsonl'],
    ['example.com:dids:issuer', 'https://example.com/dids/issuer/did.jsonl'],
    ['example.com%3a3000:did.json', 'https://example.com:3000/did.json/did.jsonl'],
    ['xn--jp-cd2fp15c.xn--fsq.jp:%E7%94%A8%E6%88%B7', 'https://xn--jp-cd2fp15c.xn--fsq.jp/%E7%94%A8%E6%88%B7/did.jsonl'],
  ])('%s', (place, url) => {
    expect(webvhUrl(`did:webvh:${scid}:${place}`)).toBe(url)
  })

  it.each([
    `${scid}:127.0.0.1`,
    `${scid}:127.0.0.1#x`,
    `${scid}:127.0.0.1%3a8080`,
    `${scid}:127%2E0%2E0%2E1`,
    `${scid}:2130706433`,
    `${scid}:example.com:..:..:admin`,
    `${scid}:example.com:%2E%2E:admin`,
    `${scid}:example.com:a%2Fb`,
    `${scid}:example.com%3A0`,
    `${scid}:example.com%3A1%3A2`,
    `${scid}::example.com`,
    `${scid}`,
    `${scid.slice(0, -1)}0:example.com`,
    `zQm${scid.slice(2)}:example.com`,
    'example.com',
  ])('K11, SEC-40: %s is refused', (rest) => {
    expect(() => webvhUrl(`did:webvh:${rest}`)).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_DID' }))
  })
})
