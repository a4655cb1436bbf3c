/**
 * An old engine's WebCrypto.
 *
 * @module
 */

/** A WebCrypto that lacks every curve, and ChaCha20-Poly1305, as an old engine might. */
export function bareCrypto(): Crypto {
  const { crypto } = globalThis
  const lacking = /X25519|Ed25519|ECDH|ECDSA|ChaCha20/
  const subtle = new Proxy(crypto.subtle, {
    get:
      (target, name) =>
      (...inputs: unknown[]) => {
        const asked = inputs.map((input) => (typeof input === 'object' && input !== null && 'name' in input ? input.name : input))
        if (asked.some((input) => typeof input === 'string' && lacking.test(input))) {
          return Promise.reject(new DOMException('no such algorithm', 'NotSupportedError'))
        }
        return (Reflect.get(target, name) as (...inputs: unknown[]) => unknown).apply(target, inputs)
      },
  })
  return { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes), subtle } as unknown as Crypto
}
