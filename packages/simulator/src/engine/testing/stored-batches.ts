import type { Observation } from '@fieldsync/contracts'
import type { BatchCall } from '@fieldsync/sync-engine'

import type { TestDevice } from './test-device.ts'
import { testWorld } from './test-world.ts'

type Stored = { syncId: string } | undefined

/** The keys of the batches that lie in the store: the one in flight, and the one ahead. */
export function storedOf({ tables }: TestDevice): (string | undefined)[] {
  const [inFlight, ahead] = ['snapshot', 'ahead'].map((name) => tables.values.get(name) as Stored)
  return [inFlight?.syncId, ahead?.syncId]
}

export const keysOf = (calls: readonly BatchCall[]): string[] =>
  calls.map(({ idempotencyKey }) => idempotencyKey)

export const idsOf = (call: BatchCall | undefined): string[] => {
  const { upserts } = JSON.parse(call?.body ?? '') as { upserts: Record<string, Record<string, string>[]> }
  return [
    ...(upserts['observations'] ?? []).map(({ observationId = '' }) => observationId),
    ...(upserts['recommendations'] ?? []).map(({ recommendationId = '' }) => recommendationId),
  ]
}

/** Anna with so many drafts that were never sent. */
export async function queueOf(drafts: number, batchRecords = 2) {
  const world = await testWorld({ settings: { batchRecords } })
  const { anna } = world
  await anna.sync()
  anna.link.calls.length = 0
  anna.events.length = 0
  const saved: Observation[] = []
  for (let i = 0; i < drafts; i++) saved.push(await anna.saved())
  return { ...world, saved }
}

/** Calls back once a batch was stored ahead, before anything else is done to the store. */
export function onAhead(device: TestDevice, work: () => void): void {
  let isDone = false
  device.disk.atCommit = ({ when }) => {
    if (isDone || when === 'before' || storedOf(device)[1] === undefined) return
    isDone = true
    work()
  }
}
