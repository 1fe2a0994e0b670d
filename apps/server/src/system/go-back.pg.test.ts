import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { observation, startServer, type TestServer } from '@fieldsync/testkit'
import { afterAll, expect, it } from 'vitest'

import { runCommandLine } from '../testing/run-command-line.ts'
import { pulledIds, sync } from '../testing/sync-over-http.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'fieldsync-go-back-'))
afterAll(() => rmSync(folder, { recursive: true }))
const environment = {
  DATA_DIR: path.join(folder, 'data'),
  WAL_ARCHIVE_DIR: path.join(folder, 'archive'),
  DEVICE_TOKENS: 'ws_ridge/dev_scout_1=pre-shared-token-of-scout-1',
}
const callerAt = ({ url }: TestServer) => ({
  url,
  deviceId: 'dev_scout_1',
  token: 'pre-shared-token-of-scout-1',
})

/** Stores new notes and gives back their ids. */
async function write(server: TestServer, count: number): Promise<string[]> {
  const observations = Array.from({ length: count }, () => observation({ deviceId: 'dev_scout_1' }))
  expect((await sync(callerAt(server), { observations })).status).toBe(200)
  return observations.map(({ observationId }) => observationId)
}

it('[BAK-11, BAK-13] restore --to: the server goes back to an instant, with exactly the notes from before it', async () => {
  const early: string[] = []
  let instant = ''
  {
    await using server = await startServer({ env: environment })
    await server.logged('added a base to the archive')
    early.push(...(await write(server, 3)))
    const busy = await runCommandLine(environment, 'restore --to latest')
    expect(busy).toMatchObject({ exitCode: 4, err: expect.stringContaining('is in use by') })
    // Time passes between the writes, as the clock of the database and ours is one.
    await expect.poll(() => Date.now()).toBeGreaterThan(Date.now())
    instant = new Date().toISOString()
    await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(instant) + 1)
    await write(server, 4)
  }
  for (const wrong of ['yesterday', '2026-12-01T08:00:00', '2026-13-01T08:00:00Z'])
    expect(await runCommandLine(environment, `restore --to ${wrong}`)).toMatchObject({ exitCode: 1 })
  const restored = await runCommandLine(environment, `restore --to ${instant}`)
  expect(restored).toMatchObject({
    exitCode: 0,
    out: expect.stringContaining('ws_ridge: the audit is intact'),
  })
  const aside = readdirSync(environment.DATA_DIR).filter((name) => name.startsWith('postgres.before-'))
  expect(aside).toHaveLength(1)
  expect(restored.out).toContain(aside[0])
  expect(existsSync(path.join(environment.DATA_DIR, 'postgres.restoring'))).toBe(false)
  await using server = await startServer({ env: environment })
  expect((await pulledIds(callerAt(server))).toSorted()).toEqual(early.toSorted())
  await write(server, 1)
  expect((await runCommandLine(environment, 'audit verify')).exitCode).toBe(0)
}, 600_000)
