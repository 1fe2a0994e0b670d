import type { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import type { LocalStore } from '@fieldsync/sync-engine'

export type WrittenDocument = Observation | Recommendation | PlaybookPatch

/** What a device keeps, as far as the guarantees are about it. */
export type DeviceCopy = {
  device: string
  workspaceId: string
  /** What it knows the server to hold, by `<type>/<id>`. */
  server: Map<string, Observation | Recommendation | Playbook>
  /** Writes that the server has not judged yet. */
  queued: WrittenDocument[]
  /** Values of writes that wait for a person: refused, overtaken or quarantined. */
  losing: WrittenDocument[]
}

/** Reads what the guarantees are about out of a device's store, in one view. */
export function readDeviceCopy(store: LocalStore, device: string, workspaceId: string): Promise<DeviceCopy> {
  return store.read(async (transaction) => {
    const records = await transaction.list('records')
    const outbox = await transaction.list('outbox')
    const conflicts = await transaction.list('conflicts')
    const server: DeviceCopy['server'] = new Map()
    for (const [key, record] of records) {
      // A patch is an event: it is held by the playbook that it made.
      if (record.server !== null && !('patchId' in record.server)) server.set(key, record.server)
    }
    return {
      device,
      workspaceId,
      server,
      queued: outbox.map(([, { document }]) => document),
      losing: conflicts.map(([, { losing }]) => losing),
    }
  })
}
