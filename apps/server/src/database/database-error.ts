/** The database cannot be used as it is, and waiting will not change that; the message says what to do. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
}
