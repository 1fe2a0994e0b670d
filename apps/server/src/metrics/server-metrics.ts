import { CONTRACT_VERSION } from '@fieldsync/contracts'
import type { Runtime, Telemetry } from '@fieldsync/services'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'

import { backupGauges, type BackupMarks } from './backup-gauges.ts'
import { databaseGauges } from './database-gauges.ts'
import { type MetricSnapshot, togetherAsText } from './process-metrics.ts'
import { replicaGauges } from './replica-gauges.ts'
import { requestMetrics, type RequestMetrics } from './request-metrics.ts'
import { runtimeGauges } from './runtime-gauges.ts'
import { workMetrics } from './work-metrics.ts'

/** What `/metrics` serves, in the text format of Prometheus. */
export type MetricsText = {
  readonly contentType: string
  text(): Promise<string>
}

/** What one process counts; its text is of all processes of its server. */
export type ServerMetrics = MetricsText & {
  readonly requests: RequestMetrics
  readonly telemetry: Telemetry
  /**
   * From now on a scrape also reads what the process holds, and asks the database.
   * @param dataDir undefined in a process that leaves the database to another one
   */
  watch(runtime: Runtime, dataDir: string | undefined): void
  /** Takes note of the state of readiness, of the last round of checkpoints, and of backups. */
  readonly marks: {
    readonly ready: (isReady: boolean) => void
    readonly checkpointRound: (at: Date) => void
    readonly backups: BackupMarks
  }
  /** Processes that answer requests, and one of them that was started in the place of another (RUN-59). */
  readonly workers: { readonly running: (count: number) => void; readonly restarted: () => void }
  /** What this process counts. */
  snapshot(): Promise<readonly MetricSnapshot[]>
  /** From now on the text includes what the other processes of this server count (MON-12). */
  include(others: () => Promise<readonly (readonly MetricSnapshot[])[]>): void
}

/**
 * Starts to count (MON-1). Event loop, memory and garbage collection come with the library's own metrics.
 * @param ofProcess labels these, where the server has several processes
 */
export function createMetrics(version: string, ofProcess?: string): ServerMetrics {
  const registry = new Registry()
  const ofLibrary = ofProcess === undefined ? registry : new Registry()
  if (ofProcess !== undefined) ofLibrary.setDefaultLabels({ process: ofProcess })
  collectDefaultMetrics({ register: ofLibrary })
  const registers = [registry]
  const build = new Gauge({
    name: 'fieldsync_build_info',
    help: 'Version of the server, of its contract and of Node; always 1.',
    labelNames: ['version', 'contract', 'node'],
    aggregator: 'first',
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
  const workers = new Gauge({
    name: 'fieldsync_workers',
    help: 'Processes of this server that answer requests (WORKERS).',
    registers,
  })
  const restarts = new Counter({
    name: 'fieldsync_worker_restarts_total',
    help: 'Worker processes that were started in the place of one that had ended unexpectedly.',
    registers,
  })
  let readOthers: (() => Promise<readonly (readonly MetricSnapshot[])[]>) | undefined
  const snapshot = async (): Promise<readonly MetricSnapshot[]> => [
    ...(await registry.getMetricsAsJSON()),
    ...(ofLibrary === registry ? [] : await ofLibrary.getMetricsAsJSON()),
  ]
  return {
    contentType: registry.contentType,
    requests: requestMetrics(registry),
    telemetry: workMetrics(registry),
    watch: (runtime, dataDir) => {
      runtimeGauges(registry, runtime)
      if (dataDir !== undefined) databaseGauges(registry, runtime, dataDir)
      replicaGauges(registry, runtime)
    },
    marks: {
      ready: (isReady) => ready.set(Number(isReady)),
      checkpointRound: (at) => checkpoint.set(at.getTime() / 1000),
      backups: backupGauges(registry),
    },
    workers: { running: (count) => workers.set(count), restarted: () => restarts.inc() },
    snapshot,
    include: (others) => (readOthers = others),
    text: async () =>
      readOthers
        ? await togetherAsText([await snapshot(), ...(await readOthers())])
        : await registry.metrics(),
  }
}
