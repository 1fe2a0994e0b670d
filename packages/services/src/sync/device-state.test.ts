import { DeviceId, parseSyncBatch, WorkspaceId } from '@fieldsync/contracts'
import { device, syncBatch, type SyncBatchOverrides } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { deviceState, metadataMicros } from './device-state.ts'

const NOW = new Date('2026-02-12T08:00:00.000Z')
const actor = {
  kind: 'device',
  workspaceId: WorkspaceId.parse('ws_one'),
  deviceId: DeviceId.parse('dev_scout_1'),
  role: 'scout',
  epoch: 1,
} as const

function input(overrides: SyncBatchOverrides) {
  const parsed = parseSyncBatch(syncBatch(overrides))
  if (!parsed.ok) throw new Error('the batch keeps the contract')
  return parsed.value
}

it('[DEV-1] metadata counts by its own time, five minutes ahead of the server at most', () => {
  const micros = (updatedAt: string) =>
    metadataMicros(input({ device: device({ updatedAt }) }).device, NOW) - NOW.getTime() * 1000
  expect(micros('2026-02-12T07:59:59.999999Z')).toBe(-1)
  expect(micros('2026-02-12T08:04:00Z')).toBe(240_000_000)
  expect(micros('2026-02-12T09:00:00Z')).toBe(300_000_000)
})

it('[DEV-2, CNF-12, CNF-13] a call says when and where its device was, and apart what it reports and resolves', () => {
  const report = { pending: 1, conflicts: 2, quarantined: 3 }
  const resolved = [{ conflictId: `cnf_${'0'.repeat(32)}`, resolution: 'discard' as const }]
  const state = (overrides: SyncBatchOverrides) => deviceState(actor, input(overrides), NOW, 17)
  const quiet = state({})
  expect(quiet).toMatchObject({
    workspaceId: 'ws_one',
    deviceId: 'dev_scout_1',
    seenAt: NOW,
    position: 17,
    report: null,
    resolved: null,
  })
  expect(JSON.parse(quiet.metadata)).toEqual(device())
  const reporting = state({ report: { ...report, resolved: [] } })
  expect(JSON.parse(reporting.report ?? '')).toEqual(report)
  expect(reporting.resolved).toBeNull()
  expect(state({ report })).toEqual(reporting)
  const resolving = state({ report: { ...report, resolved } })
  expect(JSON.parse(resolving.report ?? '')).toEqual(report)
  expect(JSON.parse(resolving.resolved ?? '')).toHaveLength(1)
})
