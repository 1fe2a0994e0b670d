import { CONTRACT_VERSION } from '@fieldsync/contracts'
import type { Runtime, Telemetry } from '@fieldsync/services'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

import { backupGauges, type BackupMarks } from './backup-gauges.ts'
import { databaseGauges } from './database-gauges.ts'
import { replicaGauges } from './replica-gauges.ts'
import { requestMetrics, type RequestMetrics } from './request-metrics.ts'
import { runtimeGauges } from './runtime-gauges.ts'
import { workMetrics } from './work-metrics.ts'

/** What one server counts, in the text format of Prometheus. */
export type ServerMetrics = {
  readonly contentType: string
  readonly requests: RequestMetrics
  readonly telemetry: Telemetry
  /** From now on a scrape also reads what the process holds, and asks the database. */
  watch(runtime: Runtime, dataDir: string): void
  /** Takes note of the state of readiness, of the last round of checkpoints, and of backups. */
  readonly marks: {
    readonly ready: (isReady: boolean) => void
    readonly checkpointRound: (at: Date) => void
    readonly backups: BackupMarks
  }
  text(): Promise<string>
}

/** Starts to count (MON-1). Event loop, memory and garbage collection come with the library's own metrics. */
export function createMetrics(version: string): ServerMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const build = new Gauge({
    name: 'fieldsync_build_info',
    help: 'Version of the server, of its contract and of Node; always 1.',
    labelNames: ['version', 'contract', 'node'],
    registers,
  })
  build.set({ version, contract: CONTRACT_VERSION, node: process.versions.node }, 1)
  const ready = new Gauge({
    name: 'fieldsync_ready',
    help: '1 while the server takes requests: after its start, before it drains.',
    registers,
  })
  const checkpoint = new Gauge({
    name: 'fieldsync_checkpoint_round_timestamp_seconds',
    help: 'When the last round of checkpoints ended; 0 before the first.',
    registers,
  })
  return {
    contentType: registry.contentType,
    requests: requestMetrics(registry),
    telemetry: workMetrics(registry),
    watch: (runtime, dataDir) => {
      runtimeGauges(registry, runtime)
      databaseGauges(registry, runtime, dataDir)
      replicaGauges(registry, runtime)
    },
    marks: {
      ready: (isReady) => ready.set(Number(isReady)),
      checkpointRound: (at) => checkpoint.set(at.getTime() / 1000),
      backups: backupGauges(registry),
    },
    text: () => registry.metrics(),
  }
}
