/**
 * Texts that two parsers could read in two ways (the adversarial cases J01 to J23), in each place where we read one: the envelope, its
 * protected header, what is encrypted, what is signed. J18 is in `vectors/json-test-suite.test.ts`. J23, the same envelope written
 * anew, is a duplicate by its message id: that is for the agent, which remembers ids, to see.
 */
import { describe, expect, it } from 'vitest'
import { decodeBase64url, encodeBase64url } from '../../src/bytes/base64url.ts'
import { encodeUtf8 } from '../../src/bytes/utf8.ts'
import { pack } from '../../src/envelope/index.ts'
import { attachmentContent } from '../../src/message/index.ts'
import { alice, bob, everybody, hello } from '../parties.ts'
import { concat, forgeJwe, forgeJws } from './forge.ts'
import { outcome, outcomeOf, receive } from './outcome.ts'

const aliceX = alice.key('agree-x25519-1')
const auth = { plaintext: hello(), recipients: [bob.method('agree-x25519-1')], sender: { kid: aliceX.kid, jwk: aliceX } }
const encrypted = async (plaintext: string | Uint8Array): Promise<object> => (await forgeJwe({ ...auth, plaintext })).envelope
const signed = (payload: string | Uint8Array): Promise<object> => forgeJws({ payload, by: alice.key('sign-ed25519-1'), alg: 'EdDSA' })
const plain = { policy: { wrappings: ['plaintext'] } } as const

/** What comes of a text as plaintext, signed and encrypted: the same each time. */
async function everywhere(text: string | Uint8Array): Promise<string> {
  const outcomes = [await outcome(text, plain), await outcome(await signed(text)), await outcome(await encrypted(text))]
  expect(new Set(outcomes).size).toBe(1)
  return outcomes[0] as string
}

const withBody = (body: string): string => JSON.stringify(hello()).replace(/"body":\{[^}]*\}/, `"body":${body}`)
const malformed = 'ERR_MALFORMED_JSON PLN-02'

