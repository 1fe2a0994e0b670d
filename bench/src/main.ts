// npm run bench: the server against its database's own ceilings, plain and coalescing, in one run on one PostgreSQL.
//   npm run bench -- [W1 W3 …]   only these workloads
//   npm run bench -- W3/8 W3/200 the same with a workspace for each phone
//   npm run bench -- growth      the cost of a call as stored notes grow to a million (BENCH_ROWS) and over 1 to 2,000 workspaces
//   npm run bench -- streams     5,000 live streams over 500 workspaces, and a write to each of these
//   npm run bench -- day         a day of 2,000 farms (BENCH_FARMS) in 20 minutes (BENCH_MINUTES)
//   npm run bench -- drain       a device with 10,000 pending records against the server's own rate
//   npm run bench -- drain/browser only from the browser's store, in Chromium
//   npm run bench -- first       the first sync of a device that joins 10,000 and 100,000 records: time, CPU, memory
//   npm run bench -- typing      typing into the field app in a slowed-down Chromium while its first sync runs
//                                (BENCH_RECORDS, 100,000 by default; so in first)
//   npm run bench -- audit       searches of the audit at a million entries, and what its index costs
//   npm run bench -- recompute   a change of a playbook that affects 5,000 recommendations, while eight devices sync
//   npm run bench -- backup      a backup of 1,000,000 records (BENCH_RECORDS) while devices sync, and its restore
//   npm run bench -- migration   from the first migration to the present schema on BENCH_ROWS rows (1,000,000), beside a writer and a reader
//   npm run bench -- keys W3 W5  devices with keys against the same devices with tokens
//   npm run bench -- peers W1 W3 with other projects' servers as well, which are installed from npm
//   BENCH_ROUNDS=3               rounds of each, all sides in turn
//   BENCH_AGAINST=<checkout>     another build of the server in place of the ceilings
//   BENCH_SETTINGS=METRICS_PORT=0  settings of our server, separated by commas; with BENCH_AGAINST=. it shows what they cost
//   BENCH_RATE_LIMIT=1000000     counts calls per device, which several processes do together; off by default
//   BENCH_NODE_FLAGS=--cpu-prof  flags of Node for the servers under measurement
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { auditTable, measureAudit } from './audit-search.ts'
import { backupTable, measureBackup } from './backup.ts'
import { clientAt, CLIENTS, clientsIn, fleet, type FleetName, phonesOf } from './clients.ts'
import { type BenchDatabase, startCluster } from './cluster.ts'
import { dayTable } from './day-table.ts'
import { type DayFigures, FARMS, measureDay } from './day.ts'
import { type Chromium, startChromium } from './devices/chromium.ts'
import { batchDialect } from './dialects.ts'
import { measureDrain } from './drain.ts'
import { fillWorkspace, FIRST_SYNCS, firstSyncTable, LARGE, measureFirstSync } from './first-sync.ts'
import { growthTable, measureGrowth } from './growth.ts'
import { measureMigration, migrationTable } from './migration.ts'
import { installPeer, PEER_SECRET, PEERS } from './peers/peers.ts'
import { measureRecompute, recomputeTable } from './recompute.ts'
import { compare, type Comparison, drainTable, table } from './report.ts'
import { withClient } from './stored-rows.ts'
import { measureStreams, streamTable } from './streams.ts'
import { startTarget, type Target } from './target.ts'
import { measureTyping, typingTable } from './typing.ts'
import {
  type Measurement,
  runWorkload,
  SEQUENTIAL_PUSH,
  STORED_RECORDS,
  type Workload,
  WORKLOADS,
} from './workloads.ts'

const here = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const say = (text: string): void => void process.stderr.write(`${text}\n`)

/** May change the playbook. */
const AGRONOMIST = { deviceId: 'dev_bench_agronomist', token: 'bench-token-of-the-agronomist' }

/** A server under measurement, with its database in our cluster, if that is where it stores. */
type Side = { readonly target: Target; readonly database?: BenchDatabase }

