/**
 * What is demanded of TLS on both sides. It knows no HTTP.
 *
 * @module
 */

/** HTTP-06: TLS 1.2 or newer, with ephemeral key exchange alone, so that a key that leaks later opens nothing recorded before. */
export const secureTls: { readonly minVersion: 'TLSv1.2'; readonly ciphers: string } = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
}
