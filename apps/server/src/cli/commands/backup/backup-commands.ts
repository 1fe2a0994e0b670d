import { readFile, writeFile } from 'node:fs/promises'

import { type Command, InvalidArgumentError } from 'commander'

import { BackupError } from '../../../backup/backup-format.ts'
import { backupName, backupPlace, folderOf, writeBackupFile } from '../../../backup/backup-places.ts'
import { createBackup } from '../../../backup/create-backup.ts'
import { identitiesIn, newIdentity } from '../../../backup/encryption.ts'
import { type OpenBackup, openBackup, openBackupFile } from '../../../backup/read-backup.ts'
import { verifyBackup } from '../../../backup/restore-backup.ts'
import { isRecipient } from '../../../env/backup-env.ts'
import { type DatabaseEnv, readDatabaseEnv } from '../../../env/database-env.ts'
import { type Cli, COMMAND } from '../../cli.ts'
import { openAdmin } from '../../open-admin.ts'
import { counted, shownInstant, table } from '../../table.ts'

const MiB = 1024 * 1024
/** What names a backup in the place of the server, in the place of a file. */
const STORED = 'stored:'

/** `backup [file]`, `backup verify|list|keygen` (BAK rules). */
export function addBackupCommands(program: Command, cli: Cli): void {
  const group = program
    .command('backup')
    .description('back up the whole database, also while a server is running')
    .argument('[file]', 'the file to write; without it, to where the server keeps its backups')
    .option('--to <folder>', 'write to this folder, under a name of its time')
    .option(
      '--recipient <key>',
      'encrypt to this public key of age (age1…), and add the secrets of the server; may be repeated',
      (key: string, keys: string[] | undefined) => [...(keys ?? []), recipientOf(key)],
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExamples:\n  ${COMMAND} backup fieldsync.tar.zst.age --recipient age1…\n  ${COMMAND} backup verify fieldsync.tar.zst.age --identity backup.key`,
    )
    .action((file: string | undefined, { to, recipient }: { to?: string; recipient?: string[] }) =>
      create(cli, file, to, recipient),
    )
  group
    .command('verify')
    .description(
      'read a backup to its end, and verify its hashes, the audit and the records, without restoring it',
    )
    .argument('<file>', `the backup, or ${STORED}<name> of one that \`backup list\` shows`)
    .option('--identity <file>', 'the key of an encrypted backup, as `backup keygen` writes it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  ${COMMAND} backup verify fieldsync.tar.zst.age --identity backup.key`,
    )
    .action(async (file: string, { identity }: { identity?: string }) => {
      const backup = await openGiven(readDatabaseEnv(cli.environment), file, identity)
      const checked = await verifyBackup(backup, (rows) => cli.progress(counted(rows, 'row')))
      cli.progress('')
      const { head } = backup
      cli.print({
        json: { id: head.id, takenAt: head.takenAt, version: head.version, ...checked },
        text:
          `Intact: the backup of ${shownInstant(head.takenAt)}, with ${counted(checked.workspaces, 'workspace')}, ` +
          `${counted(checked.records, 'record')} and ${counted(checked.auditRows, 'row')} of the audit.` +
          (head.hasSecrets ? '' : '\nIt has no secrets: keep the pepper and the checkpoint key elsewhere.'),
      })
    })
  group
    .command('list')
    .description('the backups in BACKUP_DIR or BACKUP_S3_URL, the newest first')
    .option('--json', 'print JSON')
    .action(async () => {
      const stored = await placeOf(readDatabaseEnv(cli.environment)).list()
      cli.print({
        json: stored,
        text:
          stored.length === 0
            ? 'There are no backups yet.'
            : table(
                ['backup', 'taken', 'size'],
                stored.map(({ name, takenAt, bytes }) => [
                  STORED + name,
                  shownInstant(takenAt),
                  sizeOf(bytes),
                ]),
              ),
      })
    })
  group
    .command('keygen')
    .description('write a new key that opens backups to a file, and print the public key to encrypt them to')
    .argument('<file>', 'the file to write; keep it away from this machine')
    .option('--json', 'print JSON')
    .action(async (file: string) => {
      const { recipient, file: text } = await newIdentity()
      await writeFile(file, text, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
        throw new BackupError(`${file} cannot be created: ${String(cause)}`, { cause })
      })
      cli.print({ json: { recipient, file }, text: recipient })
    })
}

async function create(
  cli: Cli,
  file: string | undefined,
  to: string | undefined,
  given: readonly string[] | undefined,
): Promise<void> {
  if (file !== undefined && to !== undefined) throw new BackupError('give a file or --to, not both')
  const env = readDatabaseEnv(cli.environment)
  const recipients = given ?? env.backups.recipients
  await using admin = await openAdmin(env, { newDatabase: false, pepper: false })
  const takenAt = admin.ctx.clock.now()
  const place = file === undefined ? (to === undefined ? placeOf(env) : folderOf(to)) : undefined
  const name = backupName(takenAt, recipients.length > 0)
  const { head, bytes, rows, isEncrypted } = await createBackup({
    env,
    url: admin.url,
    recipients,
    takenAt,
    store: (content) => place?.add(name, content) ?? writeBackupFile(file ?? name, content),
    onRows: (written) => cli.progress(counted(written, 'row')),
  })
  cli.progress('')
  const where = place ? `${name} in ${place.name}` : (file ?? name)
  if (!isEncrypted) cli.io.err(UNENCRYPTED)
  cli.print({
    json: { id: head.id, takenAt: head.takenAt, written: where, bytes, rows, isEncrypted },
    text: `Backed up ${counted(head.workspaces.length, 'workspace')}, ${counted(rows, 'row')} in all, to ${where} (${sizeOf(bytes)}).`,
  })
}

const UNENCRYPTED =
  'fieldsync: the backup is not encrypted, and so has no secrets: keep the pepper and the checkpoint key (SECRETS_DIR) elsewhere, ' +
  'or give --recipient.'

const sizeOf = (bytes: number): string => `${(bytes / MiB).toFixed(1)} MiB`

function recipientOf(text: string): string {
  if (isRecipient(text)) return text
  throw new InvalidArgumentError('It must be a public key of age (age1…).')
}

function placeOf(env: DatabaseEnv): NonNullable<ReturnType<typeof backupPlace>> {
  const place = backupPlace(env.backups)
  if (place) return place
  throw new BackupError('there is no place for backups: give a file, or set BACKUP_DIR or BACKUP_S3_URL')
}

/** Opens a backup that a command names, as a file or as one in the place of the server. @throws BackupError */
export async function openGiven(
  env: DatabaseEnv,
  file: string,
  identity: string | undefined,
): Promise<OpenBackup> {
  const identities = identity === undefined ? [] : identitiesIn(await readText(identity))
  if (!file.startsWith(STORED)) return await openBackupFile(file, identities)
  return await openBackup(await placeOf(env).open(file.slice(STORED.length)), identities)
}

const readText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new BackupError(`${file} cannot be read: ${String(cause)}`, { cause })
  })
