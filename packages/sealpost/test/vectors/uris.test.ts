import { expect, it } from 'vitest'
import uris from '../../../../vectors/didcomm-v2.1/uris.json' with { type: 'json' }
import { parseMessageType, parseProtocol } from '../../src/message/type-uri.ts'

it.each(uris.mturi.map((vector) => [vector.uri, vector] as const))('URI-03: %s', (uri, vector) => {
  const type = parseMessageType(uri)
  expect([type.documentUri, type.name, type.message]).toEqual([vector.doc_uri, vector.protocol_name, vector.message_type_name])
  expect(`${type.version.major}.${type.version.minor}`).toBe(vector.version)
})

it.each(uris.piuri.map((vector) => [vector.uri, vector] as const))('URI-01: %s', (uri, vector) => {
  const protocol = parseProtocol(uri)
  expect([protocol.protocol, protocol.documentUri, protocol.name]).toEqual([uri, vector.doc_uri, vector.protocol_name])
  expect(`${protocol.version.major}.${protocol.version.minor}`).toBe(vector.version)
})
