import { Observation, Playbook, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import {
  checksumOf,
  observation,
  playbook,
  playbookPatch,
  recommendation,
  seededRandom,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { Changeset } from '../core/changeset.ts'
import type { LocalConflict } from '../core/local-conflict.ts'
import type { OutboxEntry } from '../core/local-record.ts'
import { sequenceKey } from '../core/local-store.ts'
import { parked, quarantined, refusedBy } from '../testing/conflicts.ts'
import { NOW } from '../testing/device-store.ts'
import { openConflicts } from '../testing/open-conflicts.ts'
import { decideAgain } from './resolve-conflict.ts'

const random = seededRandom(1)
const note = Observation.parse(observation({ updatedAt: '2026-02-11T18:00:00Z' }, random))
const advice = Recommendation.parse(
  recommendation({ observationId: note.observationId, updatedAt: '2026-02-11T18:00:00Z' }, random),
)
const rules = Playbook.parse(playbook({ version: 5 }))
const patch = (baseVersion: number): PlaybookPatch =>
  PlaybookPatch.parse(playbookPatch({ baseVersion }, random))

const mine: Observation = { ...note, rawNoteText: 'mine' }
const place = { location: { lat: 1, lon: 2 } }
const ofNote = { type: 'observation', id: note.observationId } as const
const ofAdvice = { type: 'recommendation', id: advice.recommendationId } as const

const serverHas =
  (...records: (Observation | Recommendation | Playbook)[]) =>
  async (changeset: Changeset) => {
    for (const record of records) {
      const name =
        'recommendationId' in record
          ? ({ type: 'recommendation', id: record.recommendationId } as const)
          : 'rules' in record
            ? ({ type: 'playbook', id: record.playbookId } as const)
            : ({ type: 'observation', id: record.observationId } as const)
      await changeset.load([name])
      changeset.putServer(name.type, name.id, record)
    }
  }

const entries = ({ outbox }: { outbox: Map<string, OutboxEntry> }) => [...outbox.values()]

describe('a losing value that goes out again', () => {
  it.each<[string, LocalConflict, Observation | null]>([
    ['where the version that it is shown beside stands', parked(mine, { server: note }, 7), note],
    ['where nothing is shown beside it', parked(mine, {}, 7), note],
    ['where the server has nothing', parked(mine, { server: note }, 7), null],
  ])('[ENG-40] is as it was %s, in its place', async (_, conflict, server) => {
    const { device, id, resolve } = await openConflicts([conflict], serverHas(...(server ? [server] : [])))
    await resolve.resubmit(id)
    expect(entries(device.tables())).toEqual([
      { ...ofNote, document: mine, writtenAt: NOW, since: sequenceKey(7) },
    ])
    expect(device.findings()).toEqual([])
  })

  it('[ENG-40] goes on top of a newer version, with a time behind it and a checksum', async () => {
    const newest = { ...note, ...place, updatedAt: '2026-02-11T21:00:00Z' }
    const { device, id, resolve } = await openConflicts([parked(mine, { server: note })], serverHas(newest))
    await resolve.resubmit(id)
    const sent = { ...mine, ...place, updatedAt: '2026-02-11T21:00:00.001Z' }
    expect(entries(device.tables())).toMatchObject([
      { document: { ...sent, deterministicChecksum: checksumOf(sent) }, writtenAt: NOW },
    ])
  })

  it('[ENG-40] of a recommendation goes on top of a newer version, with a time behind it', async () => {
    const newest = { ...advice, riskFlags: ['low_confidence' as const], updatedAt: '2026-02-11T21:00:00Z' }
    const losing = { ...advice, action: 'mine' }
    const { device, id, resolve } = await openConflicts(
      [parked(losing, { server: advice })],
      serverHas(newest),
    )
    await resolve.resubmit(id)
    expect(entries(device.tables()).map(({ document }) => document)).toEqual([
      { ...newest, action: 'mine', updatedAt: '2026-02-11T21:00:00.001Z' },
    ])
  })

  it('[ENG-40] is decided again where the newest version was changed in the same place', async () => {
    const newest = { ...note, ...place, rawNoteText: 'theirs' }
    const conflict = parked(mine, { server: note })
    const { device, id, resolve } = await openConflicts([conflict], serverHas(newest))
    const merged = { ...mine, ...place }
    const renewed = { ...conflict, id, losing: merged, server: newest }
    const refusal = decideAgain(['/rawNoteText'], renewed)
    expect(await resolve.resubmit(id)).toEqual({ ok: false, issues: refusal.issues })
    expect([...device.tables().conflicts.values()]).toEqual([renewed])
    expect(device.events).toEqual([{ kind: 'conflict', conflict: renewed }])
    expect(device.tables().records.get(`observation/${note.observationId}`)).toMatchObject({
      status: 'conflict',
      local: merged,
    })
    expect(device.tables().outbox.size).toBe(0)
    expect(device.findings()).toEqual([])
  })

  it('[ENG-40] takes along what was written behind it, queued or in a conflict of its own', async () => {
    const later = { ...mine, captureMode: 'voice' as const }
    const other = parked({ ...mine, ...place }, { server: mine }, 9)
    const { device, ids, resolve } = await openConflicts([quarantined(mine, {}, 4), other], (changeset) =>
      changeset.enqueue({ ...ofNote, document: later, writtenAt: 1, since: sequenceKey(6) }),
    )
    const repaired = { ...mine, rawNoteText: 'repaired' }
    await resolve.fix(ids[0] ?? '', repaired)
    expect(entries(device.tables())).toMatchObject([
      { document: { rawNoteText: 'repaired', captureMode: mine.captureMode }, since: sequenceKey(4) },
      { document: { rawNoteText: 'repaired', captureMode: 'voice' }, since: sequenceKey(6) },
    ])
    expect([...device.tables().conflicts.values()]).toMatchObject([
      { losing: { rawNoteText: 'repaired', ...place }, server: { rawNoteText: 'repaired' } },
    ])
  })

  it('[ENG-9] when repaired has a checksum of what it is by now, and a time behind what lost', async () => {
    const { device, id, resolve } = await openConflicts([
      quarantined({ ...mine, updatedAt: '2026-02-11T21:00:00Z' }),
    ])
    const {
      deterministicChecksum: _sum,
      updatedAt: _time,
      ...repaired
    } = { ...mine, rawNoteText: 'repaired' }
    await resolve.fix(id, repaired)
    expect(entries(device.tables())).toMatchObject([
      {
        document: {
          ...repaired,
          updatedAt: '2026-02-11T21:00:00.001Z',
          deterministicChecksum: checksumOf({ ...repaired, deterministicChecksum: '' }),
        },
      },
    ])
  })

  it('[ENG-12] when repaired is a recommendation as well', async () => {
    const { device, id, resolve } = await openConflicts([quarantined(advice, {}, 4)])
    const repaired = { ...advice, action: 'repaired' }
    expect(await resolve.fix(id, repaired)).toEqual({ ok: true, record: ofAdvice })
    expect(entries(device.tables())).toEqual([
      { ...ofAdvice, document: repaired, writtenAt: NOW, since: sequenceKey(4) },
    ])
  })

  it('[ENG-17] is a patch in its place of the line, on the version that it names', async () => {
    const [losing, behind] = [patch(3), patch(4)]
    const { device, id, resolve } = await openConflicts([quarantined(losing, {}, 6)], async (changeset) => {
      await serverHas(rules)(changeset)
      await changeset.load([{ type: 'playbookPatch', id: behind.patchId }])
      changeset.enqueue({
        type: 'playbookPatch',
        id: behind.patchId,
        document: behind,
        writtenAt: 8,
        since: sequenceKey(8),
      })
    })
    const repaired = { ...losing, reason: 'repaired', baseVersion: 5 }
    expect(await resolve.fix(id, repaired)).toEqual({
      ok: true,
      record: { type: 'playbookPatch', id: losing.patchId },
    })
    expect(entries(device.tables())).toEqual([
      {
        type: 'playbookPatch',
        id: losing.patchId,
        document: repaired,
        writtenAt: NOW,
        since: sequenceKey(6),
      },
      {
        type: 'playbookPatch',
        id: behind.patchId,
        document: { ...behind, baseVersion: 6 },
        writtenAt: 8,
        since: sequenceKey(8),
      },
    ])
    expect(device.findings()).toEqual([])
  })
})

describe('a recommendation without its observation', () => {
  const orphan = refusedBy('RECOMMENDATION_ORPHAN', advice)
  const onlyHere = async (changeset: Changeset) => {
    await changeset.load([ofNote])
    changeset.put({ ...changeset.record('observation', note.observationId), localOnly: note })
  }
  const alone = [{ ...ofAdvice, document: advice, writtenAt: NOW, since: sequenceKey(1) }]
  const both = [{ ...ofNote, document: note, writtenAt: NOW }, ...alone]

  it('[REC-2] takes it along where it is only here', async () => {
    const { device, id, resolve } = await openConflicts([orphan], onlyHere)
    expect(await resolve.resubmit(id)).toEqual({ ok: true, record: ofAdvice })
    expect(entries(device.tables())).toEqual(both)
    expect(device.findings()).toEqual([])
  })

  it.each<[string, LocalConflict, (changeset: Changeset) => Promise<void>]>([
    ['the server has it again', orphan, serverHas(note)],
    [
      'it is queued',
      orphan,
      async (changeset) => {
        await onlyHere(changeset)
        changeset.put({ ...changeset.record('observation', note.observationId), local: note })
      },
    ],
    ['something else was wrong', refusedBy('RECOMMENDATION_STALE_WRITE', advice), onlyHere],
    ['it is in quarantine', quarantined(advice), onlyHere],
    [
      'something else was wrong, and it is not here',
      refusedBy('RECOMMENDATION_STALE_WRITE', advice),
      async () => {},
    ],
  ])('[ENG-59] goes alone where %s', async (_, conflict, before) => {
    const { device, id, resolve } = await openConflicts([conflict], before)
    expect(await resolve.resubmit(id)).toMatchObject({ ok: true })
    expect(entries(device.tables())).toEqual(alone)
  })
})

describe('all quarantined writes', () => {
  const second = { ...advice, observationId: 'obs_20260211_0099' as Recommendation['observationId'] }

  it('[ENG-55] go out again in the order in which they were written, and nothing else', async () => {
    const losing = patch(3)
    const { device, resolve, writes } = await openConflicts([
      quarantined(mine, {}, 5),
      quarantined(losing, {}, 8),
      quarantined(advice, {}, 2),
      parked(patch(3), {}, 1),
    ])
    const ofPatch = { type: 'playbookPatch', id: losing.patchId }
    expect(await resolve.resubmitAll()).toEqual({
      ok: true,
      resubmitted: [ofAdvice, ofNote, ofPatch],
      refused: [],
    })
    expect(entries(device.tables()).map(({ since }) => Number(since))).toEqual([2, 5, 8])
    expect([...device.tables().conflicts.values()]).toMatchObject([{ kind: 'local' }])
    expect(writes).toEqual([true])
  })

  it('[ENG-55] or some of them do', async () => {
    const { device, ids, resolve } = await openConflicts([
      quarantined(advice, {}, 8),
      quarantined(mine, {}, 2),
    ])
    expect(await resolve.resubmitAll(ids.slice(0, 1))).toEqual({
      ok: true,
      resubmitted: [ofAdvice],
      refused: [],
    })
    expect([...device.tables().conflicts.keys()]).toEqual(ids.slice(1))
  })

  it.each([
    ['are none: nothing went wrong', [], true],
    ['that are refused stay, with the reason', [quarantined(second)], false],
    [
      'of which one is refused go out but for that one',
      [quarantined(second), quarantined(mine, {}, 2)],
      true,
    ],
  ])('[ENG-55] %s', async (_, conflicts, ok) => {
    const { device, ids, resolve, writes } = await openConflicts(conflicts, async (changeset) => {
      const { type, id } = ofAdvice
      await changeset.load([{ type, id }])
      changeset.putServer(type, id, { ...advice, action: 'theirs' })
    })
    const refused = conflicts.filter(({ losing }) => losing === second)
    if (refused[0]) {
      // What it changed of the version below it, the server's has otherwise by now.
      await device.store.write(async (transaction) => {
        const [key = ''] = ids
        const stored = await transaction.get('conflicts', key)
        if (stored)
          await transaction.put('conflicts', key, {
            ...stored,
            base: { ...second, action: 'before' },
          } as LocalConflict)
      })
    }
    const outcome = await resolve.resubmitAll()
    expect(outcome.ok).toBe(ok)
    expect(outcome.refused).toMatchObject(
      refused.map(() => ({ id: ids[0], issues: [{ path: '/action', code: 'changed_meanwhile' }] })),
    )
    expect(outcome.resubmitted).toEqual(conflicts.filter(({ losing }) => losing === mine).map(() => ofNote))
    expect(writes).toEqual([ok])
    expect(device.tables().conflicts.size).toBe(refused.length)
  })
})
