import { DataDirLockedError, EmbeddedPostgresError, MigrationError } from '@fieldsync/db'
import { ServiceError } from '@fieldsync/services'

import { DatabaseError } from '../database/database-error.ts'
import { ListenError } from '../http/http-server.ts'
import { SecretError } from '../secrets/secret-file.ts'

/** Errors whose message is written for the person who starts the server. */
const EXPECTED = [
  DataDirLockedError,
  DatabaseError,
  EmbeddedPostgresError,
  ListenError,
  MigrationError,
  SecretError,
  ServiceError,
]

const FILE_ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'may not be written by this user',
  EPERM: 'may not be written by this user',
  EROFS: 'is on a read-only file system',
  ENOSPC: 'is on a full disk',
  EDQUOT: 'is over its disk quota',
  ENOTDIR: 'has a part that is a file, not a folder',
  EEXIST: 'is a file, not a folder',
}

/**
 * The message for a person about a failed start, or undefined for an error that only its stack explains.
 * @param dataDir named when the file system refuses it.
 */
export function startFailure(error: unknown, dataDir: string): string | undefined {
  if (EXPECTED.some((expected) => error instanceof expected)) return (error as Error).message
  const { code, path = dataDir } = fileError(error)
  const why = FILE_ERRORS[code]
  return why === undefined ? undefined : `${path} ${why} (${code}); choose another folder with DATA_DIR`
}

function fileError(error: unknown): { code: string; path?: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return { code: '' }
  return 'path' in error && typeof error.path === 'string'
    ? { code: error.code, path: error.path }
    : { code: error.code }
}
