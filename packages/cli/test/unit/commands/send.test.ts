import { createServer } from 'node:http'
import { beforeAll, describe, expect, it } from 'vitest'
import { newFolder, person, sealpost } from '../../fixtures/run.ts'

describe('sealpost send', () => {
  let cwd = ''
  let bob = ''
  beforeAll(async () => {
    cwd = await newFolder()
    bob = (await person(cwd, 'bob')).did
  })

  it('HTTP-02: --endpoint names where to deliver, and the media type is that of the message', async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['content-type']}`)
      response.writeHead(200).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/in`
    const args = ['--endpoint', url, '--allow-http', '--allow-private']
    const encrypted = await sealpost(['send', '--text', 'x', '--to', bob, ...args], { cwd })
    expect(encrypted).toEqual({ code: 0, stdout: `delivered to ${url} (200)\n`, stderr: '' })
    const signed = await sealpost(['send', '--text', 'x', '-k', 'bob.json', '--as', 'signed', ...args], { cwd })
    expect(signed.code).toBe(0)
    server.close()
    expect(seen).toEqual(['POST /in application/didcomm-encrypted+json', 'POST /in application/didcomm-signed+json'])
  })

  it.each([
    [413, 'ERR_DELIVERY_TOO_LARGE'],
    [302, 'ERR_DELIVERY_REFUSED'],
    [503, 'ERR_DELIVERY_UNAVAILABLE'],
  ])('TRN-03, HTTP-05: %i is told as %s, with exit code 3', async (status, expected) => {
    const server = createServer((_, response) => void response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`
    const { code, stdout, stderr } = await sealpost(
      ['send', '--text', 'x', '--to', bob, '--endpoint', url, '--allow-http', '--allow-private', '--json'],
      { cwd },
    )
    server.close()
    expect([code, stdout, JSON.parse(stderr).error.code]).toEqual([3, '', expected])
  })
})
