import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { type Caller, startServer, type TestServer } from '@fieldsync/testkit'
import { expect, onTestFinished } from 'vitest'

import { runCommand } from '../../testing/client-devices.ts'

const WORKSPACE = 'ws_ridge'
const AUDITOR = 'dev_auditor'

/** A server with its own PostgreSQL, crash-safe as for `npm start`, that can be restarted on the same folder. */
type EmbeddedSystem = {
  /** Starts the server; one that was killed before may have left anything behind. */
  start(): Promise<TestServer>
  /** The writing devices by id, calling this server. */
  writers(server: TestServer): ReadonlyMap<string, Caller>
  /** A device that writes nothing and may read the audit. */
  auditor(server: TestServer): Caller
  /** Lets the command line recompute the audit chain beside the running server. */
  expectAuditIntact(): Promise<void>
}

/** Creates the folder; it and everything started on it end with the calling test. */
export async function embeddedSystem(writerCount: number): Promise<EmbeddedSystem> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-system-'))
  const dataDir = path.join(folder, 'data')
  const stack = new AsyncDisposableStack()
  // Not left to the end of a scope: a test that times out never gets there.
  onTestFinished(() => stack.disposeAsync())
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const ids = Array.from({ length: writerCount }, (_, index) => `dev_scout_${index}`)
  const tokenOf = (deviceId: string) => `pre-shared-token-of-${deviceId}`
  const env = {
    DATA_DIR: dataDir,
    RATE_LIMIT_PER_MINUTE: 'off',
    DEVICE_TOKENS: [...ids, AUDITOR].map((id) => `${WORKSPACE}/${id}=${tokenOf(id)}`).join(','),
  }
  const callerAt = ({ url }: TestServer, deviceId: string) => ({ url, deviceId, token: tokenOf(deviceId) })
  return {
    start: async () => stack.use(await startServer({ env })),
    writers: (server) => new Map(ids.map((id) => [id, callerAt(server, id)])),
    auditor: (server) => callerAt(server, AUDITOR),
    expectAuditIntact: async () => {
      const verified = await runCommand(['audit', 'verify'], { DATA_DIR: dataDir })
      expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('intact') })
    },
  }
}
