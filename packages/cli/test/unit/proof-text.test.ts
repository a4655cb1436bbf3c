import type { Proof } from 'sealpost/envelope'
import { expect, it } from 'vitest'
import { describeProof } from '../../src/proof-text.ts'

const nothing: Proof = { layers: [], encrypted: false, expired: false, warnings: [], evidence: [] }
const alice = { did: 'did:example:alice', kid: 'did:example:alice#1' } as const
const bob = { did: 'did:example:bob', kid: 'did:example:bob#1' } as const

it('SEC-06: a plaintext message proves nothing', () => {
  expect(describeProof(nothing)).toEqual(['From nobody that is proved (plaintext).', 'It was not encrypted: others may have read it.'])
})

it('ADR-01, ROT-18, HDR-18, HDR-07: sender, key, rotation, expiry and warnings are told', () => {
  const proof: Proof = {
    ...nothing,
    layers: ['anoncrypt', 'authcrypt'],
    encrypted: true,
    sender: alice,
    recipient: bob,
    rotation: { prior: 'did:example:old', issuedAt: 1 },
    expired: true,
    warnings: [{ rule: 'HDR-07', message: 'you are not in `to`' }],
  }
  expect(describeProof(proof)).toEqual([
    'From did:example:alice, proved by authenticated encryption (anoncrypt around authcrypt).',
    'Opened with did:example:bob#1.',
    'did:example:old ends the relationship.',
    'It has expired (HDR-18).',
    'Warning: you are not in `to` (HDR-07).',
  ])
  expect(describeProof({ ...proof, rotation: { prior: 'did:example:old', next: alice.did, issuedAt: 1 } })).toContain(
    'did:example:old is did:example:alice from now on.',
  )
})
