/**
 * Private keys in hardware: a store of keys over PKCS#11.
 *
 * @module
 */
export { openPkcs11Keys, type Pkcs11Options } from './keys.ts'
