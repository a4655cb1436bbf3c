import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openKeyFile } from '@sealpost/node'
import { beforeAll, describe, expect, it } from 'vitest'
import recipientDocument from '../../../../../vectors/didcomm-v2.1/diddoc-recipient.json' with { type: 'json' }
import senderDocument from '../../../../../vectors/didcomm-v2.1/diddoc-sender.json' with { type: 'json' }
import threeLayers from '../../../../../vectors/didcomm-v2.1/encrypted-anoncrypt-authcrypt-signed-p521.json' with { type: 'json' }
import authcrypt from '../../../../../vectors/didcomm-v2.1/encrypted-authcrypt-x25519-a256cbc-hs512.json' with { type: 'json' }
import secrets from '../../../../../vectors/didcomm-v2.1/secrets-recipient.json' with { type: 'json' }
import signed from '../../../../../vectors/didcomm-v2.1/signed-es256k.json' with { type: 'json' }
import { newFolder, passphrase, sealpost } from '../../fixtures/run.ts'

describe('sealpost unpack', () => {
  let cwd = ''
  beforeAll(async () => {
    cwd = await newFolder()
    const file = await openKeyFile(join(cwd, 'bob.json'), { passphrase, create: true, work: 2 ** 14 })
    await file.add({ keys: secrets as never })
    await writeFile(join(cwd, 'documents.json'), JSON.stringify([senderDocument, recipientDocument]))
    await writeFile(join(cwd, 'one.json'), JSON.stringify(senderDocument))
  })
  const unpack = (envelope: unknown, ...args: readonly string[]) =>
    sealpost(['unpack', '--json', ...args], { cwd, stdin: typeof envelope === 'string' ? envelope : JSON.stringify(envelope) })

  it('the envelopes of the specification open with the DID documents of the specification', async () => {
    const { code, stdout } = await unpack(authcrypt, '-k', 'bob.json', '--documents', 'documents.json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).proof.sender).toEqual({ did: 'did:example:alice', kid: 'did:example:alice#key-x25519-1' })
  })

  it('MED-16: three layers open by default, and not with --strict', async () => {
    expect((await unpack(threeLayers, '-k', 'bob.json', '--documents', 'documents.json')).code).toBe(0)
    const strict = await unpack(threeLayers, '-k', 'bob.json', '--documents', 'documents.json', '--strict')
    expect([strict.code, JSON.parse(strict.stderr).error.rule]).toEqual([1, 'MED-16'])
  })

  it('SIG-20: a signed message needs no keys, and its signature is kept as evidence', async () => {
    const { stdout } = await unpack(signed, '--documents', 'one.json')
    expect(JSON.parse(stdout).proof.signature.jws).toEqual(signed)
  })

  it.each([
    ['', 1],
    ['{', 1],
    ['[]', 1],
    ['{"ciphertext":1}', 1],
    [authcrypt, 1],
    [signed, 5], // its signer's DID is of a method that nobody here resolves
    ['\u0000\u0001', 1],
  ])('JOSE-07: what cannot be opened is refused with its exit code and JSON on stderr: %#', async (envelope, expected) => {
    const { code, stdout, stderr } = await unpack(envelope)
    expect([code, stdout]).toEqual([expected, ''])
    expect(JSON.parse(stderr).error).toMatchObject({ code: expect.stringMatching(/^ERR_/), message: expect.any(String) })
  })

  it('JOSE-07: where no keys were given, that is said', async () => {
    const { stderr } = await unpack(authcrypt)
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'ERR_TRUST_NOT_FOR_US', message: expect.stringContaining('--keys') })
  })

  it('JOSE-05: more than 10 MiB is refused before it is parsed', async () => {
    const { code, stderr } = await unpack('x'.repeat(10 * 1024 * 1024 + 1))
    expect([code, JSON.parse(stderr).error.rule]).toEqual([1, 'JOSE-05'])
  })

  it('documents that are none are refused', async () => {
    await writeFile(join(cwd, 'bad.json'), '[{"id":"x"}]')
    expect((await unpack(signed, '--documents', 'bad.json')).code).toBe(1)
    expect((await unpack(signed, '--documents', 'missing.json')).code).toBe(2)
  })
})