const CEILINGS = ['plain', 'coalescing'] as const
/** Of our rate to a ceiling's that coalesces, as we do ourselves. */
const AIM_TO_COALESCING = 0.8

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 3)
const wanted = process.argv.slice(2)
const growthOnly = wanted.includes('growth')
const streamsOnly = wanted.includes('streams')
const dayOnly = wanted.includes('day')
const inBrowserOnly = wanted.includes('drain/browser')
const drainOnly = wanted.includes('drain') || inBrowserOnly
const firstOnly = wanted.includes('first')
const typingOnly = wanted.includes('typing')
const inBrowser = drainOnly || firstOnly || typingOnly
const auditOnly = wanted.includes('audit')
const recomputeOnly = wanted.includes('recompute')
const backupOnly = wanted.includes('backup')
const migrationOnly = wanted.includes('migration')
const withKeys = wanted.includes('keys')
const withPeers = wanted.includes('peers')
/** Words that are no workload, and leave the choice of these as it is. */
const SIDES: ReadonlySet<string> = new Set(['keys', 'peers'])
const workloads = WORKLOADS.filter(({ id }) => wanted.every((each) => SIDES.has(each)) || wanted.includes(id))
const ALONE = 'growth streams day drain drain/browser first typing audit recompute backup migration'.split(
  ' ',
)
if (workloads.length === 0 && !ALONE.some((each) => wanted.includes(each))) {
  say(
    `unknown workload ${wanted.join(' ')}; there are ${WORKLOADS.map(({ id }) => id).join(' ')} ${ALONE.join(' ')} keys peers`,
  )
  process.exit(2)
}

// The server knows those that are needed alone: it creates their workspaces when it starts.
const fleetsOf = (...names: FleetName[]): number[] => names.flatMap((name) => phonesOf(name))
const counts = [...workloads, ...(firstOnly ? FIRST_SYNCS : [])].map(({ workspaces }) => workspaces)
const known = [
  ...[...new Set([1, ...counts])].flatMap((workspaces) => clientsIn(workspaces)),
  ...(growthOnly ? fleetsOf('one farm') : []),
  ...(streamsOnly ? fleetsOf('followers') : []),
  ...(dayOnly
    ? fleet('2,000 farms')
        .slice(0, FARMS)
        .flatMap(({ clients }) => clients)
    : []),
]

const cluster = await startCluster()
const cpu = (): number => cluster.cpuSeconds()
const started: Target[] = []
let chromium: Chromium | undefined
const stopAll = async (): Promise<void> => {
  for (const target of started.splice(0)) await target.stop()
  try {
    await chromium?.[Symbol.asyncDispose]()
  } catch {
    // An interrupt has ended the browser, too.
  }
  await cluster.stop()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopAll().then(() => process.exit(130)))
