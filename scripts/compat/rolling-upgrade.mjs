// A rolling upgrade under load, and back (docs/upgrading.md): npm run compat -- rolling. Two servers of this build share a
// PostgreSQL; phones of three builds sync through one address, which leads to a server that is ready. One server after the
// other is replaced by a build that has migrations which this one lacks, and another commit function; then one of them
// by this build again, which has to start on what the newer one has migrated. Loopback only.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { connectionUrl, ensureRoles, openDatabase } from '../../packages/db/src/index.ts'
import { startTemporaryCluster } from '../../packages/db/src/testing/temporary-cluster.ts'
import { root } from '../setup/root.mjs'
import { BETWEEN_COMMIT, buildOf, copyOfThis, OLD_COMMIT, play, startServer, stopAll } from './builds.mjs'

/** Notes that phones store after each step, before the next. */
const NOTES = 60
const PATIENCE_MS = 120_000
const COMMIT_FUNCTION = 'prisma/functions/50_commit.sql'
/** Files that a later build might have; the function uses what the migrations made. */
const LATER_MIGRATIONS = {
  '29990101000000_planted_column': 'ALTER TABLE "observations" ADD COLUMN "planted" TEXT;',
  '29990101000001_planted_index':
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS "observations_planted_idx" ON "observations" ("workspace_id", "planted");',
  '29990101000002_planted_table': 'CREATE TABLE "planted_writes" ("at" TIMESTAMPTZ NOT NULL DEFAULT now());',
}

function plant(folder) {
  for (const [name, sql] of Object.entries(LATER_MIGRATIONS)) {
    mkdirSync(path.join(folder, 'prisma/migrations', name))
    writeFileSync(path.join(folder, 'prisma/migrations', name, 'migration.sql'), `${sql}\n`)
  }
  const file = path.join(folder, COMMIT_FUNCTION)
  const before = readFileSync(file, 'utf8')
  const after = before.replace(/^BEGIN$/mu, 'BEGIN\n  INSERT INTO planted_writes DEFAULT VALUES;')
  assert.notEqual(after, before, 'the commit function begins in another way')
  writeFileSync(file, after)
  const builds = path.join(folder, 'packages/db/src/migrate/schema-build.ts')
  writeFileSync(builds, readFileSync(builds, 'utf8').replace(/\n\]\n/u, "\n  'planted',\n]\n"))
}

