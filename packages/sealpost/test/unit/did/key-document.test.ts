/**
 * Documents of DIDs that are keys.
 *
 * @module
 */
import { expect, it } from 'vitest'
import { documentOfKey } from '../../../src/did/key-document.ts'

it('G-45: an Ed25519 key gives signatures, and an X25519 key for encryption', () => {
  const multikey = 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'
  const { authentication, keyAgreement } = documentOfKey('did:example:a', multikey)
  expect(authentication).toEqual([`did:example:a#${multikey}`])
  expect(keyAgreement).toMatchObject([{ id: 'did:example:a#z6LSj72tK8brWgZja8NLRwPigth2T9QRiG1uH9oKZuKjdh9p' }])
})

it('DOC-05, JOSE-05: what is no key, in no base58, or too long, is no DID', () => {
  for (const multikey of ['', 'z', 'uAA', `z${'6'.repeat(5000)}`, 'z6LS']) {
    expect(() => documentOfKey('did:example:a', multikey), multikey).toThrowError(expect.objectContaining({ code: 'ERR_MALFORMED_DID' }))
  }
})
