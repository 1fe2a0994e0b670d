import path from 'node:path'

import { type DatabaseUrl, parseDatabaseUrl } from '@fieldsync/db'

import type { DatabaseEnv } from '../env/database-env.ts'
import type { ServerEnv } from '../env/server-env.ts'
import { obtainSecretFile, readSecretFile, SecretError, storeSecretFile } from './secret-file.ts'

const pepperFile = (env: DatabaseEnv) => path.join(env.secretsDir, 'pepper')
const previousPepperFile = (env: DatabaseEnv) => path.join(env.secretsDir, 'pepper-previous')
const checkpointKeyFile = (env: DatabaseEnv) => path.join(env.secretsDir, 'checkpoint-key')

/** What a restored database needs beside its rows. */
export type BackupSecrets = {
  readonly pepper?: string | undefined
  readonly previousPepper?: string | undefined
  readonly checkpointKey?: string | undefined
}

/** The keys under which credentials are hashed: the present one, and the one before it while it is needed. */
type PepperPair = { readonly pepper: Buffer; readonly previousPepper: Buffer | undefined }

/** Passwords of the two database roles of the embedded PostgreSQL. */
type RolePasswords = { readonly ownerPassword: string; readonly appPassword: string }

/**
 * The keys under which device tokens are hashed: `PEPPER`, else a file that is created when missing; `PEPPER_PREVIOUS`, else a
 * file that may be missing.
 * @throws SecretError
 */
export async function obtainPeppers(env: DatabaseEnv): Promise<PepperPair> {
  return await withPrevious(env, env.pepper ?? (await obtainSecretFile(pepperFile(env))))
}

/** What signs the checkpoints of the audit (AUD-12): `CHECKPOINT_KEY`, else a file that is created when missing. */
export async function obtainCheckpointKey(env: DatabaseEnv): Promise<Buffer> {
  const key = env.checkpoints.key ?? (await obtainSecretFile(checkpointKeyFile(env)))
  return Buffer.from(key, 'utf8')
}

/** The same key, for tools beside a server. @throws SecretError when there is none */
export async function existingCheckpointKey(env: DatabaseEnv): Promise<Buffer> {
  const key = env.checkpoints.key ?? (await readSecretFile(checkpointKeyFile(env)))
  if (key !== undefined) return Buffer.from(key, 'utf8')
  throw new SecretError(
    `there is no checkpoint key in ${env.secretsDir}; set SECRETS_DIR or CHECKPOINT_KEY as the server has it, or start the server once`,
  )
}

/**
 * The same keys, for tools beside a server. They create none: a token hashed under a key of their own would never
 * verify.
 * @throws SecretError when there is none.
 */
export async function existingPeppers(env: DatabaseEnv): Promise<PepperPair> {
  const pepper = env.pepper ?? (await readSecretFile(pepperFile(env)))
  if (pepper === undefined) {
    throw new SecretError(
      `there is no pepper in ${env.secretsDir}; set SECRETS_DIR or PEPPER as the server has it, or start the server once`,
    )
  }
  return await withPrevious(env, pepper)
}

async function withPrevious(env: DatabaseEnv, pepper: string): Promise<PepperPair> {
  const previous = env.previousPepper ?? (await readSecretFile(previousPepperFile(env)))
  if (previous === pepper) {
    throw new SecretError(
      'the pepper and the previous one (PEPPER_PREVIOUS, or the file pepper-previous) are the same secret; set the previous one ' +
        'to what the pepper was before, or leave it out',
    )
  }
  const buffer = (text: string): Buffer => Buffer.from(text, 'utf8')
  return { pepper: buffer(pepper), previousPepper: previous === undefined ? undefined : buffer(previous) }
}

export async function obtainRolePasswords(env: DatabaseEnv): Promise<RolePasswords> {
  return {
    ownerPassword: await obtainSecretFile(path.join(env.secretsDir, 'postgres-owner')),
    appPassword: await obtainSecretFile(path.join(env.secretsDir, 'postgres-app')),
  }
}

/** @throws SecretError when the server that runs here stores its secrets in another folder. */
export async function existingRolePassword(env: DatabaseEnv, role: 'app' | 'owner'): Promise<string> {
  const password = await readSecretFile(path.join(env.secretsDir, `postgres-${role}`))
  if (password !== undefined) return password
  throw new SecretError(
    `there is no database password in ${env.secretsDir}; set SECRETS_DIR as the server has it`,
  )
}

/** The secrets that a restored database needs, as this server has them; what it does not have is left out (BAK-3). */
export async function storedSecrets(env: DatabaseEnv): Promise<BackupSecrets> {
  const pepper = env.pepper ?? (await readSecretFile(pepperFile(env)))
  const previousPepper = env.previousPepper ?? (await readSecretFile(previousPepperFile(env)))
  const checkpointKey = env.checkpoints.key ?? (await readSecretFile(checkpointKeyFile(env)))
  return {
    ...(pepper !== undefined && { pepper }),
    ...(previousPepper !== undefined && { previousPepper }),
    ...(checkpointKey !== undefined && { checkpointKey }),
  }
}

/** @throws SecretError where this server has another secret than a backup */
export async function requireSameSecrets(env: DatabaseEnv, secrets: BackupSecrets): Promise<void> {
  const own = await storedSecrets(env)
  for (const { name, title, fileOf } of BACKED_UP)
    if (own[name] !== undefined && secrets[name] !== undefined && own[name] !== secrets[name])
      throw new SecretError(
        `the backup has another ${title} than this server; remove ${fileOf(env)} or its variable, or restore where there is none`,
      )
}

/** Stores the secrets of a backup as files, each where neither the environment nor a file has one. @throws SecretError */
export async function restoreSecrets(env: DatabaseEnv, secrets: BackupSecrets): Promise<void> {
  const own = await storedSecrets(env)
  for (const { name, fileOf } of BACKED_UP)
    if (own[name] === undefined && secrets[name] !== undefined)
      await storeSecretFile(fileOf(env), secrets[name])
}

const BACKED_UP = [
  { name: 'pepper', title: 'pepper', fileOf: pepperFile },
  { name: 'previousPepper', title: 'previous pepper', fileOf: previousPepperFile },
  { name: 'checkpointKey', title: 'checkpoint key', fileOf: checkpointKeyFile },
] as const

const parsed = (url: string | undefined, use: 'primary' | 'standbys'): DatabaseUrl[] =>
  url === undefined ? [] : [parseDatabaseUrl(url, use)]

/** Every secret from the environment, so that no text written by this process shows one. */
export function secretsOf(env: ServerEnv): string[] {
  const { external, replicas, pepper, previousPepper, checkpoints, backups } = env.database
  const databases = [
    parsed(external?.appUrl, 'primary'),
    parsed(external?.ownerUrl, 'primary'),
    parsed(replicas?.url, 'standbys'),
  ].flat()
  const passwords = databases.flatMap(({ password, servers }) => [password, new URL(servers[0].url).password])
  const tokens = env.deviceTokens.map((device) => device.token)
  const { bucket } = checkpoints
  const { token } = env.metrics ?? {}
  const ofBackups = backups.place && 'bucket' in backups.place ? backups.place.bucket : undefined
  const buckets = [bucket, ofBackups].flatMap((each) => [each?.secret, each?.keyId])
  const own = [pepper, previousPepper, checkpoints.key, ...buckets, token].filter(
    (each) => each !== undefined,
  )
  return [...passwords, ...tokens, ...own, ...Object.values(env.tracing?.headers ?? {})].filter(
    (secret) => secret !== '',
  )
}
