import { connectOnce } from '@fieldsync/db'
import { type Caller, seededRandom, startServer, type TestServer } from '@fieldsync/testkit'
import { expect } from 'vitest'

import { runCommand } from '../../testing/client-devices.ts'
import { SentBatches } from './sent-batches.ts'

const WORKSPACE = 'ws_ridge'
const AUDITOR = 'dev_auditor'
const WRITERS_OF_EACH = 2

/** Two servers on the database servers of a failover drill, and devices that write at both. */
export type LoadOnTwoServers = AsyncDisposable & {
  readonly servers: readonly [TestServer, TestServer]
  readonly env: Readonly<Record<string, string>>
  readonly sent: SentBatches
  /** Lets every device send one batch after the other. @returns what stops them, after the batches under way */
  write(seed: number): () => Promise<void>
  /**
   * Waits until devices of both servers have been answered after a promotion.
   * @returns of each server the longest time without an answer from a kill on, milliseconds
   */
  outages(between: { readonly killed: number; readonly promoted: number }): Promise<number[]>
  /** The ids of acknowledged records that a database lacks. @param url as a superuser */
  lost(url: string): Promise<string[]>
  /** Each acknowledged record is stored once, and the audit is intact. */
  expectStored(): Promise<void>
}

/** @param database the variables of servers that say where the database is */
export async function loadOnTwoServers(
  database: Readonly<Record<string, string>>,
): Promise<LoadOnTwoServers> {
  await using stack = new AsyncDisposableStack()
  const idsOf = (server: number): string[] =>
    Array.from({ length: WRITERS_OF_EACH }, (_, n) => `dev_scout_${server}_${n}`)
  const tokenOf = (deviceId: string): string => `pre-shared-token-of-${deviceId}`
  const ids = [...idsOf(0), ...idsOf(1), AUDITOR]
  const env = {
    ...database,
    PEPPER: 'a pepper of at least 32 characters.',
    CHECKPOINT_KEY: 'a checkpoint key of 32 characters.',
    RATE_LIMIT_PER_MINUTE: 'off',
    METRICS_PORT: '0',
    DEVICE_TOKENS: ids.map((id) => `${WORKSPACE}/${id}=${tokenOf(id)}`).join(','),
  }
  const servers = [stack.use(await startServer({ env })), stack.use(await startServer({ env }))] as const
  const callerAt = ({ url }: TestServer, deviceId: string): Caller => ({
    url,
    deviceId,
    token: tokenOf(deviceId),
  })
  const callers = servers.map((server, n) => idsOf(n).map((id) => callerAt(server, id)))
  const sent = new SentBatches()
  const outage = (of: readonly Caller[], killed: number, promoted: number): number | undefined => {
    const own = new Set(of.map(({ deviceId }) => deviceId))
    const answers = sent.answers.filter(({ deviceId }) => own.has(deviceId)).map(({ at }) => at)
    const first = answers.findLastIndex((at) => at <= killed)
    const last = answers.findIndex((at) => at > promoted)
    // What was committed before the kill may be answered after it.
    const gaps = answers.slice(Math.max(first, 0), last + 1).map((at, n, all) => at - (all[n - 1] ?? at))
    return last < 0 ? undefined : Math.max(...gaps)
  }
  const started = stack.move()
  return {
    servers,
    env,
    sent,
    write: (seed) => {
      const stop = new AbortController()
      const writing = Promise.all(
        // Ids come from the seed: no two may be the same.
        callers.flat().map((each, n) => sent.sendAll(each, seededRandom(100 * seed + n), stop.signal)),
      )
      writing.catch(() => undefined) // Reported by `more`, or awaited below.
      return async () => {
        stop.abort()
        await writing
      }
    },
    outages: async ({ killed, promoted }) => {
      const found = () => callers.map((each) => outage(each, killed, promoted))
      await expect.poll(found, { timeout: 120_000 }).not.toContain(undefined)
      return found().map((ms) => ms ?? 0)
    },
    lost: async (url) => {
      const acknowledged = sent.acknowledgedIds()
      await using connection = await connectOnce({ url, applicationName: 'operator' })
      const { rows } = await connection.client.query<{ id: string }>(
        'SELECT observation_id AS id FROM observations UNION ALL SELECT recommendation_id FROM recommendations',
      )
      const stored = new Set(rows.map(({ id }) => id))
      return acknowledged.filter((id) => !stored.has(id))
    },
    expectStored: async () => {
      const all = new Map(callers.flat().map((caller) => [caller.deviceId, caller]))
      await sent.expectStored(all, callerAt(servers[0], AUDITOR))
      const verified = await runCommand(['audit', 'verify'], { ...env, DATA_DIR: servers[0].dataDir })
      expect(verified).toMatchObject({ code: 0, stdout: expect.stringContaining('intact') })
      for (const server of servers) expect(server.logs()).not.toContain('unexpected error')
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
