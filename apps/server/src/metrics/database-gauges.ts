import { statfs } from 'node:fs/promises'

import { databaseFigures, type DatabaseFigures, type Runtime } from '@fieldsync/services'
import { Gauge, type Registry } from 'prom-client'

/** Scrapes within this time share what was read: two Prometheus servers ask the database no more often than one. */
const VALID_MS = 10_000
/** A scrape waits no longer: its reader gives up after ten seconds, and the rest is worth having. */
const PATIENCE_MS = 2000

/**
 * What the database says of itself, read at a scrape (MON-5). While it does not answer, `fieldsync_database_up` is 0 and the
 * other values are the last ones.
 */
export function databaseGauges(registry: Registry, runtime: Runtime, dataDir: string): void {
  const registers = [registry]
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers })
  const size = gauge('fieldsync_database_size_bytes', 'Size of the database.')
  const workspaces = gauge('fieldsync_workspaces', 'Workspaces in the database.')
  const newest = gauge(
    'fieldsync_audit_newest_entry_timestamp_seconds',
    'When the newest entry of any audit was written.',
  )
  const jobs = gauge('fieldsync_jobs', 'Jobs of the queue by state.', ['state'])
  const oldestJob = gauge('fieldsync_jobs_oldest_due_seconds', 'How long the oldest due job has waited.')
  const required = gauge(
    'fieldsync_synchronous_standbys_required',
    'Synchronous standbys that a commit waits for.',
  )
  const standbys = gauge(
    'fieldsync_synchronous_standbys',
    'Synchronous standbys that are streaming; without the right to see it, no value.',
  )
  const free = gauge('fieldsync_disk_free_bytes', 'Free space where DATA_DIR is.')
  const disk = gauge('fieldsync_disk_size_bytes', 'Size of the file system where DATA_DIR is.')
  const show = (figures: DatabaseFigures): void => {
    size.set(figures.bytes)
    workspaces.set(figures.workspaces)
    if (figures.newestAuditEntry !== undefined) newest.set(figures.newestAuditEntry.getTime() / 1000)
    required.set(figures.standbys.required)
    if (figures.standbys.present === undefined) standbys.remove()
    else standbys.set(figures.standbys.present)
    if (!figures.jobs) return
    const { due, waiting, running, failed, oldestDueSeconds } = figures.jobs
    for (const [state, count] of Object.entries({ due, waiting, running, failed })) jobs.set({ state }, count)
    oldestJob.set(oldestDueSeconds)
  }
  const read = async (): Promise<boolean> => {
    try {
      const { bavail, blocks, bsize } = await statfs(dataDir)
      free.set(bavail * bsize)
      disk.set(blocks * bsize)
      show(await databaseFigures(runtime))
      return true
    } catch {
      return false
    }
  }
  let last: { readonly started: number; readonly up: Promise<boolean> } | undefined
  const up = new Gauge({
    name: 'fieldsync_database_up',
    help: '1 while the database answers a scrape.',
    registers,
    collect: async () => {
      if (!last || performance.now() - last.started > VALID_MS)
        last = { started: performance.now(), up: read() }
      up.set(Number(await within(PATIENCE_MS, last.up)))
    },
  })
}

async function within(ms: number, answer: Promise<boolean>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => late.resolve(false), ms)
  return await Promise.race([answer, late.promise]).finally(() => clearTimeout(timer))
}
