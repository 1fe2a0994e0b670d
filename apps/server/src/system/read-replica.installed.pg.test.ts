import { randomUUID } from 'node:crypto'

import { connectionUrl, ensureRoles } from '@fieldsync/db'
import {
  type Caller,
  installedPostgres,
  installedStandby,
  observation,
  postBatch,
  pullPages,
  startServer,
  syncBatch,
} from '@fieldsync/testkit'
import { expect, it, onTestFinished } from 'vitest'

import { runCommand } from '../testing/client-devices.ts'
import { metricsAddress, scrape, seriesOf } from './testing/scraped-metrics.ts'

const TIMEOUT = 120_000
const TOKEN = 'pre-shared-token-of-a-scout'

it(
  '[REP-6, REP-4] a replica shows in readiness, in the metrics and to the doctor; one that is gone costs no call, and is logged once',
  async () => {
    const stack = new AsyncDisposableStack()
    onTestFinished(() => stack.disposeAsync(), TIMEOUT)
    const primary = stack.use(await installedPostgres())
    const passwords = { ownerPassword: randomUUID(), appPassword: randomUUID() }
    const { ownerUrl, appUrl } = await ensureRoles(primary.url, { database: 'fieldsync', ...passwords })
    const replica = stack.use(await installedStandby(primary))
    const env = {
      DATABASE_URL: appUrl,
      MIGRATION_DATABASE_URL: ownerUrl,
      DATABASE_READ_URL: connectionUrl(appUrl, { port: replica.port }),
      PEPPER: 'a pepper of at least 32 characters.',
      METRICS_PORT: '0',
      DEVICE_TOKENS: `ws_ridge/dev_scout_1=${TOKEN}`,
    }
    const server = stack.use(await startServer({ env }))
    const scout: Caller = { url: server.url, deviceId: 'dev_scout_1', token: TOKEN }
    const address = await metricsAddress(server)
    const name = `127.0.0.1:${replica.port}`
    const readiness = async (): Promise<unknown> => {
      const response = await fetch(`${server.url}/readyz`)
      return [response.status, await response.json()]
    }
    const usable = async () => (await scrape(address)).get(`fieldsync_read_replica_usable{server="${name}"}`)
    const reads = async () => seriesOf(await scrape(address), 'fieldsync_replica_reads_total')
    const diagnosis = async () =>
      JSON.parse((await runCommand(['doctor', '--json'], { ...env, DATA_DIR: server.dataDir })).stdout) as {
        what: string
      }[]
    const ofReplica = async () => (await diagnosis()).find(({ what }) => what === `read replica ${name}`)
    const idsOf = async () =>
      (await pullPages(scout, '', 1)).flatMap(({ downstream }) =>
        downstream.observations.map(({ observationId }) => observationId),
      )

    await server.logged('reading from this replica')
    expect(await readiness()).toEqual([200, { status: 'ready', replica: 'used' }])
    expect(await usable()).toBe(1)
    const sent = [observation(), observation(), observation()]
    const ids = sent.map(({ observationId }) => observationId)
    expect((await postBatch(scout, syncBatch({ observations: sent }))).status).toBe(200)
    // Until the replica has replayed them, the primary answers.
    await expect
      .poll(async () => {
        expect(await idsOf()).toEqual(ids)
        return await reads()
      })
      .toHaveProperty('outcome="replica"')
    expect(await ofReplica()).toMatchObject({ state: 'ok' })

    await replica.kill()
    expect(await idsOf()).toEqual(ids)
    await expect.poll(readiness).toEqual([200, { status: 'ready', replica: 'unused' }])
    expect(await usable()).toBe(0)
    expect(await idsOf()).toEqual(ids)
    expect(await reads()).toHaveProperty('outcome="unused"')
    expect(await ofReplica()).toMatchObject({ state: 'warning' })
    await replica.start()
    await expect.poll(readiness).toEqual([200, { status: 'ready', replica: 'used' }])
    const logged = (text: string) => server.logs().split(text).length - 1
    expect(logged('not reading from a replica')).toBe(1)
    expect(logged('"reading from this replica"')).toBe(2)
    expect(server.logs()).not.toContain(passwords.appPassword)
  },
  TIMEOUT,
)
