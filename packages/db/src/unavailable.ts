import { ConnectionClosedError } from './connection/connection-closed-error.ts'
import { NoPrimaryError } from './connection/primary.ts'
import { DatabaseOutOfOrderError } from './database-out-of-order-error.ts'

// SQLSTATE classes and codes by which PostgreSQL says "not now": connection trouble, shutdown, too many clients, a
// read-only standby after failover, a timeout.
const CLASSES = ['08', '57P', '53']
const CODES = new Set(['25006', '57014', '55P03', '40001', '40P01'])
// The last three: this machine has no port, file handle or table entry left for another connection.
const SOCKET = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
])
const OWN = [ConnectionClosedError, DatabaseOutOfOrderError, NoPrimaryError]
const PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'])
// How Prisma's adapter names the same; a raw query hides it in P2010.
const ADAPTER_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
])
const MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|client was closed|closed with another connection|timeout expired|server closed the connection|cannot use a pool after calling end/i

const STATEMENT_TIMEOUTS = new Set(['57014', '55P03'])
const CONNECT_TIMEOUTS = /timeout exceeded when trying to connect|due to connection timeout|timeout expired/i

/** True for errors that mean the database is unavailable or overloaded and the same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = behind(at), depth++) {
    if (OWN.some((kind) => at instanceof kind)) return true
    if (isUnavailableCode(text(at, 'code')) || MESSAGES.test(at.message)) return true
    // The adapter's own error carries a description instead of an error.
    const described: unknown = at.cause
    if (ADAPTER_KINDS.has(text(described, 'kind')) || isUnavailableCode(text(described, 'originalCode')))
      return true
    if (at instanceof AggregateError && at.errors.some((inner) => isUnavailable(inner))) return true
  }
  return false
}

/** True if the database itself ended a statement because it took, or waited, too long. */
export const isStatementTimeout = (error: unknown): boolean => STATEMENT_TIMEOUTS.has(text(error, 'code'))

/** True for errors that occur only after a wait: calls queued behind would wait as long again. */
export const isTimeout = (error: unknown): boolean =>
  (error instanceof ConnectionClosedError && error.reason === 'silent') ||
  isStatementTimeout(error) ||
  (error instanceof Error && CONNECT_TIMEOUTS.test(error.message))

const isUnavailableCode = (code: string): boolean =>
  SOCKET.has(code) ||
  PRISMA.has(code) ||
  CODES.has(code) ||
  (code.length === 5 && CLASSES.some((prefix) => code.startsWith(prefix)))

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

function text(value: unknown, name: string): string {
  const found = member(value, name)
  return typeof found === 'string' ? found : ''
}

const behind = (error: Error): unknown => member(member(error, 'meta'), 'driverAdapterError') ?? error.cause
