import { memoryTaken } from '@fieldsync/api'
import type { Runtime } from '@fieldsync/services'
import { Gauge, type Registry } from 'prom-client'

/** What the process holds at the moment of a scrape (MON-4). */
export function runtimeGauges(registry: Registry, runtime: Runtime): void {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number, aggregator: 'sum' | 'max' = 'sum'): void => {
    const each: Gauge = new Gauge({ name, help, registers, aggregator, collect: () => each.set(read()) })
  }
  const { pool } = runtime.db
  const connections = new Gauge({
    name: 'fieldsync_pool_connections',
    help: 'Connections of this server to the database, in use or idle.',
    labelNames: ['state'],
    registers,
    collect: () => {
      connections.set({ state: 'used' }, pool.totalCount - pool.idleCount)
      connections.set({ state: 'idle' }, pool.idleCount)
    },
  })
  gauge('fieldsync_pool_connections_max', 'The most that it opens (DB_POOL_MAX).', () => pool.options.max)
  gauge('fieldsync_pool_waiting', 'Calls that wait for a connection.', () => pool.waitingCount)
  gauge('fieldsync_live_streams', 'Live streams that are open.', () => runtime.live?.size ?? 0)
  gauge('fieldsync_workspaces_writing', 'Workspaces with writes under way.', () => runtime.queue.size)
  gauge('fieldsync_device_states_waiting', 'Device states not stored yet.', () => runtime.deviceStates.size)
  gauge('fieldsync_memory_reserved_bytes', 'Memory for bodies and answers under way.', memoryTaken)
  gauge(
    'fieldsync_writes_refused',
    '1 while writes are refused, since the database confirms none.',
    () => Number(runtime.db.monitor.refuses),
    'max',
  )
  gauge(
    'fieldsync_oldest_write_seconds',
    'Age of the oldest write under way.',
    () => runtime.db.monitor.oldestWriteMs() / 1000,
    'max',
  )
  gauge(
    'fieldsync_audit_contradicted_workspaces',
    'Audits that contradict a checkpoint of their own.',
    () => runtime.checkpoints?.round.problems.size ?? 0,
    'max',
  )
  gauge(
    'fieldsync_audit_contradicted',
    '1 while any audit contradicts a checkpoint, a device’s included.',
    () => Number(runtime.checkpoints?.contradicted ?? false),
    'max',
  )
  const stores = new Gauge({
    name: 'fieldsync_checkpoint_store_failing',
    help: '1 for a store of checkpoints that failed in the last round.',
    labelNames: ['kind'],
    aggregator: 'max',
    registers,
    collect: () => {
      for (const { kind, failing } of runtime.checkpoints?.round.stores ?? [])
        stores.set({ kind }, Number(failing))
    },
  })
}
