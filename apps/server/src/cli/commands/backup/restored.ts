import { finishRestore, openDatabase, prepareSchema } from '@fieldsync/db'
import { type AdminContext, Runtime, systemClock } from '@fieldsync/services'

import { type SettledWorkspace, settleRestored } from '../../../backup/settle-restored.ts'
import { checkpointKeys } from '../../../checkpoints/checkpoint-stores.ts'
import type { DatabaseEnv } from '../../../env/database-env.ts'
import { existingCheckpointKey, storedSecrets } from '../../../secrets/secrets.ts'
import { adminRequest } from '../../../verb-request.ts'
import { COMMAND } from '../../cli.ts'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { counted } from '../../table.ts'

/** A database whose rows are there, by its two roles. */
export type RestoredDatabase = {
  readonly ownerUrl: string
  readonly appUrl: string
  /** Undefined where one role is both. */
  readonly appRole: string | undefined
}

/** Does what remains once the rows are there, and opens the database to servers (BAK-7). */
export async function settle(
  env: DatabaseEnv,
  { ownerUrl, appUrl, appRole }: RestoredDatabase,
): Promise<SettledWorkspace[]> {
  await prepareSchema({ ownerUrl, appRole })
  await using stack = new AsyncDisposableStack()
  const db = openDatabase({ url: appUrl, max: 2, applicationName: 'fieldsync-restore' })
  stack.defer(() => db.close())
  const runtime = new Runtime({ db, pepper: Buffer.alloc(0) })
  const admin: AdminContext = { runtime, clock: systemClock, request: adminRequest('cli') }
  const key = await existingCheckpointKey(env).catch(() => undefined)
  const settled = await settleRestored(admin, { env, keys: checkpointKeys(env, key) })
  await finishRestore(ownerUrl)
  return settled
}

/** Secrets that a server here would generate at its start. */
export async function missingSecrets(env: DatabaseEnv): Promise<string[]> {
  const own = await storedSecrets(env)
  return [
    ...(own.pepper === undefined
      ? [
          `There is no pepper: put it into ${env.secretsDir} before a server starts, or no device token is valid any more.`,
        ]
      : []),
    ...(own.checkpointKey === undefined
      ? [
          'There is no checkpoint key: checkpoints were not compared, and nothing was erased again. Put it back and run `audit verify` ' +
            'and `erase repeat`.',
        ]
      : []),
  ]
}

export const exitCodeOf = (settled: readonly SettledWorkspace[]): ExitCode =>
  settled.every(({ audit, erasures }) => audit.ok && erasures.refused.length === 0) ? EXIT.done : EXIT.failed

/** What every phone does by itself (CUR-6, ENG-15). */
export const PHONES =
  'Phones that have synced since pull from the beginning, keep what they have, and resend their own writes of the last 30 days that ' +
  'are missing here.'

/** What was found and done in each workspace, and what is left to do. */
export const linesOf = (settled: readonly SettledWorkspace[]): string[] =>
  settled.flatMap(({ workspaceId, audit, lostRows, erasures }) => {
    const { erased, people, refused } = erasures
    return [
      `${workspaceId}: the audit is ${audit.ok ? `intact (${counted(audit.rows, 'row')})` : `BROKEN: ${audit.reason}`}.`,
      ...(lostRows > 0
        ? [
            `  ${counted(lostRows, 'row')} of the audit written since are lost; say so:  ${COMMAND} audit acknowledge ${workspaceId} --reason "…"`,
          ]
        : []),
      ...(erased.records + people.length > 0
        ? [
            `  Erased again: ${counted(erased.records, 'record')}, ${counted(people.length, 'person', 'people')}.`,
          ]
        : []),
      ...refused.map(
        ({ personId, reason }) => `  NOT ERASED ${personId}: ${reason} Then run \`erase repeat\`.`,
      ),
    ]
  })
