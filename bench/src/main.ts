// npm run bench: the server against the database's own ceiling, in one run on one PostgreSQL.
//   npm run bench -- [W1 W3 …]   only these workloads
//   npm run bench -- W3/8 W3/200 the same with a workspace for each phone
//   npm run bench -- growth      the cost of a batch with 10,000 and with 1,000,000 records stored
//   npm run bench -- drain       a device with 10,000 pending records against the server's own rate
//   npm run bench -- audit       searches of the audit at a million entries, and what its index costs
//   npm run bench -- recompute   a change of a playbook that affects 5,000 recommendations, while eight devices sync
//   npm run bench -- backup      a backup of 1,000,000 records (BENCH_RECORDS) while devices sync, and its restore
//   npm run bench -- keys W3 W5  devices with keys against the same devices with tokens
//   BENCH_ROUNDS=3               rounds of each, both sides in turn
//   BENCH_AGAINST=<checkout>     another build of the server in place of the ceiling
//   BENCH_WORKERS=2              processes of our server (WORKERS); with BENCH_AGAINST=. against one process
//   BENCH_RATE_LIMIT=1000000     counts calls per device, which several processes do together; off by default
//   BENCH_NODE_FLAGS=--cpu-prof  flags of Node for the servers under measurement
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import pg from 'pg'

import { auditTable, measureAudit } from './audit-search.ts'
import { backupTable, measureBackup } from './backup.ts'
import { clientAt, CLIENTS, clientsIn } from './clients.ts'
import { type BenchDatabase, startCluster } from './cluster.ts'
import { measureDrain } from './drain.ts'
import { measureGrowth } from './growth.ts'
import { measureRecompute, recomputeTable } from './recompute.ts'
import { compare, type Comparison, drainTable, growthTable, table } from './report.ts'
import { startTarget, type Target } from './target.ts'
import { type Measurement, runWorkload, SEQUENTIAL_PUSH, STORED_RECORDS, WORKLOADS } from './workloads.ts'

const here = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** May change the playbook. */
const AGRONOMIST = { deviceId: 'dev_bench_agronomist', token: 'bench-token-of-the-agronomist' }

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3)
const wanted = process.argv.slice(2)
const growthOnly = wanted.includes('growth')
const drainOnly = wanted.includes('drain')
const auditOnly = wanted.includes('audit')
const recomputeOnly = wanted.includes('recompute')
const backupOnly = wanted.includes('backup')
const withKeys = wanted.includes('keys')
const workloads = WORKLOADS.filter(({ id }) => wanted.every((each) => each === 'keys') || wanted.includes(id))
if (workloads.length === 0 && !growthOnly && !drainOnly && !auditOnly && !recomputeOnly && !backupOnly) {
  say(
    `unknown workload ${wanted.join(' ')}; there are ${WORKLOADS.map(({ id }) => id).join(' ')} growth drain audit recompute backup keys`,
  )
  process.exit(2)
}

// The server knows those that are needed alone: it creates their workspaces when it starts.
const known = [...new Set([1, ...workloads.map(({ workspaces }) => workspaces)])].flatMap((workspaces) =>
  clientsIn(workspaces),
)

const cluster = await startCluster()
const cpu = (): number => cluster.cpuSeconds()
const started: Target[] = []
const stopAll = async (): Promise<void> => {
  for (const target of started.splice(0)) await target.stop()
  await cluster.stop()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopAll().then(() => process.exit(130)))
