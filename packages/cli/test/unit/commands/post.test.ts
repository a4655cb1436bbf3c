import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newFolder, person, sealpost } from '../../fixtures/run.ts'

describe('sealpost post', () => {
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
    const encrypted = await sealpost(['post', '--text', 'x', '--to', bob, ...args], { cwd })
    expect(encrypted).toEqual({ code: 0, stdout: `delivered to ${url} (200)\n`, stderr: '' })
    const signed = await sealpost(['post', '--text', 'x', '-k', 'bob.json', '--as', 'signed', ...args], { cwd })
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
      ['post', '--text', 'x', '--to', bob, '--endpoint', url, '--allow-http', '--allow-private', '--json'],
      { cwd },
    )
    server.close()
    expect([code, JSON.parse(stderr).error.code]).toEqual([3, expected])
    expect(JSON.parse(stdout)).toEqual([{ to: bob, error: JSON.parse(stderr).error }])
  })

  describe('to several recipients, of whom one cannot be reached', () => {
    let args: string[] = []
    let dids: string[] = []
    let url = ''
    const requests: string[] = []
    const server = createServer((request, response) => {
      requests.push(request.url ?? '')
      response.writeHead(request.url === '/full' ? 413 : 202).end()
    })
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
      const at = (...paths: string[]) => ({ endpoints: paths.map((path) => url + path) })
      dids = [
        (await person(cwd, 'first', at('/full', '/first'))).did,
        (await person(cwd, 'second', at('/full'))).did,
        (await person(cwd, 'third', at('/third'))).did,
      ]
      args = ['post', '--text', 'x', ...dids.flatMap((did) => ['--to', did]), '--allow-http', '--allow-private']
    })
    afterAll(() => server.close())

    it('FLO-01: --json tells of each what became of it, and all are tried', async () => {
      requests.length = 0
      const { code, stdout, stderr } = await sealpost([...args, '--json'], { cwd })
      const tooLarge = { code: 'ERR_DELIVERY_TOO_LARGE', message: expect.stringContaining('413'), rule: 'TRN-03' }
      expect(JSON.parse(stdout)).toEqual([
        { to: dids[0], status: 202, url: `${url}/first`, uri: `${url}/first`, failed: [{ uri: `${url}/full`, error: tooLarge }] },
        { to: dids[1], error: tooLarge },
        { to: dids[2], status: 202, url: `${url}/third`, uri: `${url}/third`, failed: [] },
      ])
      expect([code, requests]).toEqual([3, ['/full', '/first', '/full', '/third']])
      const { error } = JSON.parse(stderr)
      expect(error.code).toBe('ERR_DELIVERY_TOO_LARGE')
      expect(error.message).toMatch(/^delivered to 2 of 3 recipients; not to did:peer:2.*: .*413/)
    })

    it('FLO-01: without it, people read the same', async () => {
      const { code, stdout, stderr } = await sealpost(args, { cwd })
      expect([code, stdout]).toEqual([3, `delivered to ${url}/first (202)\ndelivered to ${url}/third (202)\n`])
      expect(stderr).toMatch(/^sealpost: delivered to 2 of 3 recipients; not to did:peer:2/)
    })
  })
})
