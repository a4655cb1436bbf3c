import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { introduce, type People, people } from '../../fixtures/profiles.ts'
import { person } from '../../fixtures/run.ts'

describe('two profiles that talk', () => {
  let all: People
  beforeAll(async () => {
    all = await people()
    await all.make('alice')
    await all.make('bob')
    await introduce(all, 'alice', 'bob')
  }, 60_000)
  afterEach(() => all.killAll())
  afterAll(() => all.killAll())

  it('OOB-03, OOB-18: an invitation that was accepted makes contacts of both, each with the name that the other told', async () => {
    const [ofAlice] = (await all.json('alice', ['contacts'])) as Record<string, unknown>[]
    const [ofBob] = (await all.json('bob', ['contacts'])) as Record<string, unknown>[]
    expect(ofAlice).toMatchObject({ label: 'Bob', state: 'active', role: 'inviter', ours: ofBob?.['theirs'], theirs: ofBob?.['ours'] })
    expect(ofBob).toMatchObject({ label: 'Alice', role: 'invitee', invitation: ofAlice?.['invitation'] })
    const listed = await all.run('bob', ['contacts'])
    expect(listed.stdout).toMatch(/^Alice {2}[0-9a-f]{8} {2}since \d{4}-\d\d-\d\d \d\d:\d\d\n$/)
    const shown = await all.run('bob', ['contacts', 'alice'])
    expect(shown.stdout).toMatch(
      /^Alice\nid +[0-9a-f-]{36}\nstate +active.*\ntheirs +did:peer:2\.\S+…\S+\nours +did:peer:2.*\nreached at +http/,
    )
    const more = (await all.json('bob', ['contacts', 'alice'])) as { endpoints: string[] }
    expect(more.endpoints).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/)])
  })

  it('REL-01: what is sent while nobody listens is kept, tells where it is, and arrives when somebody does', async () => {
    const kept = await all.run('bob', ['send', 'Alice', 'Are', 'you there?', '--wait', '0'])
    expect([kept.code, kept.stderr]).toEqual([0, ''])
    expect(kept.stdout).toMatch(/^Kept for Alice: [^\n]+ [0-9a-f-]{36}\n$/)
    const id = kept.stdout.trim().slice(-36)
    expect(await all.json('bob', ['where', id])).toMatchObject({ id, direction: 'out', state: 'queued' })
    const listener = all.listen('alice')
    await listener.next('listening')
    // Any command goes on with what waits.
    const second = await all.run('bob', ['send', 'Alice', '-', '--wait', '15'], { stdin: 'żółć 🦭\nand more\n' })
    expect(second.stdout).toMatch(/^Delivered to Alice {2}/)
    const came = [await listener.next('message'), await listener.next('message')]
    expect(came.map(({ label, detail }) => [label, (detail as { content: string }).content]).sort()).toEqual([
      ['Bob', 'Are you there?'],
      ['Bob', 'żółć 🦭\nand more'],
    ])
    listener.child.kill('SIGINT')
    expect(await listener.end).toMatchObject({ code: 0, stderr: '' })
    const where = await all.run('bob', ['where', id])
    expect([where.code, where.stdout]).toEqual([
      0,
      expect.stringMatching(/^handed-over {2}.*\nto +Alice\ntype .*\nsince .*\ntries +\d+\nat +http/),
    ])
    expect(await all.json('alice', ['where', id])).toMatchObject({ direction: 'in', state: 'handled' })
  })

  it('talk goes both ways: who listened writes, and who wrote listens', async () => {
    const listener = all.listen('bob')
    await listener.next('listening')
    const sent = (await all.json('alice', ['send', 'bob', 'Hello Bob', '--ack', '--lang', 'en', '--wait', '15'])) as Record<string, unknown>
    expect(sent).toMatchObject({ state: 'acknowledged', direction: 'out', attempts: 1 })
    expect(await listener.next('message')).toMatchObject({
      label: 'Alice',
      messageId: sent['id'],
      detail: { content: 'Hello Bob', lang: 'en' },
    })
  })

  it('chat sends each line and prints what comes, and ends with stdin once all has arrived', async () => {
    const alice = all.listen('alice')
    await alice.next('listening')
    const bob = all.listen('bob', ['chat', 'Alice', '--wait', '15'])
    bob.child.stdin?.write('Hello\n\nsecond ')
    expect((await alice.next('message'))['detail']).toMatchObject({ content: 'Hello' })
    alice.child.kill('SIGTERM')
    await alice.end
    expect((await all.run('alice', ['send', 'bob', 'Hi Bob', '--wait', '15'])).stdout).toMatch(/^Delivered/)
    expect(await bob.next('message')).toMatchObject({ label: 'Alice', detail: { content: 'Hi Bob' } })
    const again = all.listen('alice')
    await again.next('listening')
    bob.child.stdin?.end('line\n')
    expect(await again.next('message')).toMatchObject({ label: 'Bob', detail: { content: 'second line' } })
    expect(await bob.end).toMatchObject({ code: 0, stderr: '' })
  }, 60_000)

  it('REL-05: inbox prints each text once, by whichever command it came; --all prints those of before again', async () => {
    const listener = all.listen('alice', ['inbox', '--follow'])
    const sent = await all.run('bob', ['send', 'Alice', 'first', '--wait', '15'])
    expect(sent.stdout).toMatch(/^Delivered/)
    expect((await listener.next('message'))['detail']).toMatchObject({ content: 'first' })
    listener.child.kill('SIGTERM')
    expect((await listener.end).code).toBe(0)
    // A command that waits for somebody who is not there takes what comes meanwhile.
    const { did } = await person(all.home, 'nobody', { endpoints: ['http://127.0.0.1:9/'] })
    const waiting = all.listen('alice', ['accept', did, '--wait', '60'])
    expect((await all.run('bob', ['send', 'Alice', 'second\nline', '--wait', '30'])).stdout).toMatch(/^Delivered/)
    waiting.child.kill('SIGINT')
    expect((await waiting.end).code).toBe(130)
    const fresh = await all.run('alice', ['inbox'])
    expect(fresh.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d {2}Bob: second\n {18}line\n$/)
    expect((await all.run('alice', ['inbox'])).stdout).toBe('Nothing new.\n')
    const again = await all.run('alice', ['inbox', '--all'])
    expect(again.stdout).toContain('Bob: first\n')
    expect((await all.run('alice', ['inbox', '--from', 'bob', '--json'])).stdout.trim().split('\n').length).toBeGreaterThan(1)
  }, 60_000)

  it('ping and features: the answer of who is there, and exit code 3 where nobody is', async () => {
    const listener = all.listen('alice')
    await listener.next('listening')
    expect((await all.run('bob', ['ping', 'Alice'])).stdout).toMatch(/^Alice answered after \d+ ms\n$/)
    const told = (await all.json('bob', ['features', 'Alice', '--match', '*trust-ping*'])) as { features: unknown[] }
    expect(told.features).toEqual([
      { 'feature-type': 'protocol', id: 'https://didcomm.org/trust-ping/2.0', roles: expect.arrayContaining(['sender']) },
    ])
    const text = await all.run('bob', ['features', 'Alice'])
    expect(text.stdout).toMatch(/protocol\n {2}https:\/\/didcomm\.org\/\S+ {2}as /)
    listener.child.kill('SIGTERM')
    await listener.end
    const silent = await all.run('bob', ['ping', 'Alice', '--wait', '0.2', '--json'])
    expect([silent.code, JSON.parse(silent.stdout)]).toMatchObject([3, { answered: false }])
    const mute = await all.run('bob', ['features', 'Alice', '--wait', '0.2'])
    expect([mute.code, mute.stdout]).toEqual([3, 'No answer of Alice in 0.2 s\n'])
  }, 60_000)

  it('ROT-01, ROT-15: rotate changes our DID, and the contact stays the same', async () => {
    const listener = all.listen('alice')
    await listener.next('listening')
    const before = (await all.json('bob', ['contacts', 'Alice'])) as Record<string, unknown>
    const rotated = (await all.json('bob', ['rotate', 'Alice', '--wait', '15'])) as Record<string, unknown>
    expect(rotated).toMatchObject({ contact: before['id'], state: 'told' })
    expect(rotated['did']).not.toBe(before['ours'])
    expect(await listener.next('rotated')).toMatchObject({ label: 'Bob', peer: rotated['did'], detail: { by: 'peer' } })
    await all.run('bob', ['send', 'Alice', 'still me', '--wait', '15'])
    expect(await listener.next('message')).toMatchObject({ label: 'Bob', peer: rotated['did'] })
  }, 60_000)

  it('contacts --label names one; a name that another has is refused; --end ends it, and both know', async () => {
    await all.make('carol')
    await introduce(all, 'alice', 'carol')
    expect((await all.run('alice', ['contacts', 'Carol', '--label', 'bob'])).code).toBe(2)
    const named = (await all.json('alice', ['contacts', 'carol', '--label', 'Carol\u001b[2J of\nthe canteen'])) as Record<string, unknown>
    expect(named['label']).toBe('Carol\\u001b[2J of the canteen')
    const listener = all.listen('alice')
    await listener.next('listening')
    expect((await all.json('carol', ['contacts', 'Alice', '--end'])) as object).toMatchObject({ state: 'ended' })
    await all.run('carol', ['send', 'alice', 'one more', '--wait', '2'])
    expect(await listener.next('ended')).toMatchObject({ label: named['label'], detail: { by: 'peer' } })
    const refused = await all.run('carol', ['send', 'alice', 'x'])
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/^sealpost: the relationship with [^\n]+ has ended/)])
  }, 90_000)
})

