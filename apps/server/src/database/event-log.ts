import type { EmbeddedPostgresEvent } from '@fieldsync/db'
import type { Logger } from 'pino'

/** Logs the events of the embedded PostgreSQL. */
export function logPostgresEvent(logger: Logger, event: EmbeddedPostgresEvent): void {
  const { type, ...fields } = event
  switch (type) {
    case 'initialised':
      return logger.info(fields, 'created a new database')
    case 'orphan-stopped':
      return logger.warn(fields, 'stopped the PostgreSQL that a killed server had left running')
    case 'started':
      return logger.info(fields, 'PostgreSQL runs')
    case 'exited':
      return logger.error(fields, 'PostgreSQL ended unexpectedly; it is being restarted')
    case 'restart-failed': {
      const { error: err, ...rest } = { error: undefined, ...fields }
      return logger.error({ ...rest, err }, 'PostgreSQL could not be restarted; retrying')
    }
    case 'restarted':
      return logger.warn(fields, 'PostgreSQL runs again')
    case 'stopped':
      return logger.info(fields, 'PostgreSQL has stopped')
  }
}
