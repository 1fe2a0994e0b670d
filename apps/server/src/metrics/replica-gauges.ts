import type { Runtime } from '@fieldsync/services'
import { Counter, Gauge, type Registry } from 'prom-client'

/** What a server does with its read replicas (REP-6); no series where it has none. */
export function replicaGauges(registry: Registry, { db: { replicas } }: Runtime): void {
  const registers = [registry]
  const usable = new Gauge({
    name: 'fieldsync_read_replica_usable',
    help: '1 for a read replica that can be used.',
    labelNames: ['server'],
    registers,
    // Every process asks for itself.
    aggregator: 'min',
    collect: () => {
      for (const { name, unusable } of replicas?.servers ?? [])
        usable.set({ server: name }, Number(!unusable))
    },
  })
  const lag = new Gauge({
    name: 'fieldsync_read_replica_lag_seconds',
    help: 'How far a read replica lags; no value while that is not known.',
    labelNames: ['server'],
    registers,
    aggregator: 'max',
    collect: () => {
      lag.reset()
      for (const { name, lagMs } of replicas?.servers ?? [])
        if (lagMs !== undefined) lag.set({ server: name }, lagMs / 1000)
    },
  })
  const reads = new Counter({
    name: 'fieldsync_replica_reads_total',
    help: 'Reads that a replica might have answered, by what became of them.',
    labelNames: ['outcome'],
    registers,
    collect: () => {
      reads.reset()
      for (const [outcome, count] of Object.entries(replicas?.reads ?? {})) reads.inc({ outcome }, count)
    },
  })
}