describe('accept', () => {
  it('OOB-04: takes an invitation as JSON from stdin, before anybody hears of it; what is none is refused', async () => {
    const all = await people()
    await all.make('alice')
    await all.make('bob')
    const invited = await all.run('alice', ['invite', '--goal', 'Lunch', '--expires', '1h', '--many', '--json'])
    const { invitation, id, url } = JSON.parse(invited.stdout)
    expect(invitation.body).toEqual({ goal: 'Lunch', accept: ['didcomm/v2'] })
    expect(invitation.expires_time - Date.now() / 1000).toBeGreaterThan(3500)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?_oob=[\w-]+$/)
    const accepted = await all.run('bob', ['accept', '-', '--label', 'My Alice', '--wait', '0'], { stdin: JSON.stringify(invitation) })
    expect(accepted.stdout).toMatch(/^My Alice is a contact now .*\nThey do not know yet/)
    expect(await all.json('bob', ['contacts'])).toMatchObject([{ invitation: id, label: 'My Alice' }])
    for (const wrong of ['https://example.com/', 'nonsense', '{"type":"x"}'])
      expect((await all.run('bob', ['accept', wrong, '--wait', '0'])).code).toBe(1)
  })

  it('RR-01: begins with a public DID, whose owner learns of it; who has no endpoint is answered over its own connection', async () => {
    const all = await people()
    await all.make('alice')
    await all.make('bob', ['--allow-http', '--allow-private'])
    const listener = all.listen('alice')
    const { did } = await listener.next('listening')
    expect(await all.json('bob', ['accept', String(did), '--wait', '15'])).toMatchObject({ did, state: 'told' })
    expect(await listener.next('profile')).toMatchObject({ detail: { profile: { displayName: 'Bob' } } })
    expect(await all.json('bob', ['ping', String(did), '--wait', '10'])).toMatchObject({ answered: true })
    all.killAll()
  })

  it('OOB-10: invite --qr draws the URL; --url names the page; a profile without endpoint has nobody to invite', async () => {
    const all = await people()
    await all.make('alice')
    await all.make('mute', [])
    const { stdout } = await all.run('alice', ['invite', '--qr', '--url', 'https://page.example/i'])
    const [url, ...drawn] = stdout.trimEnd().split('\n')
    expect(url).toMatch(/^https:\/\/page\.example\/i\?_oob=/)
    expect(drawn.length).toBeGreaterThan(30)
    expect(new Set(drawn.map((line) => line.length)).size).toBe(1)
    expect(drawn.join('')).toMatch(/^[█▀▄ ]+$/)
    const refused = await all.run('mute', ['invite'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/no endpoint/)])
  })
})
