import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { expect, it, onTestFinished } from 'vitest'

import { DEVICES, realServer, tokenOf } from './testing/real-server.ts'

const EXAMPLE = path.resolve(import.meta.dirname, '../examples/node/sync-notes.ts')

const server = await realServer()

it('the example for Node keeps its note without a server, and sends it in its next run', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-example-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const run = async (url: string): Promise<string[]> => {
    const env = {
      PATH: process.env['PATH'],
      FIELDSYNC_URL: url,
      FIELDSYNC_DEVICE: DEVICES.scout,
      FIELDSYNC_TOKEN: tokenOf(DEVICES.scout),
      FIELDSYNC_STORE: path.join(folder, 'fieldsync.db'),
    }
    const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE], { env, timeout: 50_000 })
    return stdout.trim().split('\n')
  }
  const [alone, ...notes] = await run('http://127.0.0.1:1')
  expect(alone).toMatch(/^sync_deferred: 1 waiting, since /)
  expect(notes).toEqual([expect.stringMatching(/^obs_\d{8}_\w{26} (pending|in_flight): White powder/)])
  const [together, ...all] = await run(server.url)
  expect(together).toBe('idle: 0 waiting')
  expect(all).toHaveLength(2)
  expect(all.filter((line) => !line.includes(' synced: '))).toEqual([])
})
