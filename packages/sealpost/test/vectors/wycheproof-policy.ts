/**
 * What we answer to each kind of Wycheproof case, written down before the cases are run. Every case of every file is held to it.
 *
 * valid: taken, with exactly the result that the file states. There is no exception; a high s of ECDSA is one of them (SIG-19).
 *
 * invalid: refused, by a throw or a rejection, or `false` from `verify`. There is no exception.
 *
 * acceptable, where an implementation may choose:
 * - `ZeroSharedSecret` of X25519: refused. RFC 7748, section 6.1, leaves the check open; for us it is a must (CRV-04).
 * - every other case of X25519 (`Twist`, `NonCanonicalPublic`, `SpecialPublicKey`, …): taken, with exactly the stated secret, because
 *   RFC 7748, section 5, defines it: the high bit is masked and the coordinate is reduced.
 * - `ShortKey` of AES Key Wrap (keys of 8 octets): refused. RFC 3394 wraps two blocks of 8 or more, and the profile has none shorter
 *   than 32.
 *
 * Outside of the profile, which has 256-bit keys, and one length of initialization vector and one of tag for each algorithm (CEA-01
 * to CEA-05):
 * - AES Key Wrap and AES-GCM with keys of 128 and 192 bits: refused, whatever the file says.
 * - AES-GCM with an IV that is not of 96 bits, XChaCha20-Poly1305 with a nonce that is not of 192: not given to the primitives, whose
 *   callers check lengths first (CEA-07). The tests of the JWE hold the callers to that.
 * - AES-CBC with PKCS #5 padding stands only inside of A256CBC-HS512: the cases of 256 bits are run with a tag that we compute, so that
 *   nothing but the padding is wrong. The cases of other keys are not reached by anything that we have.
 * - HMAC-SHA-512 stands only inside of A256CBC-HS512 as well, over an input that ends in the length of the AAD, and with keys of 32
 *   octets: of `hmac_sha512_test` no case has both, so that `a256cbc_hs512_test` stands for it.
 * - ChaCha20-Poly1305 stands only inside of XC20P under a derived key: `xchacha20_poly1305_test` stands for it.
 *
 * JOSE (`json_web_*`):
 * - The only serialization of a JWE that we take is JSON, so that the compact ones are written anew in it; the only algorithms are those
 *   of DIDComm. What has other ones, valid or not, is refused: of JWE two cases are left to open, of JWS those of ES256.
 * - `use`, `key_ops` and `alg` of a JWK are not looked at, because a DID document says what a key is for (SIG-11): the two signatures
 *   that such a member alone forbids verify.
 * - Sets of keys are not taken: a key is found by its DID URL.
 * - Base64url is strict (JOSE-04). Two cases that are called valid have a question mark in it, and are refused; two that are called
 *   invalid are character for character a valid one, and decode. All four are of HS256, which is refused anyway.
 *
 * @module
 */

/** The members of a case that decide what is expected of us. */
export type Verdict = { readonly tcId: number; readonly result: string; readonly flags: readonly string[] }

const refusedFlags = ['ZeroSharedSecret', 'ShortKey']

/** Whether the policy takes a case that is inside of the profile. */
export function isTaken({ result, flags }: Verdict): boolean {
  if (result === 'acceptable') return !flags.some((flag) => refusedFlags.includes(flag))
  return result === 'valid'
}

/** Runs what may throw or reject, and answers with hexadecimal digits, or `refused`. */
export async function outcomeOf(run: () => Uint8Array | Promise<Uint8Array>): Promise<string> {
  try {
    return toHex(await run())
  } catch {
    return 'refused'
  }
}

/** The deviations of a file from the policy: for each case what came and what was due. Empty is what a test expects. */
export async function deviations<Case extends Verdict>(
  cases: readonly Case[],
  run: (testCase: Case) => Promise<string>,
  expected: (testCase: Case) => string,
): Promise<string[]> {
  const found: string[] = []
  for (const testCase of cases) {
    const due = isTaken(testCase) ? expected(testCase) : 'refused'
    const came = await run(testCase)
    if (came !== due) found.push(`tcId ${testCase.tcId} [${testCase.flags.join(', ')}]: expected ${due}, came ${came}`)
  }
  return found
}

export const toHex = (bytes: Uint8Array): string => Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('')

export const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))

/** Octets as the port takes AAD: a character each. */
export const asCharacters = (bytes: Uint8Array): string => String.fromCharCode(...bytes)
