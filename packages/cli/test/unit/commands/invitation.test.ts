import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { newFolder, person, sealpost } from '../../fixtures/run.ts'

describe('sealpost invitation', () => {
  let cwd = ''
  let did = ''
  beforeAll(async () => {
    cwd = await newFolder()
    did = (await person(cwd, 'bob', { endpoints: ['https://bob.example/didcomm'] })).did
    await writeFile(join(cwd, 'request.json'), '{"id":"r-1","type":"https://example.com/hello/1.0/hello","body":{}}')
  })
  const invite = (...args: readonly string[]) => sealpost(['invitation', ...args], { cwd })

  it('OOB-03, OOB-04, OOB-05, OOB-06, OOB-07: a URL that inspect reads again', async () => {
    const args = [
      '--goal',
      'Chat',
      '--goal-code',
      'org.example.chat',
      '--attach',
      'request.json',
      '--expires-in',
      '3600',
      '--base',
      'https://page.example/path?x=1',
    ]
    const { code, stdout, stderr } = await invite('-k', 'bob.json', ...args)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^https:\/\/page\.example\/path\?x=1&_oob=[\w-]+\n$/)
    const { parts } = JSON.parse((await sealpost(['inspect', stdout.trim(), '--json'])).stdout)
    expect(parts[0].content).toEqual({ goal: 'Chat', goal_code: 'org.example.chat', accept: ['didcomm/v2'] })
    expect(JSON.stringify(parts[0].facts)).toContain(did)
    expect(JSON.stringify(parts[0].parts)).toContain('https://example.com/hello/1.0/hello')
  })

  it('OOB-09: the URL leads to the endpoint of the DID where no page is named; no keys are needed', async () => {
    expect((await invite('--from', did)).stdout).toMatch(/^https:\/\/bob\.example\/didcomm\?_oob=/)
    const { url, invitation } = JSON.parse((await invite('--from', did, '--json')).stdout)
    expect([url.includes('_oob='), invitation.from, invitation.id.length]).toEqual([true, did, 36])
  })

  it.each([
    [[], 2, 'OOB-04'],
    [['--from', 'bob'], 2, 'OOB-04'],
    [['--from', 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'], 2, 'OOB-07'],
    [['--from', 'DID', '--base', 'didcomm://x'], 2, 'OOB-07'],
    [['--from', 'DID', '--expires-in', 'soon'], 2, ''],
    [['--from', 'DID', '--attach', 'missing.json'], 2, ''],
  ])('invitation %j fails with exit code %i and one sentence', async (args, expected, rule) => {
    const { code, stdout, stderr } = await invite(...args.map((word) => (word === 'DID' ? did : word)))
    expect([code, stdout]).toEqual([expected, ''])
    expect(stderr).toMatch(/^sealpost: [^\n]+\n$/)
    expect(stderr).toContain(rule)
  })
})
