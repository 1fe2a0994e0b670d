/** Embedded PostgreSQL could not be set up, started or reached; the message names the remedy. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}
