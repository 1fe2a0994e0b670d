import { Device, Observation } from '@fieldsync/contracts'
import { device, observation, seededRandom } from '@fieldsync/testkit'

import { type Call, saveInFlightBatch } from '../../core/in-flight-batch.ts'
import type { Credentials } from '../../core/ports.ts'
import { nameOf } from '../../testing/documents.ts'
import { testContext } from '../../testing/test-context.ts'
import type { SyncRunOptions, SyncRunState } from '../sync-run.ts'

const random = seededRandom(151)
const notes = Array.from({ length: 4 }, () => Observation.parse(observation({}, random)))

export type FailedRun = {
  /** How many notes its call has. */
  records?: number
  memory?: Partial<SyncRunState>
  call?: Partial<Call>
  renew?: Credentials['renew']
}

/** A sync run whose call with some notes came to nothing. */
export async function failedRun({ records = 2, memory: known = {}, call: more = {}, renew }: FailedRun = {}) {
  const world = await testContext()
  const keys = await world.queue(...notes.slice(0, records).map((document) => ({ document })))
  const call: Call = {
    syncId: world.context.ids.sync(),
    body: 'x'.repeat(100),
    cursor: '0.4',
    page: 8,
    reported: { resolved: 0, drift: false },
    entries: keys.map((key, i) => ({ key, ...nameOf(notes[i] as Observation) })),
    ...more,
  }
  await world.change(async (changeset, transaction) => {
    changeset.position.cursor = '0.4'
    await changeset.load(call.entries)
    if (records > 0) await saveInFlightBatch(changeset, transaction, call)
  })
  const memory: SyncRunState = {
    pull: false,
    hasApplied: false,
    pullBeforePush: false,
    forbidden: null,
    renewed: new Set(),
    reportDropped: false,
    resets: 0,
    rebindings: 0,
    superseded: 0,
    doubted: null,
    searching: false,
    resent: new Set(),
    needsSession: false,
    proving: false,
    atMost: null,
    ahead: null,
    progressed: false,
    progress: { sent: 0, received: 0 },
    ...known,
  }
  const options: SyncRunOptions = {
    context: world.context,
    transport: {
      address: '',
      session: () => Promise.reject(new Error()),
      syncBatch: () => Promise.reject(new Error()),
    },
    random: { next: () => 0 },
    credentials: renew && { renew },
    device: () => Device.parse(device()),
    onWipe: undefined,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onRetryAfter: () => undefined,
  }
  return {
    ...world,
    keys,
    call,
    memory,
    options,
    isStored: () => world.stored('snapshot') !== undefined,
  }
}
