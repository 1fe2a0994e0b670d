import type { Observation } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { savedOf, openForm } from '../testing/open-form.ts'

const settled = { pending: 0, conflicts: 0, quarantined: 0 }

describe('a conflict that is resolved later', () => {
  /** Both corrected the text; Anna sees hers beside Ben's. */
  async function bothCorrected() {
    const form = await openForm('confirmed')
    const { anna, ben, id } = form
    await savedOf(ben.engine.correct(id, { rawNoteText: 'Ben writes' }, 'B 1'))
    await ben.sync()
    await savedOf(anna.engine.correct(id, { rawNoteText: 'Anna writes' }, 'A 1'))
    await anna.sync()
    const [conflict] = await anna.engine.conflicts()
    return { ...form, conflictId: conflict?.id ?? '' }
  }

  it('[ENG-40] keeps what came after the version that it shows', async () => {
    const { server, anna, id, conflictId, changedByBen } = await bothCorrected()
    await changedByBen(id, { extraction: { severity: 'high' } })
    // A later correction of Anna's waits behind it.
    await savedOf(anna.engine.correct(id, { normalization: { windEstimateKph: 33 } }, 'A 2'))
    expect(await anna.engine.resolve.correct(conflictId, { reason: 'mine is right' })).toMatchObject({
      ok: true,
    })
    expect(await anna.findings()).toEqual([])
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'Anna writes',
      extraction: { severity: 'high' },
      normalization: { windEstimateKph: 33 },
      correction: { reason: 'A 2' },
    })
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-40] is decided again where the same was changed once more, about the newest version', async () => {
    const { server, anna, id, conflictId, changedByBen } = await bothCorrected()
    await changedByBen(id, { rawNoteText: 'Ben writes better', extraction: { severity: 'high' } })
    const { correct } = anna.engine.resolve
    expect(await correct(conflictId, { reason: 'mine is right' })).toMatchObject({
      ok: false,
      issues: [{ path: '/rawNoteText' }],
    })
    expect(anna.engine.status().conflicts).toBe(1)
    expect(await anna.engine.conflicts()).toMatchObject([
      {
        id: conflictId,
        losing: { rawNoteText: 'Anna writes', extraction: { severity: 'high' } },
        conflict: { server: { record: { rawNoteText: 'Ben writes better' } } },
      },
    ])
    // With its own time, and sent once more.
    const [shown] = anna
      .eventsOf('conflict')
      .slice(-1)
      .map(({ conflict }) => conflict)
    const theirs = shown?.kind === 'server' ? shown.conflict.server : undefined
    expect(shown?.id).toBe(conflictId)
    expect(theirs).toMatchObject({
      record: { updatedAt: theirs?.updatedAt, rawNoteText: 'Ben writes better' },
    })
    expect(await anna.findings()).toEqual([])
    expect(await correct(conflictId, { reason: 'mine is right' })).toMatchObject({ ok: true })
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'Anna writes',
      extraction: { severity: 'high' },
    })
  })

  it('[ENG-17, ENG-11] is corrected by the name of that choice only with a reason', async () => {
    const { anna, conflictId } = await bothCorrected()
    const { by } = anna.engine.resolve
    const refused = {
      ok: false,
      issues: [{ path: '/correction/reason', message: 'says why', code: 'reason_required' }],
    }
    expect(await by(conflictId, 'correct')).toMatchObject(refused)
    expect(await by(conflictId, 'correct', { correction: { reason: ' ' } })).toMatchObject(refused)
    expect(await by(conflictId, 'correct', { correction: { reason: 'seen again' } })).toMatchObject({
      ok: true,
    })
  })

  it('[ENG-40] starts from the version that a form says it showed', async () => {
    const { server, anna, id, conflictId, changedByBen } = await bothCorrected()
    await changedByBen(id, { rawNoteText: 'Ben writes better', extraction: { severity: 'high' } })
    const basedOn = (await anna.engine.record('observation', id))?.server ?? undefined
    const decided = {
      reason: 'mine is right',
      basedOn,
      changes: { extraction: { severity: 'high' as const } },
    }
    expect(await anna.engine.resolve.correct(conflictId, decided)).toMatchObject({ ok: true })
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'Anna writes',
      extraction: { severity: 'high' },
    })
  })

  it('[ENG-40] a repaired note keeps what others changed while it was in quarantine', async () => {
    const { server, anna, opened, id, changedByBen } = await openForm('draft')
    server.model.setBuild({
      refuses: (record) => 'rawNoteText' in record && record.rawNoteText === 'unreadable',
    })
    await savedOf(anna.engine.saveObservation({ ...opened, rawNoteText: 'unreadable' }, { basedOn: opened }))
    await anna.sync()
    const [refused] = await anna.engine.conflicts()
    expect(refused).toMatchObject({ kind: 'quarantine', base: { rawNoteText: opened.rawNoteText } })
    await changedByBen(id, { extraction: { severity: 'high' } })
    const losing = refused?.losing as Observation
    const { deterministicChecksum: _c, updatedAt: _u, ...form } = { ...losing, rawNoteText: 'legible' }
    expect(await anna.engine.resolve.fix(refused?.id ?? '', form)).toMatchObject({ ok: true })
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'legible',
      extraction: { severity: 'high' },
    })
    expect(anna.engine.status()).toMatchObject(settled)
  })
})
