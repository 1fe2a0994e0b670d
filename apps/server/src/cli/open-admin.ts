import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

import {
  APP_ROLE,
  connectionUrl,
  connectOnce,
  DataDirLockedError,
  lockDataDir,
  openDatabase,
  OWNER_ROLE,
  runningEmbeddedPostgres,
} from '@fieldsync/db'
import { type AdminContext, Runtime, systemClock } from '@fieldsync/services'

import { DatabaseError } from '../database/database-error.ts'
import { clusterDir, DATABASE_NAME, startEmbeddedDatabase } from '../database/embedded.ts'
import { checkDatabase } from '../database/external.ts'
import type { DatabaseEnv } from '../env/database-env.ts'
import { messageOf } from '../log/error-fields.ts'
import { existingPeppers, existingRolePassword, obtainPeppers } from '../secrets/secrets.ts'
import { adminRequest } from '../verb-request.ts'

const START_LIMIT_MS = 15_000
const POLL_MS = 100

export type Needs = {
  /** The command creates something, so it may also create the database of a data folder that has none yet. */
  readonly newDatabase: boolean
  /** The command hashes a token. */
  readonly pepper: boolean
  /** The command does what only the tables' owner may. */
  readonly owner?: true
}

type Admin = AsyncDisposable & {
  readonly ctx: AdminContext
  /** Of the role that was asked for. */
  readonly url: string
}

/**
 * Opens the database for one command: that of `DATABASE_URL`, or the embedded one of the data folder, which is started
 * for the duration of the command unless a server is running it.
 * @throws what `failureOf` describes
 */
export async function openAdmin(env: DatabaseEnv, needs: Needs): Promise<Admin> {
  await using stack = new AsyncDisposableStack()
  const fresh = env.external === undefined && !existsSync(clusterDir(env))
  if (fresh && !needs.newDatabase) {
    throw new DatabaseError(
      `there is no database in ${env.dataDir}; start the server once, or set DATA_DIR to the same folder as the server`,
    )
  }
  const url =
    env.external === undefined
      ? await embeddedUrl(env, stack, needs)
      : await externalUrl(needs.owner ? env.external.ownerUrl : env.external.appUrl)
  const peppers = fresh
    ? await obtainPeppers(env)
    : needs.pepper
      ? await existingPeppers(env)
      : { pepper: Buffer.alloc(0) }
  const db = openDatabase({ url, max: 2, applicationName: 'fieldsync-cli' })
  stack.defer(() => db.close())
  const opened = stack.move()
  return {
    ctx: { runtime: new Runtime({ db, ...peppers }), clock: systemClock, request: adminRequest('cli') },
    url,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

async function externalUrl(url: string): Promise<string> {
  try {
    await checkDatabase('DATABASE_URL', url)
  } catch (error) {
    if (error instanceof DatabaseError) throw error
    throw new DatabaseError(`the database of DATABASE_URL cannot be reached: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (await hasTables(url)) return url
  throw new DatabaseError(
    'the database of DATABASE_URL has no tables of Fieldsync yet; start the server once',
  )
}

async function embeddedUrl(env: DatabaseEnv, stack: AsyncDisposableStack, needs: Needs): Promise<string> {
  try {
    stack.use(lockDataDir(env.dataDir))
  } catch (error) {
    if (!(error instanceof DataDirLockedError)) throw error
    return runningServersUrl(env, needs)
  }
  const quiet = { onEvent: () => undefined, onMigrated: () => undefined }
  const { appUrl, ownerUrl } = stack.use(await startEmbeddedDatabase(env, quiet))
  return needs.owner ? ownerUrl : appUrl
}

/** The database of the server that holds the folder, which may just be starting. */
async function runningServersUrl(env: DatabaseEnv, { owner }: Needs): Promise<string> {
  for (
    const started = performance.now();
    performance.now() - started < START_LIMIT_MS;
    await delay(POLL_MS)
  ) {
    const running = await runningEmbeddedPostgres(clusterDir(env))
    if (running === undefined) continue
    const password = await existingRolePassword(env, owner ? 'owner' : 'app')
    const user = owner ? OWNER_ROLE : APP_ROLE
    const url = connectionUrl(running.superuserUrl, { database: DATABASE_NAME, user, password })
    if (await hasTables(url).catch(() => false)) return url
  }
  throw new DatabaseError(
    `the server that uses ${env.dataDir} has not finished starting its database; see its log`,
  )
}

/** Whether the migrations have been applied, the last thing that makes a database usable. */
async function hasTables(url: string): Promise<boolean> {
  await using connection = await connectOnce({ url, applicationName: 'fieldsync-cli', silenceMs: 5000 })
  const { rows } = await connection.client.query<{ found: boolean }>(
    `SELECT to_regclass('audit_entries') IS NOT NULL AS found`,
  )
  return rows[0]?.found ?? false
}
