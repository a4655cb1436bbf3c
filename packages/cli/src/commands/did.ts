/**
 * `sealpost did`: makes DIDs and resolves them.
 *
 * @module
 */
import { type Command, Option } from 'commander'
import { didOf, documentOf, endpointsOf, isDid, isDidUrl, keysOf, type MethodKey } from 'sealpost/did'
import { DidcommError } from 'sealpost/errors'
import { type Curve, curves } from 'sealpost/jose'
import { createIdentity, didMethods, type IdentityOptions, type MethodName } from '../identity.ts'
import { type CommonOptions, type KeyOptions, makeResolver, openKeys, withJson, withKeys } from '../means.ts'
import { print, printJson, safe, style } from '../output.ts'

type NewOptions = KeyOptions & {
  readonly method: MethodName
  readonly curve?: Curve
  readonly signing?: Curve
  readonly endpoint?: readonly string[]
  readonly routingKey?: readonly string[]
}

/** Collects an option that may be given several times. */
const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

export function addDid(program: Command): void {
  const did = program.command('did').description('make and resolve DIDs')
  const making = did
    .command('new')
    .description('make a DID, and keep its private keys in the key file (made if it is not there)')
    .addOption(
      new Option('-m, --method <method>', 'how the DID is made; every implementation reads peer:2').choices(didMethods).default('peer:2'),
    )
    .addOption(new Option('-c, --curve <curve>', 'of the key for encryption, or the only key').choices(Object.keys(curves)))
    .addOption(new Option('--signing <curve>', 'of the key for signatures').choices(['Ed25519', 'P-256', 'secp256k1']))
    .option('-e, --endpoint <url>', 'where messages can be brought: a URL, or the DID of a mediator (can be repeated)', collect)
    .option('--routing-key <did-url>', 'a key of a mediator to wrap for, the first to receive first (can be repeated)', collect)
    .addHelpText('after', '\nExample:\n  sealpost did new --keys alice.json --endpoint https://example.com/didcomm')
  withKeys(making).action(runNew)

  const resolving = did
    .command('resolve')
    .description('print the document of a DID: did:key, did:jwk, did:peer, did:web')
    .argument('<did>', 'the DID, or a DID URL')
    .addHelpText('after', '\nExample:\n  sealpost did resolve did:web:example.com --json')
  withJson(resolving).action(runResolve)
}

async function runNew(options: NewOptions): Promise<void> {
  const { method, curve, signing, endpoint, routingKey } = options
  const asked: IdentityOptions = {
    method,
    ...(curve !== undefined && { curve }),
    ...(signing !== undefined && { signing }),
    ...(endpoint !== undefined && { endpoints: endpoint.map(checkEndpoint) }),
    ...(routingKey !== undefined && { routingKeys: routingKey }),
  }
  // Made first: a slip on the command line must not leave an empty key file.
  const { keys, stored, document } = await createIdentity(asked, await makeResolver(), Math.floor(Date.now() / 1000))
  const file = await openKeys(options, { create: true })
  await file.add({ keys, dids: [stored] })
  const { did, shortForm } = stored
  if (options.json) printJson({ did, ...(shortForm !== undefined && { shortForm }), kids: keys.map(({ kid }) => kid), document })
  // The DID alone, so that a script can take it: did=$(sealpost did new …)
  else print(did)
}

function checkEndpoint(uri: string): string {
  if (isDid(uri) || URL.canParse(uri)) return uri
  throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a URL or a DID as endpoint, found ${JSON.stringify(uri)}`, { rule: 'SVC-08' })
}

async function runResolve(did: string, options: CommonOptions): Promise<void> {
  if (!isDidUrl(did)) throw new DidcommError('ERR_USAGE_ARGUMENT', `expected a DID, found ${JSON.stringify(did.slice(0, 80))}`)
  const document = await documentOf(await makeResolver(), didOf(did))
  if (options.json) return printJson(document)
  const { bold, dim } = style()
  const lines = [bold(document.id)]
  const list = (title: string, items: readonly string[]): void => {
    lines.push(dim(title), ...(items.length === 0 ? ['  none'] : items.map((item) => `  ${safe(item)}`)))
  }
  const name = ({ kid, jwk }: MethodKey): string =>
    `${jwk.crv.padEnd(9)} ${kid.startsWith(document.id) ? kid.slice(document.id.length) : kid}`
  list('keys for encryption', keysOf(document, 'keyAgreement').map(name))
  list('keys for signatures', keysOf(document, 'authentication').map(name))
  list(
    'endpoints',
    endpointsOf(document).map(({ uri, routingKeys }) => [uri, ...routingKeys.map((key) => `wrapped for ${key}`)].join('  ')),
  )
  print(lines.join('\n'))
}
