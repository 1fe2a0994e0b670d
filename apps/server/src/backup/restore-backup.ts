import { loadDatabase, unfinishedRestore } from '@fieldsync/db'

import type { DatabaseEnv } from '../env/database-env.ts'
import { requireSameSecrets, restoreSecrets } from '../secrets/secrets.ts'
import { type CheckedContent, ContentCheck } from './content-check.ts'
import type { OpenBackup } from './read-backup.ts'

/**
 * Reads a backup to its end and checks all that it says: that each entry is what was written, that each chain of the audit leads to
 * its end, and that the records have the hash of their workspace (BAK-6).
 *
 * @throws BackupError
 */
export async function verifyBackup(
  backup: OpenBackup,
  onRows: (rows: number) => void = () => undefined,
): Promise<CheckedContent> {
  const check = new ContentCheck(backup.head)
  let rows = 0
  for await (const part of backup.parts()) {
    check.part(part)
    onRows((rows += part.rows))
  }
  return check.finish()
}

/**
 * Loads a backup into an empty database, and the secrets that it has where this server has none. What is wrong with it is found
 * before the transaction is committed (BAK-5, BAK-6). Servers refuse the database until `finishRestore`; one that
 * was loaded from the same backup and not finished is left as it is.
 *
 * @param ownerUrl of the role that owns the tables, or that is to
 * @returns undefined where it had been loaded before
 * @throws BackupError, LoadError, SecretError; nothing has been changed then
 */
export async function restoreBackup(
  backup: OpenBackup,
  {
    env,
    ownerUrl,
    onRows = () => undefined,
  }: { env: DatabaseEnv; ownerUrl: string; onRows?: (rows: number) => void },
): Promise<CheckedContent | undefined> {
  const { head, secrets } = backup
  if (secrets) await requireSameSecrets(env, secrets)
  let checked: CheckedContent | undefined
  if ((await unfinishedRestore(ownerUrl)) !== head.id) {
    await loadDatabase({
      ownerUrl,
      backupId: head.id,
      description: head,
      fill: async (add) => {
        const check = new ContentCheck(head)
        let rows = 0
        for await (const part of backup.parts()) {
          check.part(part)
          await add(part)
          onRows((rows += part.rows))
        }
        checked = check.finish()
      },
    })
  }
  if (secrets) await restoreSecrets(env, secrets)
  return checked
}
