import { statfs } from 'node:fs/promises'

import { archivedBases, parseDatabaseUrl, ReadReplicas } from '@fieldsync/db'
import {
  type AdminContext,
  databaseFigures,
  listAdminTokens,
  Readiness,
  type StandbyFigures,
  systemClock,
} from '@fieldsync/services'
import type { Command } from 'commander'

import { backupPlace } from '../../backup/backup-places.ts'
import { checkpointStores } from '../../checkpoints/checkpoint-stores.ts'
import type { DatabaseEnv } from '../../env/database-env.ts'
import { readDatabaseEnv } from '../../env/database-env.ts'
import { readServerEnv } from '../../env/server-env.ts'
import { messageOf } from '../../log/error-fields.ts'
import { type Cli, COMMAND } from '../cli.ts'
import { EXIT } from '../exit-code.ts'
import { openAdmin } from '../open-admin.ts'

/** One thing that was looked at: what was found, and where it is not fine, what to do. */
type Finding = {
  readonly what: string
  readonly state: 'ok' | 'warning' | 'problem'
  readonly found: string
  readonly remedy?: string
}

const LEAST_FREE = 0.1
const GiB = 1024 ** 3

/** `doctor`: explains what is wrong with an installation, and changes nothing (MON-11). */
export function addDoctorCommand(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description('look at the configuration, the disk and the database of a server, and say what to do')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExit code 1 where something is a problem.\n\nExample:\n  ${COMMAND} doctor`)
    .action(async () => {
      const findings = await examine(cli)
      const isIll = findings.some(({ state }) => state === 'problem')
      cli.print({
        json: findings,
        text: findings.map(lineOf).join('\n'),
        exitCode: isIll ? EXIT.failed : EXIT.done,
      })
    })
}

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const

const lineOf = ({ what, state, found, remedy }: Finding): string =>
  `${MARKS[state]} ${what}: ${found}${remedy === undefined ? '' : `\n          → ${remedy}`}`

async function examine({ environment }: Cli): Promise<Finding[]> {
  const env = readDatabaseEnv(environment)
  const findings = [configuration(() => readServerEnv(environment)), await disk(env)]
  try {
    await using admin = await openAdmin(env, { newDatabase: false, pepper: true })
    findings.push(...(await database(admin.ctx, env)))
  } catch (error) {
    const remedy =
      'see “Starting and health” in docs/operations/install.md; what needs the database was not looked at'
    findings.push({ what: 'database', state: 'problem', found: messageOf(error), remedy })
  }
  for (const store of checkpointStores(env)) {
    const what = `checkpoints in ${store.name}`
    try {
      await store.list('fieldsync/audit')
      findings.push({ what, state: 'ok', found: 'can be read' })
    } catch (error) {
      const remedy = 'see “Checkpoints of the audit” in docs/operations/audit.md'
      findings.push({ what, state: 'warning', found: messageOf(error), remedy })
    }
  }
  findings.push(await backups(env), ...(await archive(env)))
  return findings
}

const HOUR_MS = 60 * 60 * 1000

/** Whether the server's own backups are as new as they are to be (BAK-10). */
async function backups(env: DatabaseEnv): Promise<Finding> {
  const place = backupPlace(env.backups)
  const remedy = 'see docs/operations/back-up-and-restore.md'
  if (!place) {
    const found = 'this server makes none'
    // Whoever has a PostgreSQL of their own may well back that up.
    return {
      what: 'backups',
      ...(env.external ? { state: 'ok', found } : { state: 'warning', found, remedy }),
    }
  }
  const what = `backups in ${place.name}`
  try {
    const [newest] = await place.list()
    if (!newest) return { what, state: 'warning', found: 'there is none yet', remedy }
    const hours = (systemClock.now().getTime() - newest.takenAt.getTime()) / HOUR_MS
    const found = `the newest is ${hours.toFixed(1)} hours old`
    const { everyHours } = env.backups
    return everyHours > 0 && hours > 2 * everyHours
      ? { what, state: 'problem', found, remedy }
      : { what, state: 'ok', found }
  } catch (error) {
    return { what, state: 'problem', found: messageOf(error), remedy }
  }
}

/** Whether the archive of the embedded database has a base of the last two days (BAK-11). */
async function archive({ backups: { archive: configured } }: DatabaseEnv): Promise<Finding[]> {
  if (!configured) return []
  const what = `archive in ${configured.folder}`
  const remedy = 'see “Go back to an instant” in docs/operations/back-up-and-restore.md'
  const [newest] = await archivedBases(configured.folder)
  if (!newest) return [{ what, state: 'warning', found: 'it has no base yet', remedy }]
  const hours = (systemClock.now().getTime() - newest.completeAt.getTime()) / HOUR_MS
  const found = `its newest base is ${hours.toFixed(1)} hours old`
  return [hours > 48 ? { what, state: 'problem', found, remedy } : { what, state: 'ok', found }]
}

function configuration(read: () => unknown): Finding {
  const what = 'configuration'
  try {
    read()
    return { what, state: 'ok', found: 'every variable can be used' }
  } catch (error) {
    return { what, state: 'problem', found: messageOf(error), remedy: 'the server does not start like this' }
  }
}

async function disk({ dataDir }: DatabaseEnv): Promise<Finding> {
  const what = `disk of ${dataDir}`
  try {
    const { bavail, blocks, bsize } = await statfs(dataDir)
    const found = `${((bavail * bsize) / GiB).toFixed(1)} GiB free of ${((blocks * bsize) / GiB).toFixed(1)}`
    if (bavail >= LEAST_FREE * blocks) return { what, state: 'ok', found }
    return { what, state: 'warning', found, remedy: 'a full disk stops every write: make room' }
  } catch (error) {
    const remedy = 'set DATA_DIR to the folder of the server, or start the server once'
    return { what, state: 'warning', found: messageOf(error), remedy }
  }
}

const NOT_READY = {
  database: 'see “What health means” in docs/operations/monitor.md',
  tables: 'find who holds a lock (pg_locks), and give the role its rights by starting the server once',
  schema: 'start a server of this build: it applies what is missing',
} as const

/** About the synchronous standby (HA-5); nothing where there are neither standbys nor several servers. */
function standbyFindings({ required, present }: StandbyFigures, { external }: DatabaseEnv): Finding[] {
  const what = 'synchronous standby'
  const isOneOfSeveral = external !== undefined && parseDatabaseUrl(external.appUrl).servers.length > 1
  if (required === 0) {
    const found = 'none is required, so a failover may lose what was acknowledged'
    const remedy = 'set synchronous_standby_names; see docs/operations/fail-over.md'
    return isOneOfSeveral ? [{ what, state: 'warning', found, remedy }] : []
  }
  if (present === undefined) {
    const found = `${required} required; the role of DATABASE_URL may not see how many there are`
    return [{ what, state: 'warning', found, remedy: 'GRANT pg_read_all_stats TO that role' }]
  }
  const found = `${present} of ${required} are streaming`
  if (present >= required) return [{ what, state: 'ok', found }]
  const remedy = 'no write is acknowledged until it is back; see docs/operations/fail-over.md'
  return [{ what, state: 'problem', found, remedy }]
}

/** Each read replica as a server would find it (REP-6). */
async function replicaFindings(
  { runtime }: AdminContext,
  { replicas: wanted }: DatabaseEnv,
): Promise<Finding[]> {
  if (!wanted) return []
  const { pool, primary } = runtime.db
  const { url, maxLagMs } = wanted
  const replicas = new ReadReplicas({
    url,
    max: 1,
    applicationName: 'fieldsync-cli',
    limits: { maxLagMs },
    primary,
    pool,
  })
  try {
    await replicas.ask()
    return replicas.servers.map(({ name, unusable, behindBytes }): Finding => {
      const what = `read replica ${name}`
      if (!unusable) {
        const found = `it is a standby of this database, ${behindBytes ?? 'an unknown number of'} bytes behind`
        return { what, state: 'ok', found }
      }
      const remedy = 'the primary answers in its place; see “Read replicas” in docs/operations/scale.md'
      return { what, state: 'warning', found: unusable.message, remedy }
    })
  } finally {
    await replicas.close()
  }
}

async function database(ctx: AdminContext, env: DatabaseEnv): Promise<Finding[]> {
  const { runtime, clock } = ctx
  const findings: Finding[] = []
  const notReady = await new Readiness(runtime).check()
  findings.push(
    notReady
      ? {
          what: 'writing',
          state: 'problem',
          found: notReady.message,
          remedy: NOT_READY[notReady.reason],
        }
      : { what: 'writing', state: 'ok', found: 'commits complete, and every table can be written' },
  )
  const { bytes, workspaces, jobs, standbys } = await databaseFigures(runtime)
  const found = `${workspaces} workspaces, ${(bytes / GiB).toFixed(2)} GiB`
  findings.push(
    { what: 'database', state: 'ok', found },
    ...standbyFindings(standbys, env),
    ...(await replicaFindings(ctx, env)),
  )
  const isForeign = await runtime.signingKeys.areForeign(clock.now())
  findings.push(
    isForeign
      ? {
          what: 'pepper',
          state: 'problem',
          found: 'it opens no signing key of this database',
          remedy:
            'give the pepper that the database was used with; see “Secrets” in docs/operations/secure.md',
        }
      : { what: 'pepper', state: 'ok', found: 'fits the database' },
  )
  const failed = jobs?.failed ?? 0
  if (failed > 0) {
    const remedy = `${COMMAND} jobs list`
    findings.push({ what: 'jobs', state: 'warning', found: `${failed} were given up`, remedy })
  }
  if (env.external?.oneRole) {
    const remedy = 'see “Two database roles” in docs/operations/database.md'
    findings.push({ what: 'database roles', state: 'warning', found: 'one for everything', remedy })
  }
  for (const { workspaceId, admins } of await listAdminTokens({ ctx, limit: 20 })) {
    const remedy = 'enroll their devices with keys'
    const what = `admins of ${workspaceId}`
    findings.push({ what, state: 'warning', found: `${admins} may call with pre-shared tokens`, remedy })
  }
  return findings
}
