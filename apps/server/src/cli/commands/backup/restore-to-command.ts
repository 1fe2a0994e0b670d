import { APP_ROLE, ensureRoles, lockDataDir, recoverToInstant } from '@fieldsync/db'
import { systemClock } from '@fieldsync/services'

import { BackupError } from '../../../backup/backup-format.ts'
import { clusterDir, DATABASE_NAME } from '../../../database/embedded.ts'
import { readDatabaseEnv } from '../../../env/database-env.ts'
import { obtainRolePasswords } from '../../../secrets/secrets.ts'
import type { Cli } from '../../cli.ts'
import { exitCodeOf, linesOf, missingSecrets, PHONES, settle } from './restored.ts'

/** Where the archive of the embedded database ends. */
const LATEST = 'latest'

/**
 * `restore --to <instant>`: puts the embedded database back to what it was then, and keeps the present one beside it (BAK-13).
 * Later erasures are repeated before it takes the place of the present one.
 */
export async function restoreTo(cli: Cli, to: string): Promise<void> {
  const env = readDatabaseEnv(cli.environment)
  const { archive } = env.backups
  if (!archive || env.external)
    throw new BackupError(
      'restore --to needs the archive of the embedded database: set WAL_ARCHIVE_DIR as the server has it, and no DATABASE_URL',
    )
  const instant = to === LATEST ? undefined : instantOf(to)
  await using stack = new AsyncDisposableStack()
  stack.use(lockDataDir(env.dataDir))
  const dataDir = clusterDir(env)
  const recovered = await recoverToInstant({
    dataDir,
    archive: archive.folder,
    instant,
    onProgress: (text) => cli.progress(text),
  })
  stack.defer(() => recovered.postgres.stop())
  const roles = { database: DATABASE_NAME, ...(await obtainRolePasswords(env)) }
  const urls = await ensureRoles(recovered.postgres.superuserUrl, roles)
  const settled = await settle(env, { ...urls, appRole: APP_ROLE })
  const warnings = await missingSecrets(env)
  const earlier = await recovered.replacePresent(systemClock.now())
  cli.progress('')
  cli.print({
    json: {
      instant: instant ?? null,
      isWhole: recovered.isWhole,
      earlier: earlier ?? null,
      workspaces: settled,
      warnings,
    },
    text: [
      recovered.isWhole
        ? 'Restored everything that was archived; nothing was committed later.'
        : `Restored the database as it was at ${to}.`,
      ...(earlier === undefined
        ? []
        : [`What it was until now is kept in ${earlier}; delete that when you no longer need it.`]),
      ...linesOf(settled),
      ...warnings,
      PHONES,
    ].join('\n'),
    exitCode: exitCodeOf(settled),
  })
}

function instantOf(text: string): Date {
  const instant = new Date(text)
  // Without an offset it would be the time zone of this machine.
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  if (isInstant && !Number.isNaN(instant.getTime())) return instant
  throw new BackupError('--to must be an instant with its offset, such as 2026-12-01T08:15:00Z, or latest')
}
