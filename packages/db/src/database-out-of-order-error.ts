/** The database does not confirm writes; the same call may succeed later. */
export class DatabaseOutOfOrderError extends Error {
  override readonly name = 'DatabaseOutOfOrderError'
}