try {
  if (migrationOnly) {
    const database = await cluster.database('migration', { empty: true })
    process.stdout.write(`${migrationTable(await measureMigration(database, say))}\n`)
  }
  if (auditOnly)
    process.stdout.write(`${auditTable(await measureAudit(await cluster.database('audit'), say))}\n`)
  const otherBuild = process.env['BENCH_AGAINST']
  const against = withKeys ? here('../..') : otherBuild && path.resolve(here('../..'), otherBuild)
  const ourDatabase = await cluster.database('ours')
  const startServer = async (
    name: string,
    checkout: string,
    database: BenchDatabase,
    settings: Record<string, string> = {},
    clients: readonly number[] = known,
  ): Promise<Target> => {
    const data = here(`../results/data-${name.replaceAll(' ', '-')}`)
    await rm(data, { recursive: true, force: true })
    await mkdir(data, { recursive: true })
    // Too many for the environment.
    const tokens = path.join(data, 'device-tokens')
    await writeFile(tokens, configuredDevices(clients))
    return await startTarget({
      name,
      inside: streamsOnly,
      script: path.join(checkout, 'apps/server/src/main.ts'),
      dialect: batchDialect('/v1/sync/batch'),
      readyPath: '/v1/health',
      clients: CLIENTS,
      env: {
        DATABASE_URL: database.appUrl,
        MIGRATION_DATABASE_URL: database.ownerUrl,
        DATA_DIR: data,
        RATE_LIMIT_PER_MINUTE: process.env['BENCH_RATE_LIMIT'] ?? 'off',
        ...(chromium && { CORS_ORIGINS: chromium.origin }),
        ...settings,
        DEVICE_TOKENS_FILE: tokens,
      },
    })
  }
  if (inBrowser && useChromium()) chromium = await startChromium()
  const ours = await startServer('fieldsync', here('../..'), ourDatabase, ownSettings())
  started.push(ours)
  if (withKeys) await ours.useKeys(known)
  const others: Side[] = []
  if (workloads.length > 0 && against !== undefined) {
    const database = await cluster.database('other', { empty: true })
    const target = await startServer(withKeys ? 'pre-shared tokens' : 'other build', against, database)
    others.push({ target, database })
  } else if (workloads.length > 0) {
    for (const name of CEILINGS) {
      const database = await cluster.database(name)
      const target = await startTarget({
        name: `${name} ceiling`,
        script: here('./ceiling-server.ts'),
        dialect: batchDialect('/'),
        readyPath: '/',
        env: { DATABASE_URL: database.appUrl, COALESCE: name === 'coalescing' ? '1' : '0' },
      })
      others.push({ target, database })
    }
    for (const peer of withPeers ? PEERS : []) {
      const data = here(`../results/data-${path.basename(peer.script, '.mjs')}`)
      await rm(data, { recursive: true, force: true })
      await mkdir(data, { recursive: true })
      const target = await startTarget({
        name: peer.name,
        script: installPeer(peer, say),
        dialect: peer.dialect,
        readyPath: '/',
        env: { PEER_DATA: data, PEER_SECRET },
      })
      others.push({ target })
    }
  }
  started.push(...others.map(({ target }) => target))
  const sides = [{ target: ours, database: ourDatabase }, ...others]

  const largeSide = async () => {
    const database = await cluster.database('large')
    const clients = fleetsOf('one farm', '200 farms', '2,000 farms')
    const target = await startServer('large', here('../..'), database, ownSettings(), clients)
    started.push(target)
    return { target, database }
  }
  const server = await serverVersion(ourDatabase)
  say(
    `Node ${process.version}, PostgreSQL ${server}, ${cpus().length} cores (${cpus()[0]?.model}), ${rounds} rounds`,
  )
  const comparisons: Comparison[] = []
  let seed = 1
  for (const { target } of sides) await runWorkload(target, { ...SEQUENTIAL_PUSH, calls: 40 }, seed++, cpu)
  for (const workload of workloads) {
    await analyze(sides.flatMap(({ database }) => database ?? []))
    if (workload.id === 'W4') await fill(sides, () => seed++)
    const measured: Measurement[][] = []
    for (let round = 0; round < rounds; round++) {
      say(`${workload.id} ${workload.title}: round ${round + 1} of ${rounds}`)
      const runs: Measurement[] = []
      // Which side goes first changes from round to round, so that a drift of the machine favors none.
      for (let turn = 0; turn < sides.length; turn++) {
        const at = (round + turn) % sides.length
        const side = sides[at]
        if (side) runs[at] = await runWorkload(side.target, workloadOf(side, workload), seed++, cpu)
      }
      measured.push(runs)
    }
    const aims = others.map(({ target: { name } }) => ({ name, aim: aimOf(workload, name) }))
    comparisons.push(compare(workload, aims, measured))
  }
  const growth = growthOnly
    ? await measureGrowth(
        { small: { target: ours, database: ourDatabase }, large: await largeSide() },
        rounds,
        cpu,
        say,
      )
    : []
  const streams = streamsOnly ? await measureStreams(ours, ourDatabase, cpu, say) : undefined
  const day = dayOnly ? await measureDay(ours, ourDatabase, cpu, say) : undefined
  const only = inBrowserOnly ? 'IndexedDB in Chromium' : undefined
  const drain = drainOnly ? await measureDrain(ours, cpu, rounds, say, chromium, only) : []
  const first = firstOnly ? await measureFirstSync(ours, cpu, say, chromium) : []
  if (typingOnly && !firstOnly) await fillWorkspace(ours, LARGE, 950, cpu, say)
  const typing = typingOnly && chromium ? await measureTyping(ours, LARGE.records, chromium, say) : undefined
  if (typing) process.stdout.write(`${typingTable(typing)}\n`)
  const recompute = recomputeOnly
    ? await measureRecompute(ours, ourDatabase, AGRONOMIST, cpu, say)
    : undefined
  const backup = backupOnly
    ? await measureBackup(ours, ourDatabase, await cluster.database('restored', { empty: true }), cpu, say)
    : undefined
  if (backup) process.stdout.write(`${backupTable(backup)}\n`)
  if (recompute) process.stdout.write(`${recomputeTable(recompute)}\n`)
  if (comparisons.length > 0) process.stdout.write(`${table(comparisons)}\n`)
  if (streams) process.stdout.write(`${streamTable(streams)}\n`)
  if (day) process.stdout.write(`${dayTable(day)}\n`)
  if (growthOnly) process.stdout.write(`${growthTable(growth)}\n`)
  if (drainOnly) process.stdout.write(`${drainTable(drain)}\n`)
  if (firstOnly) process.stdout.write(`${firstSyncTable(first)}\n`)
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
    JSON.stringify(
      {
        machine,
        rounds,
        comparisons,
        growth,
        streams,
        day: day && withoutCalls(day),
        drain,
        first,
        typing,
        recompute,
        backup,
      },
      null,
      2,
    ),
  )
  say(`written to ${file}`)
} finally {
  await stopAll()
}

