import type { Observation, ObservationsInput } from '@fieldsync/contracts'
import { type ObservationInput, observation } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { SCANNED_ROWS } from '../lists/keyset.ts'
import { followPages } from '../testing/follow-pages.ts'
import { type TestDevice, testServices } from '../testing/test-workspace.ts'
import { listObservations } from './list.ts'
import { foldStoredNotes } from './search-text.ts'

const services = await testServices()
const list = (device: TestDevice) => (input: ObservationsInput) =>
  listObservations({ ctx: device.ctx(), input })

const at = (hour: number) => `2026-02-11T${10 + hour}:00:00Z`

/** Every pair of the values below, each an hour after the one before, by two authors. */
function all(): ObservationInput[] {
  const made: ObservationInput[] = []
  const { extraction } = observation()
  for (const status of ['draft', 'confirmed'] as const) {
    for (const issue of ['powdery_mildew', 'heat_stress'] as const) {
      for (const severity of ['low', 'high'] as const) {
        const serial = made.length
        made.push(
          observation({
            deviceId: `dev_scout_${1 + (serial % 2)}`,
            status,
            createdAt: at(serial),
            updatedAt: at(serial),
            rawNoteText: `Note ${serial}: 50% of BLÄTTER_${status}`,
            extraction: { ...extraction, issue, severity, fieldBlock: `Block ${serial % 3}` },
          }),
        )
      }
    }
  }
  return made
}

async function farm() {
  const workspace = await services.workspace()
  const admin = await workspace.device('dev_admin', 'admin')
  const records = all()
  await admin.push({ observations: records })
  return { admin, newestFirst: records.toReversed() }
}

const WAYS: [string, ObservationsInput, (record: ObservationInput) => boolean][] = [
  ['author', { deviceId: 'dev_scout_1' } as ObservationsInput, ({ deviceId }) => deviceId === 'dev_scout_1'],
  ['status', { status: 'confirmed' }, ({ status }) => status === 'confirmed'],
  ['issue', { issue: 'heat_stress' }, ({ extraction }) => extraction.issue === 'heat_stress'],
  ['severity', { severity: 'high' }, ({ extraction }) => extraction.severity === 'high'],
  ['block', { fieldBlock: 'Block 1' }, ({ extraction }) => extraction.fieldBlock === 'Block 1'],
  ['block, as it is written', { fieldBlock: 'block 1' }, () => false],
  ['start', { from: at(3) }, ({ createdAt }) => createdAt >= at(3)],
  ['end', { to: at(3) }, ({ createdAt }) => createdAt < at(3)],
  ['words, whatever their case', { text: 'blätter_CONF' }, ({ status }) => status === 'confirmed'],
  ['words that mean something to a pattern', { text: '% of BLÄTTER_' }, () => true],
  ['words with such a sign where none is', { text: '5_%' }, () => false],
  ['words without their accents', { text: 'blatter_conf' }, ({ status }) => status === 'confirmed'],
  ['words in another Unicode form', { text: 'BLA\u0308TTER_draft' }, ({ status }) => status === 'draft'],
  ['accents that the note lacks', { text: 'nóte 3' }, ({ rawNoteText }) => rawNoteText.startsWith('Note 3')],
  ['the name of the block', { text: 'bloçk 2' }, ({ extraction }) => extraction.fieldBlock === 'Block 2'],
  ['words on both sides of note and block', { text: 'confirmed block' }, () => false],
  [
    'all of these',
    { status: 'draft', issue: 'heat_stress', from: at(1), to: at(4), text: 'note' },
    ({ status, extraction, createdAt }) =>
      status === 'draft' && extraction.issue === 'heat_stress' && createdAt >= at(1) && createdAt < at(4),
  ],
]

it.each(WAYS)('[OPS-28] are narrowed by %s, newest change first', async (_way, input, fits) => {
  const { admin, newestFirst } = await farm()
  const expected = newestFirst.filter(fits)
  for (const limit of [1, 3, 500]) {
    const { items, pages } = await followPages((page) => list(admin)({ limit, ...input, ...page }))
    expect(items).toEqual(expected)
    expect(pages).toHaveLength(Math.max(1, Math.ceil(expected.length / limit)))
  }
})

it('[OPS-28] the instants of the contract that PostgreSQL does not know narrow too', async () => {
  const { admin, newestFirst } = await farm()
  const count = async (input: ObservationsInput) => (await list(admin)(input)).items.toJSON().length
  expect(await count({ from: '0000-01-01T00:00:00Z' })).toBe(newestFirst.length)
  expect(await count({ to: '0000-01-01T00:00:00+23:59' })).toBe(0)
  expect(await count({ to: '9999-12-31T23:59:59-23:59' })).toBe(newestFirst.length)
})

