/**
 * Whom the tests in Chromium talk to: a server on Node that takes messages by HTTP and over WebSockets, and sends each back that asks for
 * it. It runs beside the browser, since pages cannot listen.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { listenTransport } from '../../node/src/index.ts'
import { mediaType } from './unit/transport/parcels.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    peer: { readonly url: string; readonly webSocketUrl: string; readonly redirectUrl: string }
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const transport = listenTransport({ path: '/didcomm', allowOrigins: 'any', maxFrameBytes: 2_000_000, graceSeconds: 0.1 })
  await transport.start?.(async (received, { socket }) => {
    const envelope = typeof received === 'string' ? received : Buffer.from(received).toString()
    if (envelope.includes('refuse')) return { taken: false, retryAfterSeconds: 7 }
    if (!envelope.includes('back')) return { taken: true }
    if (socket === undefined) return { taken: true, reply: { envelope, mediaType } }
    await socket.send({ envelope, mediaType })
    return { taken: true }
  })
  const redirecting = createServer((request, response) => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'content-type' }
    response.writeHead(request.method === 'OPTIONS' ? 204 : 307, { ...headers, location: transport.url }).end()
  })
  await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve))
  const redirectUrl = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/`
  project.provide('peer', { url: transport.url, webSocketUrl: transport.webSocketUrl, redirectUrl })
  return async () => {
    redirecting.close()
    redirecting.closeAllConnections()
    await transport.stop?.()
  }
}
