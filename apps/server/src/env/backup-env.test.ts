import { expect, it } from 'vitest'

import { readDatabaseEnv } from './database-env.ts'

const SECRET = 'canary-of-the-bucket'
const BUCKET = {
  BACKUP_S3_URL: 'https://s3.example.com/backups',
  BACKUP_S3_KEY_ID: 'AKIDEXAMPLE',
  BACKUP_S3_SECRET: SECRET,
}

it('[BAK-8] by default no backups are made, and of what is configured the rest has defaults', () => {
  expect(readDatabaseEnv({}).backups).toEqual({
    place: undefined,
    everyHours: 24,
    keep: { days: 7, weeks: 4, months: 0 },
    recipients: [],
    archive: undefined,
  })
  expect(readDatabaseEnv({ ...BUCKET, BACKUP_KEEP: '3d, 12m' }).backups).toMatchObject({
    place: { bucket: { url: BUCKET.BACKUP_S3_URL, region: 'us-east-1', secret: SECRET } },
    keep: { days: 3, weeks: 0, months: 12 },
  })
})

it.each([
  [{ ...BUCKET, BACKUP_DIR: '/backups' }, 'BACKUP_DIR'],
  [{ ...BUCKET, BACKUP_S3_KEY_ID: '' }, 'BACKUP_S3_KEY_ID'],
  [{ ...BUCKET, BACKUP_S3_URL: 'http://s3.example.com/backups' }, 'BACKUP_S3_URL'],
  [{ BACKUP_KEEP: '7' }, 'BACKUP_KEEP'],
  [{ BACKUP_KEEP: '0d' }, 'BACKUP_KEEP'],
  [{ BACKUP_EVERY_HOURS: '745' }, 'BACKUP_EVERY_HOURS'],
  [{ BACKUP_RECIPIENT: 'AGE-SECRET-KEY-1CANARY' }, 'BACKUP_RECIPIENT'],
  [
    { WAL_ARCHIVE_DIR: '/archive', DATABASE_URL: 'postgresql://app:x@db.internal/fieldsync' },
    'WAL_ARCHIVE_DIR',
  ],
])('[BAK-3, BAK-8, BAK-11] %j is refused, and names no secret', (environment, name) => {
  const failure = ((): string => {
    try {
      readDatabaseEnv(environment)
      return ''
    } catch (error) {
      return String(error)
    }
  })()
  expect(failure).toContain(`  ${name} `)
  expect(failure).not.toContain('canary')
  expect(failure).not.toContain('CANARY')
})
