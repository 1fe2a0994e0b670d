import { addAbortSignal, type Readable } from 'node:stream'

import { dumpDatabase } from '@fieldsync/db'

import type { DatabaseEnv } from '../env/database-env.ts'
import { storedSecrets } from '../secrets/secrets.ts'
import { SERVER_VERSION } from '../version.ts'
import { type BackupHead, backupStream } from './backup-format.ts'
import { encrypted } from './encryption.ts'

export type CreatedBackup = {
  readonly head: BackupHead
  readonly bytes: number
  readonly rows: number
  readonly isEncrypted: boolean
}

/**
 * Makes a backup of a database while it is used (BAK-1). With recipients it is encrypted and has the secrets, too; without, it is
 * neither (BAK-3).
 *
 * @param url of the owner's role or the application's
 * @param store takes the content, such as to a file, and gives back its size in bytes
 * @param onRows learns how many rows have been written so far
 * @throws what the database or `store` fails with
 */
export async function createBackup({
  env,
  url,
  recipients,
  takenAt,
  store,
  signal,
  onRows = () => undefined,
}: {
  env: DatabaseEnv
  url: string
  recipients: readonly string[]
  takenAt: Date
  store: (content: Readable) => Promise<number>
  /** Ends it: nothing is stored then. */
  signal?: AbortSignal
  onRows?: (rows: number) => void
}): Promise<CreatedBackup> {
  const isEncrypted = recipients.length > 0
  const secrets = isEncrypted ? await storedSecrets(env) : undefined
  await using dump = await dumpDatabase(url)
  let rows = 0
  const { head, content } = backupStream(dump, {
    takenAt,
    version: SERVER_VERSION,
    secrets,
    onPart: (part) => onRows((rows += part.rows)),
  })
  const written = isEncrypted ? await encrypted(content, recipients) : content
  const bytes = await store(signal ? addAbortSignal(signal, written) : written)
  return { head, bytes, rows, isEncrypted }
}
