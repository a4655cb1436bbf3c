import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { killLoop } from '../fixtures/kill-loop.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealpost-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('REL-01, REL-02, REL-04, REL-05: of processes that are killed again and again no message is lost, and none takes effect twice', async () => {
  const result = await killLoop({ folder, kills: 20, seed: 1 })
  expect(result).toMatchObject({ lost: 0, doubled: 0, untold: 0, forgotten: 0, complaints: [] })
  expect(result.kills).toBeGreaterThanOrEqual(20)
  expect(result.messages).toBeGreaterThan(200)
}, 150_000)