it('[OPS-29] a rare one is found by following pages that look at a bounded number each', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const rare = observation({ rawNoteText: 'A needle' })
  await alice.push({ observations: [rare] })
  await alice.push({ observations: [observation({ rawNoteText: 'Hay' })] })
  // As many newer ones as a page looks at twice.
  await services.owner.pool.query(
    `INSERT INTO observations (workspace_id, observation_id, device_id, status, document, document_bytes, time_micros, revision, position, stored_at)
     SELECT workspace_id, 'copy_' || i, device_id, status, document, document_bytes, time_micros, 1, position + i, stored_at
     FROM (SELECT * FROM observations WHERE workspace_id = $1 ORDER BY position DESC LIMIT 1) o, generate_series(1, $2) i`,
    [workspace.workspaceId, 2 * SCANNED_ROWS],
  )
  const follow = (input: ObservationsInput) => followPages((page) => list(alice)({ ...input, ...page }))
  const { items, pages } = await follow({ text: 'needle' })
  expect(items.map(({ observationId }: Observation) => observationId)).toEqual([rare.observationId])
  expect(pages).toEqual([0, 0, 1])
  const full = await list(alice)({ text: 'hay', limit: 500 })
  expect([full.items.toJSON().length, full.nextCursor !== null]).toEqual([500, true])
})

it('[OPS-28] what a server of an earlier version stored is folded later, and found by case until then', async () => {
  const workspace = await services.workspace()
  const admin = await workspace.device('dev_admin', 'admin')
  const records = ['Oídio en la hilera 4', 'OI\u0301DIO, otra vez', 'Straße am Hang', 'Plain dust'].map(
    (rawNoteText) => observation({ deviceId: 'dev_admin', rawNoteText }),
  )
  await admin.push({ observations: records })
  // As fieldsync_commit leaves what a server that knows no search text sends it.
  await services.owner.pool.query(`UPDATE observations SET search_text = '?' WHERE workspace_id = $1`, [
    workspace.workspaceId,
  ])
  const found = async (text: string) =>
    (await list(admin)({ text })).items
      .toJSON()
      .map((each) => records.findIndex((record) => record.observationId === each.observationId))
  expect(await found('plain DUST')).toEqual([3])
  expect(await found('oidio')).toEqual([])
  expect(await foldStoredNotes({ db: services.db })).toBeGreaterThanOrEqual(4)
  expect(await foldStoredNotes({ db: services.db })).toBe(0)
  expect(await found('oidio')).toEqual([1, 0])
  expect(await found('strasse')).toEqual([2])
  expect(await found('plain DUST')).toEqual([3])
})

it('[OPS-28] a changed note is found by its new text only', async () => {
  const workspace = await services.workspace()
  const alice = await workspace.device('dev_scout_1')
  const draft = observation({ rawNoteText: 'Niño', updatedAt: at(1) })
  await alice.push({ observations: [draft] })
  await alice.push({ observations: [{ ...draft, rawNoteText: 'Viñedo', updatedAt: at(2) }] })
  const count = async (text: string) => (await list(alice)({ text })).items.toJSON().length
  expect([await count('nino'), await count('vinedo')]).toEqual([0, 1])
})

it('[OPS-37] are not found by a placeholder for what nobody observed', async () => {
  const workspace = await services.workspace()
  const admin = await workspace.device('dev_admin', 'admin')
  const { extraction } = observation()
  const named = [
    undefined,
    [],
    ['/normalization/windEstimateKph', '/extraction/severity'],
    ['/extraction'],
    ['/extraction/severityOfANewerApp'],
  ]
  const records = named.map((notObserved, hour) =>
    observation({
      createdAt: at(hour),
      extraction: { ...extraction, severity: 'low', issue: 'other', fieldBlock: 'B1' },
      ...(notObserved === undefined ? {} : { notObserved }),
    }),
  )
  await admin.push({ observations: records })
  const foundBy = async (input: ObservationsInput) =>
    (await list(admin)(input)).items
      .toJSON()
      .map(({ observationId }) => records.findIndex((record) => record.observationId === observationId))
      .toSorted((a, b) => a - b)
  expect(await foundBy({ severity: 'low' })).toEqual([0, 1, 4])
  expect(await foundBy({ issue: 'other' })).toEqual([0, 1, 2, 4])
  expect(await foundBy({ fieldBlock: 'B1' })).toEqual([0, 1, 2, 4])
  expect(await foundBy({})).toEqual([0, 1, 2, 3, 4])
})
