import { createSecureContext } from 'node:tls'
import { expect, it } from 'vitest'
import { secureTls } from '../../src/tls.ts'

it('HTTP-06: every suite has ephemeral key exchange and authenticated encryption, and OpenSSL knows them', () => {
  for (const suite of secureTls.ciphers.split(':')) expect(suite).toMatch(/^(TLS_(AES|CHACHA20)_|ECDHE-(ECDSA|RSA)-(.*GCM|CHACHA20))/)
  expect(() => createSecureContext(secureTls)).not.toThrow()
})
