import { DeviceId, SyncId } from '@fieldsync/contracts'
import { expect, it } from 'vitest'

import { countByCode, syncSummary } from './sync-summary.ts'

const accepted = { observations: 2, recommendations: 1, playbookPatches: 0 }
const row = {
  deviceId: DeviceId.parse('dev_one'),
  syncId: SyncId.parse('syn_1'),
  receivedAt: new Date('2026-02-12T08:00:00.000Z'),
  answerBytes: 512,
}

it('[OPS-25] a stored batch says what came, what was accepted, and which conflicts it met how often', () => {
  const codes = countByCode([
    { code: 'OBSERVATION_STALE_WRITE' },
    { code: 'FORBIDDEN' },
    { code: 'OBSERVATION_STALE_WRITE' },
  ])
  const sent = { ...accepted, observations: 5 }
  expect(syncSummary({ ...row, counts: { accepted, conflicts: 3, sent, codes } })).toEqual({
    deviceId: 'dev_one',
    syncId: 'syn_1',
    receivedAt: '2026-02-12T08:00:00.000Z',
    sent,
    accepted,
    conflicts: 3,
    codes: [
      { code: 'OBSERVATION_STALE_WRITE', count: 2 },
      { code: 'FORBIDDEN', count: 1 },
    ],
    answerBytes: 512,
  })
})

it('[OPS-25] one that an earlier version stored says what that version knew', () => {
  expect(syncSummary({ ...row, counts: { accepted, conflicts: 1 } })).toMatchObject({
    sent: null,
    conflicts: 1,
    codes: [],
  })
  expect(countByCode([])).toEqual({})
})
