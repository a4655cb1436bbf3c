/**
 * What a command works with: the key file and the resolver. It knows no command.
 *
 * @module
 */
import { stat } from 'node:fs/promises'
import { createVettedFetch, type KeyFile, openKeyFile } from '@sealpost/node'
import type { Command } from 'commander'
import { isObject } from 'sealpost/bytes'
import { createResolver, type DidDocument, isDid, jwk, type Keys, key, peer, type Resolver, web } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { memoryKeys } from 'sealpost/keys/memory'
import { readJson } from './input.ts'
import { findPassphrase } from './passphrase.ts'

/** The options that every command has. */
export type CommonOptions = { readonly json?: boolean }
/** The options of commands that use keys. */
export type KeyOptions = CommonOptions & { readonly keys?: string; readonly passphraseFile?: string }

/** Adds `--json`. */
export const withJson = (command: Command): Command =>
  command.option('--json', 'print the result as JSON on stdout, and errors as JSON on stderr')

/** Adds the options of the key file. */
export const withKeys = (command: Command): Command =>
  withJson(
    command
      .option('-k, --keys <file>', 'the key file; without it, the one that SEALPOST_KEYS names')
      .option('--passphrase-file <file>', 'the file with the passphrase; without it, SEALPOST_PASSPHRASE, or it is asked for'),
  )

/** The options of commands that can be given DID documents. */
export type DocumentOptions = KeyOptions & { readonly documents?: string }

/** Adds the option for DID documents. */
export const withDocuments = (command: Command): Command =>
  command.option('--documents <file>', 'DID documents in JSON, one or an array, to use in place of resolving their DIDs')

/** The name of the key file, if one was given. */
const pathOf = ({ keys }: KeyOptions): string | undefined => keys ?? (process.env['SEALPOST_KEYS'] || undefined)

/**
 * Opens the key file.
 *
 * @param create - makes it where there is none
 * @throws {DidcommError} `ERR_USAGE_KEY_FILE`, `ERR_USAGE_PASSPHRASE`.
 */
export async function openKeys(options: KeyOptions, { create = false }: { create?: boolean } = {}): Promise<KeyFile> {
  const path = pathOf(options)
  if (path === undefined) {
    throw new DidcommError('ERR_USAGE_KEY_FILE', 'this needs a key file: name it with --keys or in SEALPOST_KEYS')
  }
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  if (!exists && !create)
    throw new DidcommError('ERR_USAGE_KEY_FILE', `there is no key file at ${path}: make one with \`sealpost did new --keys ${path}\``)
  return openKeyFile(path, { passphrase: await findPassphrase(options.passphraseFile, !exists), create })
}

/** Opens the key file where one was named: what needs no keys can do without. */
export async function openKeysIfNamed(options: KeyOptions, { create = false }: { create?: boolean } = {}): Promise<KeyFile | undefined> {
  return pathOf(options) === undefined ? undefined : openKeys(options, { create })
}

/** A keys port that holds nothing. */
export const noKeys = (): Keys => memoryKeys([])

/**
 * The resolver of the methods that need no service of others but did:web. Own did:peer:4 are known by their short form too.
 *
 * @param documents - a file with DID documents that go before all methods
 */
export async function makeResolver(file?: KeyFile, documents?: string): Promise<Resolver> {
  const resolver = createResolver([key(), jwk(), peer(), web({ fetch: createVettedFetch() })])
  for (const { did } of file?.dids() ?? []) await resolver.resolve(did)
  if (documents === undefined) return resolver
  const given = new Map<string, DidDocument>()
  for (const document of [await readJson(documents)].flat()) {
    if (!isObject(document) || !isDid(document['id'])) {
      throw new DidcommError('ERR_MALFORMED_DID_DOCUMENT', `expected DID documents in ${documents}, found something else`)
    }
    given.set(document['id'], document as DidDocument)
  }
  return {
    async resolve(did) {
      const didDocument = given.get(did)
      return didDocument === undefined ? resolver.resolve(did) : { didDocument, didResolutionMetadata: {}, didDocumentMetadata: {} }
    },
  }
}