/** One address for phones, as a load balancer is: each connection goes to a server that is ready. */
async function balancer() {
  let ready = []
  let turn = 0
  const sockets = new Set()
  const server = createServer((socket) => {
    const to = ready[turn++ % ready.length]
    if (to === undefined) return socket.destroy()
    const upstream = connect(Number(new URL(to.url).port), '127.0.0.1')
    for (const [from, into] of [
      [socket, upstream],
      [upstream, socket],
    ]) {
      sockets.add(from)
      from
        .on('error', () => into.destroy())
        .once('close', () => {
          sockets.delete(from)
          into.destroy()
        })
      from.pipe(into)
    }
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    use: (...servers) => (ready = servers),
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const work = mkdtempSync(path.join(tmpdir(), 'fieldsync-rolling-'))
const tokenOf = (deviceId) => `pre-shared-token-of-${deviceId}`
const isAnswered = async ({ url }) => (await fetch(`${url}/readyz`)).status === 200

async function drill(cluster) {
  const roles = { database: 'fieldsync', ownerPassword: 'owner', appPassword: 'app' }
  const { ownerUrl, appUrl } = await ensureRoles(cluster.postgres.superuserUrl, roles)
  const phones = [OLD_COMMIT, BETWEEN_COMMIT, undefined].flatMap((commit, i) =>
    [1, 2].map((n) => ({
      build: commit === undefined ? root : buildOf(commit),
      deviceId: `dev_phone_${i}_${n}`,
    })),
  )
  const later = copyOfThis(path.join(work, 'later'), plant)
  const env = {
    DATABASE_URL: appUrl,
    MIGRATION_DATABASE_URL: ownerUrl,
    DATA_DIR: path.join(work, 'data'),
    PEPPER: 'the pepper of the rolling upgrade, long enough',
    RATE_LIMIT_PER_MINUTE: 'off',
    DEVICE_TOKENS: [...phones.map(({ deviceId }) => deviceId), 'dev_auditor']
      .map((deviceId) => `ws_rolling/${deviceId}#agronomist=${tokenOf(deviceId)}`)
      .join(','),
  }
  const [first, second] = [await startServer(root, env), await startServer(root, env)]
  const address = await balancer()
  const stopFile = path.join(work, 'stop')
  const superuser = openDatabase({
    url: connectionUrl(cluster.postgres.superuserUrl, { database: 'fieldsync' }),
    max: 2,
  })
  const count = async (sql) =>
    Number((await superuser.pool.query(`SELECT count(*) AS n FROM ${sql}`)).rows[0].n)
  try {
    address.use(first, second)
    const walks = phones.map(({ build, deviceId }) => {
      const device = {
        url: address.url,
        deviceId,
        token: tokenOf(deviceId),
        store: path.join(work, `${deviceId}.db`),
      }
      return play(
        build,
        device,
        { do: 'walk', until: stopFile },
        { do: 'sync' },
        { do: 'events' },
        { do: 'list' },
      )
    })
    for (const walk of walks) walk.catch(() => undefined)
    const failing = Promise.all(walks).then(() => assert.fail('the phones have stopped'))
    failing.catch(() => undefined) // Raced below.
    /** Waits until phones have stored this many rows more. */
    const more = async (rows, table = 'observations') => {
      const wanted = (await count(table)) + rows
      const given = AbortSignal.timeout(PATIENCE_MS)
      while ((await count(table)) < wanted) {
        assert.ok(!given.aborted, `phones store no more ${table}`)
        await Promise.race([delay(100), failing])
      }
    }
    const step = async (title, act) => {
      const before = await count('observations')
      const stepStarted = performance.now()
      await act()
      const meanwhile = (await count('observations')) - before
      console.log(
        `${title}: ${((performance.now() - stepStarted) / 1000).toFixed(1)} s, ${meanwhile} notes stored meanwhile`,
      )
      await more(NOTES)
    }
    await step('two servers of this build', async () => undefined)

    let [newFirst, newSecond] = []
    await step('the first is replaced by the later build, which migrates', async () => {
      address.use(second)
      await first.stop()
      newFirst = await startServer(later, env)
      address.use(newFirst, second)
      await more(1, 'planted_writes')
    })
    assert.ok(await isAnswered(second), 'the earlier build is no longer ready')
    address.use(second)
    await more(NOTES, 'planted_writes')
    console.log(`the earlier build alone on the migrated database: ${NOTES} writes by the later function`)
    address.use(newFirst)
    await step('the second is replaced', async () => {
      await second.stop()
      newSecond = await startServer(later, env)
      address.use(newFirst, newSecond)
    })
    await step('back: this build starts on the migrated database', async () => {
      address.use(newFirst)
      await newSecond.stop()
      newSecond = await startServer(root, env)
      address.use(newSecond)
      await newFirst.stop()
    })
    assert.ok(await isAnswered(newSecond))

    writeFileSync(stopFile, '')
    const outcomes = await Promise.all(walks)
    await check(outcomes, { env, count })
  } finally {
    await superuser.close()
    address.close()
  }
}

/** Nothing lost, nothing doubled, nothing drifted, and the audit is intact. */
async function check(outcomes, { env, count }) {
  const ids = outcomes.flatMap(([walk]) => walk.ids)
  const failed = outcomes.reduce((sum, [walk]) => sum + walk.failed, 0)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(await count('observations'), ids.length)
  assert.equal(await count(`observations WHERE observation_id = ANY ('{${ids.join(',')}}')`), ids.length)
  for (const [{ status }, , events] of outcomes) {
    assert.deepEqual(
      [status.pending, status.conflicts, status.quarantined],
      [0, 0, 0],
      JSON.stringify(status),
    )
    assert.deepEqual(
      events.filter((kind) => ['drift', 'quarantined', 'cursorReset'].includes(kind)),
      [],
    )
  }
  const verified = spawnSync(
    process.execPath,
    [path.join(root, 'apps/server/src/cli/main.ts'), 'audit', 'verify', 'ws_rolling'],
    { env: { ...process.env, ...env }, encoding: 'utf8' },
  )
  assert.equal(verified.status, 0, verified.stdout + verified.stderr)
  console.log(
    `${ids.length} notes by phones of three builds, each stored once; ${failed} syncs of theirs had to be tried again`,
  )
  console.log(verified.stdout.trim())
}

const started = performance.now()
const cluster = await startTemporaryCluster({ fast: false })
try {
  await drill(cluster)
  console.log(`upgraded and went back under load, ${Math.round((performance.now() - started) / 1000)} s`)
} finally {
  await stopAll()
  await cluster.stop()
  rmSync(work, { recursive: true, force: true })
}
