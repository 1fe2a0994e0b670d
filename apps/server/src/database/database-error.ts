/** The database cannot be used, and waiting does not change that; the message names the remedy. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
}
