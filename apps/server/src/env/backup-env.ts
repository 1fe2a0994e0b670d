import path from 'node:path'

import { z } from 'zod'

import type { BucketOptions } from '../outbound/s3-bucket.ts'
import type { EnvIssue } from './read-variables.ts'
import { bucketUrl, folder, wholeNumber } from './variables.ts'

/** How many of the newest days, weeks and months keep a backup. */
export type BackupKeep = { readonly days: number; readonly weeks: number; readonly months: number }

const UNITS = { d: 'days', w: 'weeks', m: 'months' } as const

const keep = z.string().transform((text, context): BackupKeep => {
  const found = { days: 0, weeks: 0, months: 0 }
  for (const part of text.split(',').map((each) => each.trim())) {
    const [, number, unit] = /^([1-9]\d{0,3})([dwm])$/.exec(part) ?? []
    if (number !== undefined && (unit === 'd' || unit === 'w' || unit === 'm'))
      found[UNITS[unit]] = Number(number)
    else {
      context.addIssue({
        code: 'custom',
        message: 'must be numbers of days, weeks and months, such as 7d,4w,12m',
      })
      return z.NEVER
    }
  }
  return found
})

/** Public keys of age, separated by commas. */
const recipients = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine((keys) => keys.every(isRecipient), 'must be public keys of age (age1…), separated by commas')

export const isRecipient = (text: string): boolean => /^age1[0-9a-z]{20,4000}$/.test(text)

/** Backups by the server itself, and the archive of its embedded database (BAK rules). */
export const BackupVariables = z.object({
  BACKUP_DIR: folder.optional(),
  BACKUP_S3_URL: bucketUrl.optional(),
  BACKUP_S3_REGION: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be a region such as eu-central-1')
    .default('us-east-1'),
  BACKUP_S3_KEY_ID: z
    .string()
    .regex(/^[\w.-]{1,256}$/, 'must be the id of an access key')
    .optional(),
  BACKUP_S3_SECRET: z.string().min(8, 'must be the secret of that access key').max(1024).optional(),
  BACKUP_EVERY_HOURS: wholeNumber(0, 744).default(24),
  BACKUP_KEEP: keep.default({ days: 7, weeks: 4, months: 0 }),
  BACKUP_RECIPIENT: recipients.optional(),
  WAL_ARCHIVE_DIR: folder.optional(),
  WAL_ARCHIVE_DAYS: wholeNumber(1, 3650).default(7),
})
type Values = z.infer<typeof BackupVariables>

export type BackupEnv = {
  /** Where the server keeps backups: an absolute folder, or a bucket; undefined for none of its own. */
  readonly place: { readonly folder: string } | { readonly bucket: BucketOptions } | undefined
  /** 0: this server makes none. */
  readonly everyHours: number
  readonly keep: BackupKeep
  /** To whose keys backups are encrypted; none for backups that are not. */
  readonly recipients: readonly string[]
  /** Of the embedded database; undefined for none. */
  readonly archive: { readonly folder: string; readonly days: number } | undefined
}

export const backupEnvOf = (values: Values): BackupEnv => ({
  place: placeOf(values),
  everyHours: values.BACKUP_EVERY_HOURS,
  keep: values.BACKUP_KEEP,
  recipients: values.BACKUP_RECIPIENT ?? [],
  archive:
    values.WAL_ARCHIVE_DIR === undefined
      ? undefined
      : { folder: path.resolve(values.WAL_ARCHIVE_DIR), days: values.WAL_ARCHIVE_DAYS },
})

function placeOf(values: Values): BackupEnv['place'] {
  const { BACKUP_DIR, BACKUP_S3_URL: url, BACKUP_S3_KEY_ID: keyId, BACKUP_S3_SECRET: secret } = values
  if (BACKUP_DIR !== undefined) return { folder: path.resolve(BACKUP_DIR) }
  if (url === undefined || keyId === undefined || secret === undefined) return undefined
  return { bucket: { url, region: values.BACKUP_S3_REGION, keyId, secret } }
}

/** The variables of a bucket are given together or not at all, and not beside a folder. */
const OF_A_BUCKET = ['BACKUP_S3_URL', 'BACKUP_S3_KEY_ID', 'BACKUP_S3_SECRET'] as const

export function checkBackupVariables(values: Values & { DATABASE_URL?: string | undefined }): EnvIssue[] {
  const given = OF_A_BUCKET.filter((name) => values[name] !== undefined)
  const missing = given.length === 0 ? [] : OF_A_BUCKET.filter((name) => values[name] === undefined)
  const missed = (name: string, expected: string): EnvIssue => ({ name, given: '(not set)', expected })
  const issues = missing.map((name) => missed(name, `must be set when ${given.join(' and ')} is`))
  if (given.length > 0 && values.BACKUP_DIR !== undefined)
    issues.push({
      name: 'BACKUP_DIR',
      given: values.BACKUP_DIR,
      expected: 'must not be set beside BACKUP_S3_URL',
    })
  if (values.WAL_ARCHIVE_DIR !== undefined && values.DATABASE_URL !== undefined)
    issues.push({
      name: 'WAL_ARCHIVE_DIR',
      given: values.WAL_ARCHIVE_DIR,
      expected: 'must not be set beside DATABASE_URL: it is for the embedded database',
    })
  return issues
}
