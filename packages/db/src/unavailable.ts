// SQLSTATE classes and codes by which PostgreSQL says "not now": connection trouble, shutdown, too many clients,
// a read-only standby after failover, a time-out.
const CLASSES = ['08', '57P', '53']
const CODES = new Set(['25006', '57014', '55P03', '40001', '40P01'])
const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN'])
const PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'])
const MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|server closed the connection|cannot use a pool after calling end/i

/** True for errors that mean the database is away or overloaded and the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : ''
    if (SOCKET.has(code) || PRISMA.has(code) || CODES.has(code)) return true
    if (CLASSES.some((prefix) => code.length === 5 && code.startsWith(prefix))) return true
    if (MESSAGES.test(at.message)) return true
    if (at instanceof AggregateError && at.errors.some((inner) => isUnavailable(inner))) return true
  }
  return false
}