/** One of the peers answers ten idle pulls a second: they get fewer of these, and the rates are compared. */
function workloadOf({ database }: Side, workload: Workload): Workload {
  return database === undefined && workload.id === 'W5' ? { ...workload, calls: 10 } : workload
}

/** Their number is enough for a file. */
function withoutCalls(day: DayFigures) {
  return { ...day, hours: day.hours.map(({ calls, ...hour }) => ({ ...hour, calls: calls.length })) }
}

/** As DEVICE_TOKENS has them. */
function configuredDevices(clients: readonly number[]): string {
  return [
    ...clients
      .map(clientAt)
      .map(({ workspaceId, deviceId, token }) => `${workspaceId}/${deviceId}#scout=${token}`),
    `ws_bench/${AGRONOMIST.deviceId}#agronomist=${AGRONOMIST.token}`,
  ].join(',')
}

/** What our rate is to be to another's; null for another build, where it says what a change has cost. */
function aimOf({ aim, keyedAim }: Workload, name: string): number | null {
  if (name === 'plain ceiling') return aim
  if (name === 'coalescing ceiling') return AIM_TO_COALESCING
  // The one that flushes what it answers, as we do.
  if (name.startsWith('Triplit')) return 1
  return withKeys ? (keyedAim ?? null) : null
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
 * Fresh statistics for all sides: the plan that a fresh database would happen to choose is not part of the
 * measurement.
 */
async function analyze(databases: readonly BenchDatabase[]): Promise<void> {
  for (const { ownerUrl } of databases)
    await withClient(ownerUrl, async (client) => void (await client.query('ANALYZE')))
}

/** Brings all sides to at least as many records as W4 reads. */
async function fill(sides: readonly Side[], nextSeed: () => number): Promise<void> {
  for (const { target, database } of sides) {
    const calls = Math.ceil((STORED_RECORDS - (database ? await storedIn(database) : 0)) / 100)
    if (calls > 0) await runWorkload(target, { ...SEQUENTIAL_PUSH, calls }, nextSeed(), cpu)
  }
}

async function storedIn({ appUrl }: BenchDatabase): Promise<number> {
  return await withClient(appUrl, async (client) => {
    const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM observations')
    return rows[0]?.n ?? 0
  })
}

function ownSettings(): Record<string, string> {
  const texts = process.env['BENCH_SETTINGS']?.split(',') ?? []
  return Object.fromEntries(
    texts.map((text) => [text.split('=', 1)[0] ?? '', text.slice(text.indexOf('=') + 1)]),
  )
}

/** Whether there is a Chromium here, which `npm run bench` has found and the test kit starts. */
function useChromium(): boolean {
  const isThere = Boolean(process.env['CHROMIUM_PATH'])
  if (!isThere) say('no Chromium here: the store of browsers is left out')
  return isThere
}
