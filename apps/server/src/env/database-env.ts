import path from 'node:path'

import { parseDatabaseUrl } from '@fieldsync/db'
import { z } from 'zod'

import type { BucketOptions } from '../outbound/s3-bucket.ts'
import { type BackupEnv, backupEnvOf, BackupVariables, checkBackupVariables } from './backup-env.ts'
import { type Environment, type EnvIssue, readVariables } from './read-variables.ts'
import { bucketUrl, databaseReadUrl, databaseUrl, folder, publicKeys, wholeNumber } from './variables.ts'

const secret = z.string().min(32, 'must be a secret of at least 32 characters').max(1024)

/** Where the database and the secrets are: what the server and the command line both need. */
export const DatabaseVariables = z.object({
  DATA_DIR: folder.default('.data'),
  DATABASE_URL: databaseUrl.optional(),
  MIGRATION_DATABASE_URL: databaseUrl.optional(),
  DATABASE_READ_URL: databaseReadUrl.optional(),
  DATABASE_READ_MAX_LAG_SECONDS: wholeNumber(1, 3600).default(10),
  DB_POOL_MAX: wholeNumber(2, 500).default(10),
  SECRETS_DIR: folder.optional(),
  CHECKPOINT_DIR: folder.optional(),
  CHECKPOINT_KEY: secret.optional(),
  CHECKPOINT_EARLIER_KEYS: publicKeys.optional(),
  CHECKPOINT_S3_URL: bucketUrl.optional(),
  CHECKPOINT_S3_REGION: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be a region such as eu-central-1')
    .default('us-east-1'),
  CHECKPOINT_S3_KEY_ID: z
    .string()
    .regex(/^[\w.-]{1,256}$/, 'must be the id of an access key')
    .optional(),
  CHECKPOINT_S3_SECRET: z.string().min(8, 'must be the secret of that access key').max(1024).optional(),
  PEPPER: secret.optional(),
  PEPPER_PREVIOUS: secret.optional(),
  ...BackupVariables.shape,
})

export const SECRET_VARIABLES: ReadonlySet<string> = new Set([
  'DATABASE_URL',
  'MIGRATION_DATABASE_URL',
  'DATABASE_READ_URL',
  'DEVICE_TOKENS',
  'PEPPER',
  'CHECKPOINT_KEY',
  'CHECKPOINT_S3_KEY_ID',
  'CHECKPOINT_S3_SECRET',
  'BACKUP_S3_KEY_ID',
  'BACKUP_S3_SECRET',
  // Somebody may give the secret key in the place of the public one.
  'BACKUP_RECIPIENT',
  'WEATHER_OPEN_METEO_KEY',
  'WEATHER_SYNOPTIC_TOKEN',
  'PEPPER_PREVIOUS',
  'OIDC_CLIENT_SECRET',
  'METRICS_TOKEN',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
])

export type DatabaseEnv = {
  /** Absolute. */
  readonly dataDir: string
  /** Absolute. */
  readonly secretsDir: string
  readonly external:
    | { readonly appUrl: string; readonly ownerUrl: string; readonly oneRole: boolean }
    | undefined
  /** Read replicas of the external database; undefined where it has none for us. */
  readonly replicas: { readonly url: string; readonly maxLagMs: number } | undefined
  readonly poolMax: number
  readonly pepper: string | undefined
  readonly checkpoints: {
    /** Absolute. */
    readonly folder: string
    readonly key: string | undefined
    /** Public keys of earlier ones: what they signed still counts. */
    readonly earlierKeys: readonly string[]
    /** A second place for them. */
    readonly bucket: BucketOptions | undefined
  }
  readonly backups: BackupEnv
  /** What is stored under it is still accepted. */
  readonly previousPepper: string | undefined
}

export function databaseEnvOf(values: z.infer<typeof DatabaseVariables>): DatabaseEnv {
  const dataDir = path.resolve(values.DATA_DIR)
  const { DATABASE_URL: appUrl, MIGRATION_DATABASE_URL: ownerUrl, DATABASE_READ_URL: readUrl } = values
  return {
    dataDir,
    secretsDir: path.resolve(values.SECRETS_DIR ?? path.join(dataDir, 'secrets')),
    external:
      appUrl === undefined
        ? undefined
        : {
            appUrl,
            ownerUrl: ownerUrl ?? appUrl,
            oneRole: ownerUrl === undefined || sameUser(appUrl, ownerUrl),
          },
    replicas:
      readUrl === undefined
        ? undefined
        : { url: readUrl, maxLagMs: values.DATABASE_READ_MAX_LAG_SECONDS * 1000 },
    poolMax: values.DB_POOL_MAX,
    pepper: values.PEPPER,
    checkpoints: {
      folder: path.resolve(values.CHECKPOINT_DIR ?? path.join(dataDir, 'checkpoints')),
      key: values.CHECKPOINT_KEY,
      earlierKeys: values.CHECKPOINT_EARLIER_KEYS ?? [],
      bucket: bucketOf(values),
    },
    backups: backupEnvOf(values),
    previousPepper: values.PEPPER_PREVIOUS,
  }
}

function bucketOf(values: z.infer<typeof DatabaseVariables>): DatabaseEnv['checkpoints']['bucket'] {
  const { CHECKPOINT_S3_URL: url, CHECKPOINT_S3_KEY_ID: keyId, CHECKPOINT_S3_SECRET: opener } = values
  if (url === undefined || keyId === undefined || opener === undefined) return undefined
  return { url, region: values.CHECKPOINT_S3_REGION, keyId, secret: opener }
}

/** The variables of a bucket are given together or not at all. */
const OF_A_BUCKET = ['CHECKPOINT_S3_URL', 'CHECKPOINT_S3_KEY_ID', 'CHECKPOINT_S3_SECRET'] as const

export function checkDatabaseVariables(values: z.infer<typeof DatabaseVariables>): EnvIssue[] {
  const given = OF_A_BUCKET.filter((name) => values[name] !== undefined)
  const missing = given.length === 0 ? [] : OF_A_BUCKET.filter((name) => values[name] === undefined)
  const issues = [
    ...missing.map((name) => ({
      name,
      given: '(not set)',
      expected: `must be set when ${given.join(' and ')} is`,
    })),
    ...checkBackupVariables(values),
  ]
  const beside = (['MIGRATION_DATABASE_URL', 'DATABASE_READ_URL'] as const).find(
    (name) => values[name] !== undefined,
  )
  if (beside === undefined || values.DATABASE_URL !== undefined) return issues
  return [...issues, { name: 'DATABASE_URL', given: '(not set)', expected: `must be set when ${beside} is` }]
}

/** @throws EnvError naming every bad variable. */
export function readDatabaseEnv(environment: Environment): DatabaseEnv {
  const options = { secret: SECRET_VARIABLES, check: checkDatabaseVariables }
  return databaseEnvOf(readVariables(DatabaseVariables, environment, options))
}

function sameUser(one: string, other: string): boolean {
  return parseDatabaseUrl(one).user === parseDatabaseUrl(other).user
}
