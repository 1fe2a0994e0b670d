import { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { observation, playbook, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { Changeset } from '../core/changeset.ts'
import type { OutboxEntry } from '../core/local-record.ts'
import { parked, quarantined, refusedBy } from '../testing/conflicts.ts'
import { deviceStore } from '../testing/device-store.ts'
import {
  existingPlaybook,
  existingVersion,
  followInConflicts,
  releaseRecord,
  renewConflict,
  showing,
  showingPlaybook,
  showLatest,
} from './existing-version.ts'

const random = seededRandom(1)
const note = Observation.parse(observation({}, random))
const advice = Recommendation.parse(recommendation({}, random))
const patch = PlaybookPatch.parse(playbookPatch({}, random))
const rules = Playbook.parse(playbook())
const newer = Playbook.parse(playbook({ version: 7 }))
const text = (rawNoteText: string): Observation => ({ ...note, rawNoteText })

const id = note.observationId
const own = { type: 'observation', id } as const
const at = '2026-02-11T17:00:00Z'
const shownBy = (record: Observation | Recommendation | PlaybookPatch) => ({
  server: { updatedAt: at, record },
})
const met = { activeVersion: 3, document: rules, intervening: [], overlapping: false }

describe('the version that a conflict shows', () => {
  it.each([
    ['of the server', refusedBy('OBSERVATION_STALE_WRITE', note, shownBy(text('server'))), text('server')],
    ['of the device', parked(note, { server: text('device') }), text('device')],
    ['below a write in quarantine', quarantined(note, { base: text('below') }), text('below')],
    ['none of the server', refusedBy('OBSERVATION_STALE_WRITE', note), null],
    ['none below a write in quarantine of an earlier build', quarantined(note), null],
    ['none of a patch', refusedBy('PATCH_ID_REUSED', patch, shownBy(patch)), null],
    [
      'none where a recommendation has the id of a note',
      refusedBy('OBSERVATION_ID_TAKEN', note, shownBy(advice)),
      null,
    ],
    ['of a recommendation', parked(advice, { server: advice }), advice],
  ])('[ENG-40] is what a decision starts from: %s', (_, conflict, version) => {
    expect(existingVersion(conflict)).toEqual(version)
  })

  it.each([
    ['of the server', refusedBy('PLAYBOOK_VERSION_MISMATCH', patch, { playbook: met }), rules],
    ['none of the server', refusedBy('PLAYBOOK_VERSION_MISMATCH', patch), undefined],
    ['of the device', parked(patch, { playbook: rules }), rules],
    ['none beside a patch in quarantine', quarantined(patch), undefined],
  ])('[ENG-40] of a patch is a playbook: %s', (_, conflict, version) => {
    expect(existingPlaybook(conflict)).toBe(version)
  })

  it('[ENG-40] can be another one, in each kind of conflict', () => {
    const dated = { ...text('newest'), updatedAt: '2026-02-11T19:00:00Z' }
    const { updatedAt: _time, ...undated } = dated
    const local = parked(note)
    expect(showing(local, dated)).toEqual({ ...local, server: dated })
    const quarantine = quarantined(note)
    expect(showing(quarantine, dated)).toEqual({ ...quarantine, base: dated })
    const server = refusedBy('OBSERVATION_STALE_WRITE', note, shownBy(note))
    const shows = (updatedAt: string, record: Observation) => ({
      ...server,
      conflict: { ...server.conflict, server: { updatedAt, record } },
    })
    expect(showing(server, dated)).toEqual(shows('2026-02-11T19:00:00Z', dated))
    expect(showing(server, undated)).toEqual(shows(at, undated))
    expect(showing(refusedBy('OBSERVATION_STALE_WRITE', note), undated)).toEqual(shows('', undated))
  })

  it('[ENG-40] can be another one, of a playbook that it shows', () => {
    const local = parked(patch)
    expect(showingPlaybook(local, newer)).toEqual({ ...local, playbook: newer })
    const server = refusedBy('PLAYBOOK_VERSION_MISMATCH', patch, { playbook: met })
    expect(showingPlaybook(server, newer)).toEqual({
      ...server,
      conflict: { ...server.conflict, playbook: { ...met, activeVersion: 7, document: newer } },
    })
    for (const none of [quarantined(patch), refusedBy('PLAYBOOK_VERSION_MISMATCH', patch)]) {
      expect(showingPlaybook(none, newer)).toBe(none)
    }
  })
})

const queue = (changeset: Changeset, rawNoteText: string, more: Partial<OutboxEntry> = {}) =>
  changeset.enqueue({ ...own, document: text(rawNoteText), writtenAt: 1, ...more })
const localOf = (changeset: Changeset) => changeset.record('observation', id).local?.rawNoteText ?? null

it('[ENG-40] one that was resolved meanwhile stays resolved', async () => {
  const { context, tables, events } = await deviceStore()
  await renewConflict(context, parked(note))
  expect(tables().conflicts.size).toBe(0)
  expect(events).toEqual([])
})

describe('what a record shows of this device’s writes', () => {
  it.each([
    ['nothing', [], false, null],
    ['the newest that is queued', ['one', 'two'], true, 'two'],
    ['else what waits for a person', [], true, 'waits'],
  ])('[ENG-58] %s', async (_, queued, waits, shown) => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([own])
      if (waits) changeset.addConflict(parked(text('waits')))
      for (const each of queued) queue(changeset, each)
      changeset.put({ ...changeset.record('observation', id), local: text('of before') })
      await showLatest(changeset, 'observation', id)
      expect(localOf(changeset)).toBe(shown)
    })
  })

  it('[ENG-58] what is resent was made before what waits, and is shown where nothing does', async () => {
    const { change } = await deviceStore()
    await change(async (changeset) => {
      await changeset.load([own])
      queue(changeset, 'resent', { offer: true })
      changeset.put({ ...changeset.record('observation', id), local: null })
      await showLatest(changeset, 'observation', id)
      expect(localOf(changeset)).toBe('resent')
      changeset.addConflict(parked(text('waits')))
      await showLatest(changeset, 'observation', id)
      expect(localOf(changeset)).toBe('waits')
    })
  })
})

