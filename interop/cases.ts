/**
 * What is exchanged: every wrapping, content encryption, curve, signature algorithm, a rotation, and four routes.
 *
 * @module
 */
import type { Enc, Wrapping } from './driver.ts'
import type { Curve } from './identities.ts'

export type Case = {
  readonly name: string
  /** The requirements that it shows. */
  readonly rules: string
  readonly wrapping: Wrapping
  /** The curve for key agreement; all of them where it is left out. */
  readonly curve?: Curve
  readonly enc?: Enc
  /** The fragment of Alice's key that signs. */
  readonly signer?: 'key-1' | 'key-2' | 'key-3'
  readonly rotation?: true
  readonly route?: 'one hop' | 'two hops' | 'DID as endpoint' | 'DID as endpoint, and a routing key'
  /** Whether the message has a header that nobody knows. */
  readonly unknownHeader?: true
  readonly attachment?: true
  /** How often it is done, where what comes out differs from time to time. */
  readonly times?: number
}

export const cases: readonly Case[] = [
  { name: 'authcrypt X25519', rules: 'CRV-01, ENC-06, 1PU-04', wrapping: 'authcrypt', curve: 'X25519' },
  { name: 'authcrypt P-256', rules: 'CRV-01, KWA-05', wrapping: 'authcrypt', curve: 'P-256' },
  { name: 'authcrypt P-384', rules: 'CRV-01, KWA-06', wrapping: 'authcrypt', curve: 'P-384' },
  { name: 'authcrypt P-521', rules: 'CRV-02, CRV-06', wrapping: 'authcrypt', curve: 'P-521' },
  { name: 'authcrypt, documents with all curves', rules: 'ENC-03, KID-02', wrapping: 'authcrypt' },
  { name: 'anoncrypt A256CBC-HS512', rules: 'ENC-07, CEA-01', wrapping: 'anoncrypt', curve: 'X25519', enc: 'A256CBC-HS512' },
  { name: 'anoncrypt A256GCM', rules: 'ENC-07, CEA-02', wrapping: 'anoncrypt', curve: 'X25519', enc: 'A256GCM' },
  { name: 'anoncrypt XC20P', rules: 'ENC-07, CEA-03', wrapping: 'anoncrypt', curve: 'X25519', enc: 'XC20P' },
  { name: 'anoncrypt A256CBC-HS512 P-256', rules: 'CRV-01, ES-02', wrapping: 'anoncrypt', curve: 'P-256', enc: 'A256CBC-HS512' },
  { name: 'anoncrypt A256CBC-HS512 P-384', rules: 'CRV-01, KWA-04', wrapping: 'anoncrypt', curve: 'P-384', enc: 'A256CBC-HS512' },
  { name: 'anoncrypt A256GCM P-521', rules: 'CRV-02, CEA-02', wrapping: 'anoncrypt', curve: 'P-521', enc: 'A256GCM' },
  { name: 'signed EdDSA', rules: 'SIG-02, SIG-09', wrapping: 'signed', signer: 'key-1' },
  { name: 'signed ES256', rules: 'SIG-02, SIG-16', wrapping: 'signed', signer: 'key-2' },
  // Half of all signatures have a high S where nobody lowers it, and didcomm-rust refuses those.
  { name: 'signed ES256K', rules: 'SIG-02, SIG-19', wrapping: 'signed', signer: 'key-3', times: 16 },
  { name: 'anoncrypt(signed)', rules: 'SIG-01, MED-12', wrapping: 'anoncrypt(signed)', curve: 'X25519', signer: 'key-1' },
  { name: 'authcrypt(signed)', rules: 'SIG-01, MED-12', wrapping: 'authcrypt(signed)', curve: 'X25519', signer: 'key-2' },
  { name: 'anoncrypt(authcrypt)', rules: 'PSI-01, MED-12', wrapping: 'anoncrypt(authcrypt)', curve: 'X25519' },
  { name: 'a header that nobody knows', rules: 'HDR-22', wrapping: 'authcrypt', curve: 'X25519', unknownHeader: true },
  { name: 'an attachment', rules: 'ATT-02, ATT-05', wrapping: 'authcrypt', curve: 'X25519', attachment: true },
  { name: 'from_prior', rules: 'ROT-02, ROT-03', wrapping: 'authcrypt', curve: 'X25519', rotation: true },
  { name: 'forward, one hop', rules: 'SND-03, FWD-09', wrapping: 'authcrypt', curve: 'X25519', route: 'one hop' },
  { name: 'forward, two hops', rules: 'SND-02, SND-03', wrapping: 'authcrypt', curve: 'X25519', route: 'two hops' },
  { name: 'forward, DID as endpoint', rules: 'DEP-01, DEP-02', wrapping: 'authcrypt', curve: 'X25519', route: 'DID as endpoint' },
  {
    name: 'forward, DID as endpoint, and a routing key',
    rules: 'DEP-02, SND-02',
    wrapping: 'authcrypt',
    curve: 'X25519',
    route: 'DID as endpoint, and a routing key',
  },
]
