import { APP_ROLE, lockDataDir } from '@fieldsync/db'
import type { Command } from 'commander'

import { BackupError } from '../../../backup/backup-format.ts'
import type { CheckedContent } from '../../../backup/content-check.ts'
import type { OpenBackup } from '../../../backup/read-backup.ts'
import { restoreBackup } from '../../../backup/restore-backup.ts'
import type { SettledWorkspace } from '../../../backup/settle-restored.ts'
import { startEmbeddedCluster } from '../../../database/embedded.ts'
import { appRoleOf, checkDatabase } from '../../../database/external.ts'
import { type DatabaseEnv, readDatabaseEnv } from '../../../env/database-env.ts'
import { type Cli, COMMAND, type Outcome } from '../../cli.ts'
import { counted, shownInstant } from '../../table.ts'
import { openGiven } from './backup-commands.ts'
import { restoreTo } from './restore-to-command.ts'
import { exitCodeOf, linesOf, missingSecrets, PHONES, type RestoredDatabase, settle } from './restored.ts'

/** `restore <file>` (BAK-5 to BAK-7), and `restore --to <instant>` (BAK-13). */
export function addRestoreCommand(program: Command, cli: Cli): void {
  program
    .command('restore')
    .description('restore a backup into an empty database, with every server of it stopped')
    .argument('[file]', 'the backup, or stored:<name> of one that `backup list` shows')
    .option(
      '--to <instant>',
      'in the place of a backup: put the embedded database back to this instant, or to `latest`, from WAL_ARCHIVE_DIR',
    )
    .option('--identity <file>', 'the key of an encrypted backup, as `backup keygen` writes it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nInterrupted or failed, it leaves the database empty, or can be repeated with the same backup.\n\nExample:\n  ${COMMAND} restore fieldsync.tar.zst.age --identity backup.key\n  ${COMMAND} restore --to 2026-12-01T08:15:00Z`,
    )
    .action(async (file: string | undefined, { identity, to }: { identity?: string; to?: string }) => {
      if ((file === undefined) === (to === undefined)) throw new BackupError('give a backup or --to')
      if (file === undefined) return await restoreTo(cli, to ?? '')
      const env = readDatabaseEnv(cli.environment)
      const backup = await openGiven(env, file, identity)
      await using target = await openTarget(env)
      const checked = await restoreBackup(backup, {
        env,
        ownerUrl: target.ownerUrl,
        onRows: (rows) => cli.progress(counted(rows, 'row')),
      })
      cli.progress('')
      const settled = await settle(env, target)
      cli.print(outcomeOf(backup, checked, settled, await missingSecrets(env)))
    })
}

/** The database that is restored into, whether or not it has tables yet. */
async function openTarget(env: DatabaseEnv): Promise<RestoredDatabase & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  if (env.external) {
    await checkDatabase('MIGRATION_DATABASE_URL', env.external.ownerUrl)
    const { ownerUrl, appUrl } = env.external
    return {
      ownerUrl,
      appUrl,
      appRole: appRoleOf(env.external),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
  stack.use(lockDataDir(env.dataDir))
  const { ownerUrl, appUrl } = stack.use(await startEmbeddedCluster(env, () => undefined))
  const opened = stack.move()
  return { ownerUrl, appUrl, appRole: APP_ROLE, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

function outcomeOf(
  { head }: OpenBackup,
  checked: CheckedContent | undefined,
  settled: readonly SettledWorkspace[],
  warnings: readonly string[],
): Outcome {
  const what = checked ? `, ${counted(checked.records, 'record')}` : ' (loaded before)'
  return {
    json: { id: head.id, takenAt: head.takenAt, checked: checked ?? null, workspaces: settled, warnings },
    text: [
      `Restored the backup of ${shownInstant(head.takenAt)}: ${counted(head.workspaces.length, 'workspace')}${what}.`,
      ...linesOf(settled),
      ...warnings,
      PHONES,
    ].join('\n'),
    exitCode: exitCodeOf(settled),
  }
}