describe('a record of which one conflict was resolved', () => {
  it.each([
    ['is free', [], 'synced'],
    ['waits on with a conflict', [parked(text('other'))], 'conflict'],
    ['waits on with a quarantined write', [quarantined(text('other'))], 'quarantined'],
    [
      'waits on with the latest',
      [parked(text('other'), {}, 1), quarantined(text('other'), {}, 2)],
      'quarantined',
    ],
    [
      'waits on with the latest of them',
      [quarantined(text('other'), {}, 1), parked(text('other'), {}, 2)],
      'conflict',
    ],
  ] as const)('[ENG-17] %s', async (_, others, status) => {
    const device = await deviceStore()
    await device.change(async (changeset) => {
      await changeset.load([own])
      changeset.putServer('observation', id, note)
      const resolved = changeset.addConflict(parked(text('resolved'), {}, 5))
      for (const each of others) changeset.addConflict(each)
      changeset.removeConflict(resolved)
      await releaseRecord(changeset, resolved)
      expect(changeset.record('observation', id).status).toBe(status)
      expect(localOf(changeset)).toBe(others.length > 0 ? 'other' : null)
    })
    expect(device.findings()).toEqual([])
  })

  it.each([
    ['is free, whatever waits of another playbook', { ...patch, playbookId: 'pbk_other' }, 'synced'],
    ['waits on for another patch of it', { ...patch }, 'conflict'],
  ] as const)('[ENG-16] its playbook %s', async (_, ofOther, status) => {
    const { change } = await deviceStore()
    const other = { ...ofOther, patchId: `${patch.patchId}0` } as PlaybookPatch
    await change(async (changeset) => {
      await changeset.load([
        ...[patch, other].map(({ patchId }) => ({ type: 'playbookPatch', id: patchId }) as const),
        ...[patch, other].map(({ playbookId }) => ({ type: 'playbook', id: playbookId }) as const),
      ])
      const resolved = changeset.addConflict(parked(patch))
      changeset.addConflict(parked(other))
      changeset.removeConflict(resolved)
      await releaseRecord(changeset, resolved)
      expect(changeset.record('playbook', patch.playbookId).status).toBe(status)
      expect(changeset.record('playbookPatch', patch.patchId)).toMatchObject({
        status: 'synced',
        local: null,
      })
    })
  })
})

it('[ENG-40] other conflicts of the record are put on what was sent, where they were written after it', async () => {
  const { change } = await deviceStore()
  const losing = { ...text('theirs'), captureMode: 'voice' as const }
  const sent = text('sent')
  const follows = { ...losing, rawNoteText: 'sent' }
  await change(async (changeset) => {
    await changeset.load([own])
    const resolved = parked(text('mine'), {}, 5)
    const [before, same, after, alone] = [
      parked(losing, { server: text('theirs') }, 4),
      parked(losing, { server: text('theirs') }, 5),
      parked(losing, { server: text('theirs') }, 6),
      parked(losing, {}, 7),
    ].map((each) => changeset.addConflict(each))
    await followInConflicts(changeset, resolved, sent)
    expect(await changeset.conflictsOf('observation', id)).toEqual([
      before,
      same,
      { ...after, losing: follows, server: sent },
      alone,
    ])
  })
})
