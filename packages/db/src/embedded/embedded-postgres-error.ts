/** Embedded PostgreSQL could not be set up, started or reached; the message says what to do about it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
}
