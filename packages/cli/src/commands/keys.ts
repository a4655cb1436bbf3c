/**
 * `sealpost keys`: what the key file holds. Private keys go in, and come out by no command.
 *
 * @module
 */
import type { KeyEntry } from '@sealpost/node'
import type { Command } from 'commander'
import { isObject } from 'sealpost/bytes'
import { type Did, type DidUrl, didOf } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { readJson } from '../input.ts'
import { type KeyOptions, openKeys, withKeys } from '../means.ts'
import { print, printJson, style } from '../output.ts'

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('list, import, export and remove keys of the key file')
  withKeys(keys.command('list', { isDefault: true }).description('list the DIDs and keys that are held'))
    .addHelpText('after', '\nExample:\n  sealpost keys list --keys alice.json')
    .action(runList)
  withKeys(
    keys
      .command('import')
      .description('add private keys: a JWK with `kid`, an array of them, or a JWK Set')
      .argument('<file>', 'a JSON file, or - for stdin'),
  )
    .addHelpText('after', '\nExample:\n  sealpost keys import --keys alice.json secrets.json')
    .action(runImport)
  withKeys(
    keys.command('export-public').description('print the public halves as a JWK Set').argument('[kid]', 'a kid or a DID; without it, all'),
  )
    .addHelpText('after', '\nExample:\n  sealpost keys export-public --keys alice.json > public.json')
    .action(runExport)
  withKeys(
    keys.command('remove').description('remove a key, or a DID with all of its keys; nothing brings them back').argument('<kid-or-did>'),
  )
    .addHelpText('after', '\nExample:\n  sealpost keys remove --keys alice.json did:example:old')
    .action(runRemove)
}

async function runList(options: KeyOptions): Promise<void> {
  const file = await openKeys(options)
  const keys = file.list().map((kid) => ({ kid, crv: file.publicKey(kid)?.crv }))
  if (options.json) return printJson({ dids: file.dids(), keys })
  const { bold, dim } = style()
  const owners = [...new Set([...file.dids().map(({ did }) => did), ...keys.map(({ kid }) => didOf(kid))])]
  if (owners.length === 0) return print('no keys')
  for (const owner of owners) {
    print(bold(owner))
    for (const { kid, crv } of keys) if (didOf(kid) === owner) print(`  ${crv?.padEnd(9)} ${dim(kid.slice(owner.length))}`)
  }
}

async function runImport(name: string, options: KeyOptions): Promise<void> {
  const value = await readJson(name)
  const found = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : [value].flat()
  if (found.length === 0) throw new DidcommError('ERR_USAGE_ARGUMENT', `expected private keys in ${name}, found none`)
  const file = await openKeys(options, { create: true })
  await file.add({ keys: found as KeyEntry[] })
  const kids = (found as KeyEntry[]).map(({ kid }) => kid)
  if (options.json) printJson({ imported: kids })
  else for (const kid of kids) print(kid)
}

async function runExport(wanted: string | undefined, options: KeyOptions): Promise<void> {
  const file = await openKeys(options)
  const kids = file.list().filter((kid) => wanted === undefined || kid === wanted || didOf(kid) === wanted)
  if (kids.length === 0) throw new DidcommError('ERR_USAGE_NO_KEY', `the key file holds no key of ${wanted ?? 'anybody'}`)
  const keys = kids.map((kid) => ({ ...file.publicKey(kid), kid }))
  print(options.json ? JSON.stringify({ keys }) : JSON.stringify({ keys }, null, 2))
}

async function runRemove(target: string, options: KeyOptions): Promise<void> {
  const file = await openKeys(options)
  const removed = await file.remove(target as Did | DidUrl)
  if (removed.length === 0) throw new DidcommError('ERR_USAGE_NO_KEY', `the key file holds no key of ${target}`)
  if (options.json) printJson({ removed })
  else for (const kid of removed) print(kid)
}
