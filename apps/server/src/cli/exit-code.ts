import { FieldsyncError, NetworkError } from '@fieldsync/client'
import {
  DataDirLockedError,
  EmbeddedPostgresError,
  isUnavailable,
  LoadError,
  MigrationError,
} from '@fieldsync/db'
import { ServiceError } from '@fieldsync/services'
import { ForeignStoreError, StoreError, WipedStoreError } from '@fieldsync/sync-engine'

import { BackupError } from '../backup/backup-format.ts'
import { DatabaseError } from '../database/database-error.ts'
import { EnvError } from '../env/read-variables.ts'
import { messageOf } from '../log/error-fields.ts'
import { SecretError } from '../secrets/secret-file.ts'
import { ClientError } from './client-error.ts'

/** How a command ended, for scripts (RUN-10). */
export const EXIT = { done: 0, failed: 1, usage: 2, notFound: 3, unavailable: 4 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const UNAVAILABLE_ERRORS = [DataDirLockedError, DatabaseError, EmbeddedPostgresError, MigrationError]

/** The message and exit code of a failed command. `bug`: an unknown error, shown with its stack. */
export function failureOf(error: unknown): {
  exitCode: ExitCode
  code: string
  message: string
  bug: boolean
} {
  const message = messageOf(error)
  const known = (exitCode: ExitCode, code: string) => ({ exitCode, code, message, bug: false })
  if (error instanceof EnvError || error instanceof SecretError) return known(EXIT.usage, 'CONFIGURATION')
  if (error instanceof ServiceError) return known(exitCodeOf(error), error.code)
  if (error instanceof BackupError || error instanceof LoadError) return known(EXIT.failed, 'BACKUP')
  if (error instanceof ClientError) return known(error.exitCode, error.code)
  if (error instanceof FieldsyncError) return known(EXIT.failed, error.code)
  if (error instanceof NetworkError) return known(EXIT.unavailable, 'UNAVAILABLE')
  if (error instanceof ForeignStoreError) return known(EXIT.failed, 'FOREIGN_STORE')
  if (error instanceof WipedStoreError) return known(EXIT.failed, 'WIPED')
  if (error instanceof StoreError) return known(EXIT.failed, `STORE_${error.code.toUpperCase()}`)
  if (UNAVAILABLE_ERRORS.some((kind) => error instanceof kind) || isUnavailable(error)) {
    return known(EXIT.unavailable, 'UNAVAILABLE')
  }
  return { exitCode: EXIT.failed, code: 'INTERNAL_ERROR', message, bug: true }
}

function exitCodeOf(error: ServiceError): ExitCode {
  if (error.code === 'NOT_FOUND') return EXIT.notFound
  if (error.code === 'VALIDATION_ERROR') return EXIT.usage
  return error.code === 'UNAVAILABLE' ? EXIT.unavailable : EXIT.failed
}