try {
  if (auditOnly)
    process.stdout.write(`${auditTable(await measureAudit(await cluster.database('audit'), say))}\n`)
  const otherBuild = process.env['BENCH_AGAINST']
  const against = withKeys ? here('../..') : otherBuild && path.resolve(here('../..'), otherBuild)
  const ourDatabase = await cluster.database('ours')
  const ceilingDatabase = await cluster.database('ceiling', { empty: against !== undefined })
  const startServer = (
    name: string,
    checkout: string,
    database: BenchDatabase,
    workers = '1',
  ): Promise<Target> =>
    startTarget({
      name,
      script: path.join(checkout, 'apps/server/src/main.ts'),
      path: '/v1/sync/batch',
      readyPath: '/v1/health',
      clients: CLIENTS,
      env: {
        DATABASE_URL: database.appUrl,
        MIGRATION_DATABASE_URL: database.ownerUrl,
        DATA_DIR: here(`../results/data-${name.replaceAll(' ', '-')}`),
        WORKERS: workers,
        RATE_LIMIT_PER_MINUTE: process.env['BENCH_RATE_LIMIT'] ?? 'off',
        DEVICE_TOKENS: [
          ...known
            .map(clientAt)
            .map(({ workspaceId, deviceId, token }) => `${workspaceId}/${deviceId}#scout=${token}`),
          `ws_bench/${AGRONOMIST.deviceId}#agronomist=${AGRONOMIST.token}`,
        ].join(','),
      },
    })
  const ours = await startServer('fieldsync', here('../..'), ourDatabase, process.env['BENCH_WORKERS'])
  started.push(ours)
  if (withKeys) await ours.useKeys(known)
  const ceiling =
    against === undefined
      ? await startTarget({
          name: 'ceiling',
          script: here('./ceiling-server.ts'),
          path: '/',
          readyPath: '/',
          env: { DATABASE_URL: ceilingDatabase.appUrl },
        })
      : await startServer(withKeys ? 'pre-shared tokens' : 'other build', against, ceilingDatabase)
  started.push(ceiling)

  const server = await serverVersion(ourDatabase)
  say(
    `Node ${process.version}, PostgreSQL ${server}, ${cpus().length} cores (${cpus()[0]?.model}), ${rounds} rounds`,
  )
  const comparisons: Comparison[] = []
  let seed = 1
  for (const target of [ours, ceiling])
    await runWorkload(target, { ...SEQUENTIAL_PUSH, calls: 40 }, seed++, cpu)
  for (const workload of workloads) {
    await analyze([ourDatabase, ceilingDatabase])
    if (workload.id === 'W4')
      await fill(
        [
          [ours, ourDatabase],
          [ceiling, ceilingDatabase],
        ],
        () => seed++,
      )
    const measured: { ours: Measurement; ceiling: Measurement }[] = []
    for (let round = 0; round < rounds; round++) {
      say(`${workload.id} ${workload.title}: round ${round + 1} of ${rounds}`)
      // Which side goes first alternates, so that a drift of the machine favors neither.
      const pair: Partial<Record<'ours' | 'ceiling', Measurement>> = {}
      for (const side of round % 2 === 0 ? (['ours', 'ceiling'] as const) : (['ceiling', 'ours'] as const)) {
        pair[side] = await runWorkload(side === 'ours' ? ours : ceiling, workload, seed++, cpu)
      }
      if (pair.ours && pair.ceiling) measured.push({ ours: pair.ours, ceiling: pair.ceiling })
    }
    comparisons.push(compare(workload, measured))
  }
  const growth = growthOnly ? await measureGrowth(ours, ourDatabase, cpu, say) : []
  const drain = drainOnly ? await measureDrain(ours, cpu, rounds, say) : []
  const recompute = recomputeOnly
    ? await measureRecompute(ours, ourDatabase, AGRONOMIST, cpu, say)
    : undefined
  const backup = backupOnly
    ? await measureBackup(ours, ourDatabase, await cluster.database('restored', { empty: true }), cpu, say)
    : undefined
  if (backup) process.stdout.write(`${backupTable(backup)}\n`)
  if (recompute) process.stdout.write(`${recomputeTable(recompute)}\n`)
  if (comparisons.length > 0) process.stdout.write(`${table(comparisons, ceiling.name)}\n`)
  if (growthOnly) process.stdout.write(`${growthTable(growth)}\n`)
  if (drainOnly) process.stdout.write(`${drainTable(drain)}\n`)
  await mkdir(here('../results'), { recursive: true })
  const machine = {
    node: process.version,
    postgres: server,
    cores: cpus().length,
    cpu: cpus()[0]?.model,
    memory: totalmem(),
  }
  const file = here(`../results/bench-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`)
  await writeFile(
    file,
    JSON.stringify({ machine, rounds, comparisons, growth, drain, recompute, backup }, null, 2),
  )
  say(`written to ${file}`)
} finally {
  await stopAll()
}

async function serverVersion({ appUrl }: BenchDatabase): Promise<string> {
  return await withClient(appUrl, async (client) => {
    const { rows } = await client.query<{ version: string }>(
      `SELECT current_setting('server_version') AS version`,
    )
    return rows[0]?.version ?? '?'
  })
}

/**
 * Fresh statistics for both sides: the plan that a fresh database would happen to choose is not part of the
 * measurement.
 */
async function analyze(databases: readonly BenchDatabase[]): Promise<void> {
  for (const { ownerUrl } of databases)
    await withClient(ownerUrl, async (client) => void (await client.query('ANALYZE')))
}

/** Brings both databases to at least as many records as W4 reads. */
async function fill(
  sides: readonly (readonly [Target, BenchDatabase])[],
  nextSeed: () => number,
): Promise<void> {
  for (const [target, { appUrl }] of sides) {
    const stored = await withClient(appUrl, async (client) => {
      const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM observations')
      return rows[0]?.n ?? 0
    })
    const calls = Math.ceil((STORED_RECORDS - stored) / 100)
    if (calls > 0) await runWorkload(target, { ...SEQUENTIAL_PUSH, calls }, nextSeed(), cpu)
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
