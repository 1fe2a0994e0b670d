/** The database cannot be brought to this build's schema; the message names the migration and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}
