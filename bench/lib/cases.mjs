/**
 * The cases that are measured: `[title, case, environment, payload in bytes]`. A case says what is asked of a packer, in no packer's words.
 *
 * @module
 */
const kib = 1024
const mib = kib ** 2

/** The case that every table starts with. */
export const authcrypt = { mode: 'encrypted', auth: true, enc: 'A256CBC-HS512' }
const anoncrypt = (enc) => ({ mode: 'encrypted', auth: false, enc })

/** Suites by name. */
export const suites = {
  core: [
    ['signed EdDSA 1 KiB', { mode: 'signed', auth: true }, {}, kib],
    ['authcrypt X25519 1 KiB', authcrypt, {}, kib],
    ['anoncrypt XC20P X25519 1 KiB', anoncrypt('XC20P'), {}, kib],
    ['anoncrypt A256GCM X25519 1 KiB', anoncrypt('A256GCM'), {}, kib],
    ['anoncrypt A256CBC-HS512 X25519 1 KiB', anoncrypt('A256CBC-HS512'), {}, kib],
  ],
  nested: [
    ['authcrypt(signed) 1 KiB', { ...authcrypt, sign: true }, {}, kib],
    ['anoncrypt(signed) 1 KiB', { ...anoncrypt('XC20P'), sign: true }, {}, kib],
    ['anoncrypt(authcrypt) 1 KiB', { ...authcrypt, outer: 'XC20P' }, {}, kib],
    ['anoncrypt(authcrypt(signed)) 1 KiB', { ...authcrypt, sign: true, outer: 'XC20P' }, {}, kib],
  ],
  curves: ['P-256', 'P-384', 'P-521'].flatMap((curve) => [
    [`authcrypt ${curve} 1 KiB`, authcrypt, { curve }, kib],
    [`anoncrypt A256GCM ${curve} 1 KiB`, anoncrypt('A256GCM'), { curve }, kib],
  ]),
  recipients: [1, 10, 100, 1000].flatMap((recipients) => [
    [`authcrypt X25519 100 B, ${recipients} recipients`, authcrypt, { recipients }, 100],
    [`anoncrypt A256GCM X25519 100 B, ${recipients} recipients`, anoncrypt('A256GCM'), { recipients }, 100],
  ]),
  sizes: [
    [100, '100 B'],
    [kib, '1 KiB'],
    [64 * kib, '64 KiB'],
    [mib, '1 MiB'],
    [16 * mib, '16 MiB'],
  ].flatMap(([bytes, label]) => [
    [`authcrypt X25519, ${label}`, authcrypt, {}, bytes],
    [`anoncrypt XC20P X25519, ${label}`, anoncrypt('XC20P'), {}, bytes],
    [`anoncrypt A256GCM X25519, ${label}`, anoncrypt('A256GCM'), {}, bytes],
  ]),
  forward: [1, 3].map((mediators) => [
    `forward through ${mediators} mediator${mediators === 1 ? '' : 's'}, authcrypt 1 KiB inside`,
    { mode: 'forward', auth: false, enc: 'XC20P' },
    { mediators },
    kib,
  ]),
}

/** Cases so long that they get fewer samples, and none in a quick run beyond 100 recipients and 1 MiB. */
export const isHeavy = (environment, bytes) => bytes >= mib || (environment.recipients ?? 1) >= 100
export const isHuge = (environment, bytes) => bytes > mib || (environment.recipients ?? 1) > 100
