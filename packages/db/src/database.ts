import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'

import type { ConnectionClosedError } from './connection/connection-closed-error.ts'
import { type ConnectionLimits, connectionLimits } from './connection/limits.ts'
import { GuardedPool } from './connection/pool.ts'
import { Primary, type PrimaryEvents, type SearchLimits } from './connection/primary.ts'
import { PrismaClient } from './generated/client.ts'
import { DatabaseMonitor, type MonitorLimits } from './monitor.ts'
import { ReadReplicas, type ReplicaEvents, type ReplicaLimits } from './replica/read-replicas.ts'

/** A connection pool to one database, and the Prisma client over that same pool. */
export type Database = {
  readonly prisma: PrismaClient
  /** For the few statements whose cost was measured to matter (docs/decisions/0002). */
  readonly pool: pg.Pool
  /** All writes go through it. */
  readonly monitor: DatabaseMonitor
  /** Where it is, for further connections to the same URL. */
  readonly primary: Primary
  /** Undefined where it has none: the primary answers everything. */
  readonly replicas?: ReadReplicas | undefined
  close(): Promise<void>
}

export type DatabaseOptions = {
  /** Connection URL of the application's role. */
  readonly url: string
  /** Connection URL of its read replicas, for the same role (REP-1). */
  readonly readUrl?: string | undefined
  /** Maximum connections, to the primary and to each replica; default 10. */
  readonly max?: number
  readonly applicationName?: string
  readonly limits?: Partial<ConnectionLimits & MonitorLimits & SearchLimits & ReplicaLimits>
  /** For the log. */
  readonly events?: Partial<DatabaseEvents>
}

export type DatabaseEvents = PrimaryEvents &
  ReplicaEvents & {
    /** An unreliable connection was closed. */
    onConnectionClosed(error: ConnectionClosedError): void
    /** Writes are refused from now on, until the database confirms commits. */
    onRefusing(reason: Error): void
    /** The database confirms commits again. */
    onConfirmed(): void
  }

/** Opens lazily: the first query connects. Lost connections are replaced by themselves. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, readUrl, max = 10, applicationName = 'fieldsync', limits: given, events } = options
  const limits = connectionLimits(given)
  const primary = new Primary(url, { ...(given && { limits: given }), ...(events && { events }) })
  const guarded = new GuardedPool({
    primary,
    max,
    applicationName,
    limits,
    onClosed: (error) => {
      monitor.forget()
      events?.onConnectionClosed?.(error)
    },
    onLost: () => monitor.forget(),
  })
  const monitor = new DatabaseMonitor(guarded, { ...events, limits: given, silenceMs: limits.silenceMs })
  const { pool } = guarded
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  const replicas =
    readUrl === undefined
      ? undefined
      : new ReadReplicas({ url: readUrl, max, applicationName, limits: given, events, primary, pool })
  return {
    prisma,
    pool,
    monitor,
    primary,
    replicas,
    close: async () => {
      monitor.close()
      await replicas?.close()
      await prisma.$disconnect()
      await guarded.end()
    },
  }
}