describe('members', () => {
  it('J01, PLN-02: `protected` twice', async () => {
    const { envelope } = await forgeJwe(auth)
    const text = JSON.stringify(envelope)
    expect(await outcome(text)).toBe('taken')
    expect(await outcome(text.replace('{', `{"protected":${JSON.stringify(envelope.protected)},`))).toBe(malformed)
    expect(await outcome(text.replace('{', '{"protected":"e30",'))).toBe(malformed)
  })

  it('J02, PLN-02: `alg` twice in a protected header, once behind an escape', async () => {
    for (const name of ['alg', '\\u0061lg', 'a\\u006cg', '\\u0061\\u006C\\u0067']) {
      const { envelope } = await forgeJwe({ ...auth, headerText: (text) => text.replace('{', `{"${name}":"ECDH-1PU+A256KW",`) })
      expect(await outcome(envelope)).toBe(malformed)
      const jws = await forgeJws({
        payload: hello(),
        by: alice.key('sign-ed25519-1'),
        alg: 'EdDSA',
        headerText: (text) => text.replace('{', `{"${name}":"EdDSA",`),
      })
      expect(await outcome(jws)).toBe(malformed)
    }
  })

  it('J03, PLN-02: `from` twice, of which JSON.parse would keep the last', async () => {
    expect(await everywhere(JSON.stringify(hello()).replace('"from"', `"from":"did:example:mallory","from"`))).toBe(malformed)
    expect(await everywhere(JSON.stringify(hello()).replace('}}', `},"fro\\u006d":"did:example:alice"}`))).toBe(malformed)
  })

  it('J04, PLN-02: `__proto__`, in the message, its body, an attachment, the envelope, its headers', async () => {
    const proto = '{"__proto__":{"isAdmin":true}}'
    expect(await everywhere(withBody(proto))).toBe(malformed)
    expect(await everywhere(withBody(`{"deep":[${proto}]}`))).toBe(malformed)
    expect(await everywhere(JSON.stringify(hello()).replace('{', '{"__proto__":{"isAdmin":true},'))).toBe(malformed)
    expect(
      await everywhere(JSON.stringify(hello({ attachments: [{ data: { json: 1 } }] })).replace('{"json":1}', `{"json":${proto}}`)),
    ).toBe(malformed)
    expect(await everywhere(withBody(proto.replace('__proto__', '\\u005f_proto__')))).toBe(malformed)
    const { envelope } = await forgeJwe({ ...auth, headerText: (text) => text.replace('{', '{"__proto__":{"crit":["x"]},') })
    expect(await outcome(envelope)).toBe(malformed)
    const text = JSON.stringify((await forgeJwe(auth)).envelope)
    expect(await outcome(text.replace('{', '{"__proto__":{"aad":"AA"},'))).toBe(malformed)
    // An object that a program built, with a prototype of its own choice.
    const inherited = Object.create({ ciphertext: 'AA', protected: 'AA' }) as object
    expect(await outcome(inherited, plain)).toMatch(/^ERR_MALFORMED/)
    expect((Object.create(null) as Record<string, unknown>)['isAdmin']).toBeUndefined()
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('J05, HDR-22: names that every object has are data', async () => {
    const body = { constructor: 1, prototype: { a: 1 }, toString: 'x', hasOwnProperty: null, valueOf: [] }
    const text = JSON.stringify({ ...hello({ body }), constructor: 'header', toJSON: 'header' })
    expect(await everywhere(text)).toBe('taken')
    expect((await receive(await encrypted(text))).message).toEqual(JSON.parse(text))
  })
})

describe('depth and size', () => {
  it('J06, JOSE-05: a hundred thousand nested arrays end soon', async () => {
    const text = withBody(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
    const start = performance.now()
    expect(await outcome(text, plain)).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(performance.now() - start).toBeLessThan(250)
    expect(await everywhere(text)).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(await everywhere(withBody(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  })

  it('J07, JOSE-05: 64 levels are taken, 65 are not', async () => {
    // The message and its body are two levels.
    const nested = (levels: number): string => withBody(`{"a":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}`)
    expect(await everywhere(nested(64))).toBe('taken')
    expect(await everywhere(nested(65))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  })

  it('J08, JOSE-05: levels that are hidden in a protected header', async () => {
    const deep = (levels: number) => (text: string) => text.replace('{', `{"x":${'['.repeat(levels)}${']'.repeat(levels)},`)
    expect(await outcome((await forgeJwe({ ...auth, headerText: deep(63) })).envelope)).toBe('taken')
    expect(await outcome((await forgeJwe({ ...auth, headerText: deep(64) })).envelope)).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(await outcome((await forgeJwe({ ...auth, headerText: deep(10_000) })).envelope)).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    const by = alice.key('sign-ed25519-1')
    expect(await outcome(await forgeJws({ payload: hello(), by, alg: 'EdDSA', headerText: deep(64) }))).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  })

  it('JOSE-05: sizes are held before anything is parsed', async () => {
    const policy = { limits: { maxBytes: 1000, maxHeaderBytes: 300 } }
    expect(await outcome(' '.repeat(1001), { policy })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(await outcome(new Uint8Array(1001), { policy })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    expect(await outcome({ a: 'x'.repeat(1000) }, { policy })).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    const padded = (pad: string) => (header: Record<string, unknown>) => ({ ...header, pad })
    const { envelope } = await forgeJwe({ ...auth, header: padded('x'.repeat(40_000)) })
    expect(await outcome(envelope)).toBe('ERR_MALFORMED_LIMIT JOSE-05')
    const jws = await forgeJws({ payload: hello(), by: alice.key('sign-ed25519-1'), alg: 'EdDSA', header: padded('x'.repeat(40_000)) })
    expect(await outcome(jws)).toBe('ERR_MALFORMED_LIMIT JOSE-05')
  })
})

describe('text', () => {
  it('J09, J10, PLN-02: a byte order mark, octets that are not UTF-8, overlong forms, UTF-16', async () => {
    const text = JSON.stringify(hello())
    expect(await everywhere(concat(Uint8Array.of(0xef, 0xbb, 0xbf), encodeUtf8(text)))).toBe(malformed)
    expect(await outcome(`\ufeff${text}`, plain)).toBe(malformed)
    const inBody = (...octets: number[]): Uint8Array => {
      const [before = '', after = ''] = text.split('hello"}')
      return concat(encodeUtf8(before), Uint8Array.from(octets), encodeUtf8(`"}${after}`))
    }
    for (const octets of [
      [0xff],
      [0xc3],
      [0xc0, 0x80],
      [0xe0, 0x80, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf8, 0x88, 0x80, 0x80, 0x80],
    ])
      expect(await everywhere(inBody(...octets))).toBe('ERR_MALFORMED_ENCODING PLN-02')
    expect(await everywhere(inBody(0xf0, 0x9f, 0x98, 0x80))).toBe('taken')
    // A replacement character that was sent is text like any other.
    expect(await everywhere(inBody(0xef, 0xbf, 0xbd))).toBe('taken')
    const utf16 = [...text].flatMap((character) => [character.charCodeAt(0), 0])
    expect(await everywhere(Uint8Array.from(utf16))).toMatch(/^ERR_MALFORMED/)
    expect(await everywhere(concat(Uint8Array.of(0xff, 0xfe), Uint8Array.from(utf16)))).toMatch(/^ERR_MALFORMED/)
  })

  it('J11, PLN-02: lone surrogates, which would be other octets when written again', async () => {
    for (const written of ['\\ud800', '\\udc00', '\\udc00\\ud800', '\\uD83D', 'a\\ud83dz'])
      for (const text of [withBody(`{"a":"${written}"}`), withBody(`{"${written}":1}`), JSON.stringify(hello()).replace('b8a2', written)])
        expect(await everywhere(text)).toBe(malformed)
    expect(await everywhere(withBody('{"a":"\\ud83d\\ude00"}'))).toBe('taken')
    expect(await outcome(withBody('{"a":"\ud800"}'), plain)).toBe(malformed)
    // And none is sent.
    expect(await outcomeOf(pack(hello({ body: { a: '\ud800' } }), { keys: alice.keys, resolver: everybody }))).toBe(malformed)
  })

  it.each(['1e400', '-1e400', '-0', '1.5', '"123"', '9007199254740993', '-1', 'null', 'true', '[1]'])(
    'J12, HDR-16, HDR-17, PLN-02: a time as %s',
    async (time) => {
      for (const header of ['created_time', 'expires_time'])
        expect(await everywhere(JSON.stringify(hello()).replace('{', `{"${header}":${time},`))).toMatch(/^ERR_MALFORMED_(MESSAGE|JSON)/)
    },
  )

  it('J13, PLN-01: anything after the message, two of them, or another value than an object', async () => {
    const text = JSON.stringify(hello())
    for (const wrong of [
      `${text}x`,
      `${text}${text}`,
      `${text},`,
      `${text}}`,
      `[${text}]`,
      JSON.stringify(text),
      '7',
      'null',
      '',
      ' ',
      `${text}\0`,
    ])
      expect(await everywhere(wrong)).toMatch(/^ERR_MALFORMED_(MESSAGE|JSON)/)
  })

  it('J14, PLN-02: white space around the message, as padding is', async () => {
    const text = JSON.stringify(hello())
    expect(await everywhere(`${text}${' '.repeat(5000)}\n\r\t`)).toBe('taken')
    expect(await everywhere(`\n ${text}`)).toBe('taken')
    expect(await everywhere(`${text}\u00a0`)).toBe(malformed)
    expect(await everywhere(`${text}\f`)).toBe(malformed)
  })

  it('J15, THR-02, HDR-05, HDR-10: control characters in ids and DIDs', async () => {
    for (const bad of ['a\0b', 'a\nb', 'a\u202eb', 'a b', 'a/b', ''])
      for (const header of ['id', 'thid', 'pthid'])
        expect(await everywhere(JSON.stringify(hello({ [header]: bad })))).toMatch(/^ERR_MALFORMED_MESSAGE/)
    for (const bad of ['did:example:a\0', 'did:example:a\n', 'did:example:\u202ea'])
      for (const change of [{ from: bad }, { to: [bad] }])
        expect(await everywhere(JSON.stringify(hello(change)))).toMatch(/^ERR_MALFORMED_MESSAGE/)
  })

  it('J16, HDR-22: text of all kinds comes back as it was, to the octet', async () => {
    const texts = [
      '😀👩‍👩‍👧‍👦',
      'e\u0301\u0302\u0303',
      '\u202eRTL שלום',
      '\u0000\u0001\u001f',
      '\ufffd\ufeff',
      `e${'\u0301'.repeat(500_000)}`,
      '\u2028\u2029',
    ]
    for (const text of texts) {
      const [packed] = await pack(hello({ body: { text } }), { keys: alice.keys, resolver: everybody })
      expect((await receive(packed?.envelope ?? '')).message.body?.['text'] === text).toBe(true)
    }
  })

  it('J17, ADR-07: DIDs that differ in case or escapes are different', async () => {
    for (const from of ['did:example:Alice', 'did:example:%61lice', 'did:example:alice%20', 'did:exampl3:alice']) {
      expect(await outcome(await encrypted(JSON.stringify(hello({ from }))))).toBe('ERR_TRUST_ADDRESSING ADR-01')
      expect(await outcome(await signed(JSON.stringify(hello({ from }))))).toBe('ERR_TRUST_ADDRESSING ADR-03')
    }
    expect(await outcome(await encrypted(JSON.stringify(hello({ from: 'did:example:ali\u0301ce' }))))).toMatch(/^ERR_MALFORMED_MESSAGE/)
    expect((await receive(await encrypted(JSON.stringify(hello({ to: ['did:example:BOB'] }))))).proof.warnings[0]?.rule).toBe('HDR-07')
  })
})

describe('base64url', () => {
  const members = ['protected', 'iv', 'ciphertext', 'tag'] as const

  it('J19, J20, J21, JOSE-04, SEC-03: padding, white space, other alphabets, stray bits, impossible lengths, in each member', async () => {
    const { envelope } = await forgeJwe(auth)
    const [recipient] = envelope.recipients
    const jws = (await signed(JSON.stringify(hello()))) as {
      payload: string
      signatures: { protected: string; signature: string; header: object }[]
    }
    const bad = (text: string): readonly string[] => [
      `${text}=`,
      `${text}==`,
      ` ${text}`,
      `${text}\n`,
      `${text}!`,
      `+${text.slice(1)}`,
      `/${text.slice(1)}`,
      `${text}A`.slice(0, 4 * Math.floor(text.length / 4) + 1),
      `${text.slice(0, -1)}\u0141`,
      `${text.slice(0, 2)}.${text.slice(3)}`,
      `${text}\0`,
    ]
    for (const member of members)
      for (const text of bad(envelope[member]))
        expect([member, text, await outcome({ ...envelope, [member]: text })]).not.toContain('taken')
    for (const text of bad(recipient?.encrypted_key ?? ''))
      expect(await outcome({ ...envelope, recipients: [{ ...recipient, encrypted_key: text }] })).not.toBe('taken')
    for (const text of bad(jws.payload)) expect(await outcome({ ...jws, payload: text })).not.toBe('taken')
    const [signature] = jws.signatures
    for (const member of ['protected', 'signature'] as const)
      for (const text of bad(signature?.[member] ?? ''))
        expect(await outcome({ ...jws, signatures: [{ ...signature, [member]: text }] })).not.toBe('taken')
  })

  it('J20, JOSE-04: unused bits that are not zero are another spelling of the same octets', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const { envelope } = await forgeJwe(auth)
    // 16 octets of iv end in two characters with four bits over.
    const last = alphabet.indexOf(envelope.iv.at(-1) ?? '')
    for (const stray of [1, 5, 15])
      expect(await outcome({ ...envelope, iv: envelope.iv.slice(0, -1) + alphabet.charAt(last | stray) })).toBe(
        'ERR_MALFORMED_ENCODING JOSE-04',
      )
    expect(decodeBase64url('YWI')).toEqual(encodeUtf8('ab'))
    for (const text of ['YWJ', 'YR', 'Y', 'YWI=', 'YW I'])
      expect(await outcomeOf(() => decodeBase64url(text))).toBe('ERR_MALFORMED_ENCODING JOSE-04')
  })

  it('J22, ATT-09, G-28: attachments may have any base64', async () => {
    const content = Uint8Array.of(0xfb, 0xff, 0xbf, 0x3e)
    for (const base64 of ['-_-_Pg', '+/+/Pg==', '+/+/Pg', '-_-_Pg==']) {
      const { message } = await receive(await encrypted(JSON.stringify(hello({ attachments: [{ data: { base64 } }] }))))
      const [attachment] = message.attachments ?? []
      const read = attachment && attachmentContent(attachment)
      expect(read?.kind === 'bytes' && [...read.bytes]).toEqual([...content])
    }
    expect(encodeBase64url(content)).toBe('-_-_Pg')
  })
})
