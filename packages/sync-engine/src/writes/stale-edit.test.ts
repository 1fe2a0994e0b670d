import { type Observation, PlaybookId, type Recommendation, RuleId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import type { SyncEngine } from '../engine/create-sync-engine.ts'
import type { FieldDevice } from '../testing/field-device.ts'
import { type TestWorld, testWorld } from '../testing/test-world.ts'

const PLAYBOOK = 'pbk_yolo_grape'
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'

type Kept<T> =
  | { ok: true; record: { local: T | null }; conflictId: string | null }
  | { ok: false; issues: unknown }

async function kept<T>(save: Promise<Kept<T>>): Promise<T> {
  const outcome = await save
  if (!outcome.ok || outcome.record.local === null) throw new Error(JSON.stringify(outcome))
  return outcome.record.local
}

const seenBy = async ({ engine }: FieldDevice, id: string): Promise<Observation> => {
  const view = await engine.record('observation', id)
  if (!view) throw new Error(`${id} is not on the device`)
  return view.document
}

/** A note of Anna's that both devices have, and that she has open in a form. */
async function openForm(status: Observation['status']) {
  const world = await testWorld()
  const { anna, ben } = world
  const opened = await anna.saved({ status, rawNoteText: 'powdry mildew' })
  await anna.sync()
  await ben.sync()
  return { ...world, opened, id: opened.observationId, ...exchange(world) }
}

const exchange = ({ anna, ben, clock }: TestWorld) => ({
  /** Ben changes the note, and it comes to Anna while her form is open. */
  changedByBen: async (id: string, change: Parameters<SyncEngine['correct']>[1]) => {
    clock.advance(60_000)
    const seen = await seenBy(ben, id)
    const { extraction, normalization, ...rest } = change
    const changed = {
      ...seen,
      ...rest,
      extraction: { ...seen.extraction, ...extraction },
      normalization: { ...seen.normalization, ...normalization },
    } as Observation
    await kept(
      seen.status === 'draft'
        ? ben.engine.saveObservation(changed, { basedOn: seen })
        : ben.engine.correct(id, change, 'Ben looked again'),
    )
    await ben.sync()
    await anna.sync()
    clock.advance(60_000)
  },
})

const settled = { pending: 0, conflicts: 0, quarantined: 0 }

describe('an edit of a version that is no longer the newest', () => {
  it('[ENG-37] a correction changes what was edited, and keeps what others changed', async () => {
    const { server, anna, opened, id, changedByBen } = await openForm('confirmed')
    await changedByBen(id, { extraction: { severity: 'high' }, normalization: { temperatureC: 31 } })
    const whole = { ...opened, rawNoteText: 'powdery mildew' }
    const { observationId: _o, deviceId: _d, correction: _c, ...changes } = whole
    const corrected = await anna.engine.correct(id, changes, 'typo', { basedOn: opened })
    expect(corrected).toMatchObject({ ok: true, likelyConflict: null, conflictId: null })
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'powdery mildew',
      extraction: { severity: 'high' },
      normalization: { temperatureC: 31 },
      correction: { reason: 'typo' },
    })
    expect(anna.engine.status()).toMatchObject(settled)
    expect(await anna.findings()).toEqual([])
  })

  it('[ENG-37] so does an edit of a draft, and confirming one', async () => {
    const { server, anna, ben, opened, id, changedByBen } = await openForm('draft')
    await changedByBen(id, { extraction: { severity: 'high', variety: 'Syrah' } })
    const { deterministicChecksum: _c, updatedAt: _u, ...form } = opened
    const edited = await kept(
      anna.engine.saveObservation({ ...form, rawNoteText: 'powdery mildew' }, { basedOn: opened }),
    )
    await anna.sync()
    await ben.sync()
    await changedByBen(id, { extraction: { fieldBlock: 'Block 12' } })
    await kept(anna.engine.saveObservation({ ...edited, status: 'confirmed' }, { basedOn: edited }))
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'powdery mildew',
      status: 'confirmed',
      extraction: { severity: 'high', variety: 'Syrah', fieldBlock: 'Block 12' },
    })
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-37] a place, a transcript and a list are one value; fields that nobody observed are a set', async () => {
    const { server, anna, ben, clock } = await testWorld()
    const draft = await anna.saved({
      status: 'draft',
      notObserved: ['/normalization/windEstimateKph', '/extraction/severity', '/normalization/leafWetness'],
      location: { lat: 38.5, lon: -121.7, source: 'gps', accuracyM: 12 },
    })
    await anna.sync()
    await ben.sync()
    clock.advance(60_000)
    const byBen = {
      ...draft,
      notObserved: ['/normalization/windEstimateKph', '/normalization/leafWetness'],
      extraction: { ...draft.extraction, severity: 'high' as const },
      location: { lat: 38.9, lon: -121.2, source: 'map' as const },
    }
    await kept(ben.engine.saveObservation(byBen, { basedOn: draft }))
    await ben.sync()
    await anna.sync()
    const byAnna = {
      ...draft,
      notObserved: ['/extraction/severity', '/normalization/leafWetness'],
      normalization: { ...draft.normalization, windEstimateKph: 17 },
    }
    await kept(anna.engine.saveObservation(byAnna, { basedOn: draft }))
    await anna.sync()
    const stored = server.observation(draft.observationId)
    expect(stored).toMatchObject({
      notObserved: ['/normalization/leafWetness'],
      extraction: { severity: 'high' },
      normalization: { windEstimateKph: 17 },
    })
    expect(stored?.location).toEqual({ lat: 38.9, lon: -121.2, source: 'map' })
    const moved = { ...byAnna, location: { lat: 38.9, lon: -120.4, source: 'map' as const } }
    expect(await anna.engine.saveObservation(moved, { basedOn: draft })).toMatchObject({
      likelyConflict: { issues: [{ path: '/location' }] },
    })
  })

  it('[ENG-37] a recommendation is merged in the same way', async () => {
    const { server, anna, ben, clock } = await testWorld()
    const { observationId } = await anna.saved()
    const opened = await kept<Recommendation>(anna.engine.saveRecommendation(anna.advice({ observationId })))
    await anna.sync()
    await ben.sync()
    clock.advance(60_000)
    await kept(
      ben.engine.saveRecommendation({ ...opened, riskFlags: ['high_drift_risk'] }, { basedOn: opened }),
    )
    await ben.sync()
    await anna.sync()
    clock.advance(60_000)
    const { updatedAt: _u, ...form } = opened
    await kept(anna.engine.saveRecommendation({ ...form, action: 'wait a day' }, { basedOn: opened }))
    await anna.sync()
    expect(server.recommendation(opened.recommendationId)).toMatchObject({
      action: 'wait a day',
      riskFlags: ['high_drift_risk'],
    })
    const decided = { ...opened, action: 'spray now' }
    const clash = await anna.engine.saveRecommendation(decided, { basedOn: opened })
    expect(clash).toMatchObject({ ok: true, likelyConflict: { code: 'RECOMMENDATION_STALE_WRITE' } })
    expect(await anna.engine.conflicts()).toMatchObject([
      { kind: 'local', losing: { action: 'spray now', riskFlags: ['high_drift_risk'] } },
    ])
  })
})

describe('what both changed', () => {
  it('[ENG-38] waits for a person as a local conflict with both values; a preview says the same', async () => {
    const { server, anna, opened, id, changedByBen } = await openForm('draft')
    await changedByBen(id, { rawNoteText: 'downy mildew', extraction: { severity: 'high' } })
    const form = { ...opened, rawNoteText: 'powdery mildew' }
    const clash = { code: 'OBSERVATION_STALE_WRITE', issues: [{ path: '/rawNoteText' }] }
    expect(await anna.engine.preview.observation(form, { basedOn: opened })).toMatchObject({
      ok: true,
      likelyConflict: clash,
    })
    expect(await anna.engine.conflicts()).toEqual([])
    const saved = await anna.engine.saveObservation(form, { basedOn: opened })
    const [conflict] = await anna.engine.conflicts()
    expect(saved).toMatchObject({ ok: true, likelyConflict: clash, conflictId: conflict?.id })
    expect(conflict).toMatchObject({
      kind: 'local',
      losing: { rawNoteText: 'powdery mildew', extraction: { severity: 'high' } },
      server: { rawNoteText: 'downy mildew' },
    })
    expect(anna.eventsOf('conflict')).toHaveLength(1)
    await anna.sync()
    expect(server.observation(id)?.rawNoteText).toBe('downy mildew')
    expect(await anna.findings()).toEqual([])
    await anna.engine.resolve.resubmit(conflict?.id ?? '')
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'powdery mildew',
      extraction: { severity: 'high' },
    })
    expect(anna.engine.status()).toMatchObject(settled)
  })

  it('[ENG-38] of a confirmed note it is a correction to decide on; equal values are no conflict', async () => {
    const { server, anna, opened, id, changedByBen } = await openForm('confirmed')
    await changedByBen(id, { extraction: { fieldBlock: 'Block 9' } })
    const change = (fieldBlock: string) => ({ extraction: { fieldBlock }, rawNoteText: 'powdery mildew' })
    expect(await anna.engine.correct(id, change('Block 7'), 'wrong row', { basedOn: opened })).toMatchObject({
      ok: true,
      likelyConflict: { code: 'OBSERVATION_CORRECTION_STALE', resolution: 'correct' },
    })
    const [conflict] = await anna.engine.conflicts()
    await anna.engine.resolve.acceptServer(conflict?.id ?? '')
    expect(await seenBy(anna, id)).toMatchObject({ extraction: { fieldBlock: 'Block 9' } })
    expect(await anna.engine.correct(id, change('Block 9'), 'wrong row', { basedOn: opened })).toMatchObject({
      ok: true,
      conflictId: null,
    })
    await anna.sync()
    expect(server.observation(id)).toMatchObject({ rawNoteText: 'powdery mildew' })
  })

  it('[ENG-38] an edit of a record that was deleted meanwhile is neither dropped nor made anew unasked', async () => {
    const { server, anna, opened, id } = await openForm('confirmed')
    server.delete('observation', id)
    await anna.sync()
    const saved = await anna.engine.correct(id, { rawNoteText: 'mine' }, 'typo', { basedOn: opened })
    expect(saved).toMatchObject({ ok: true, likelyConflict: null })
    await anna.sync()
    expect(server.observation(id)).toBeUndefined()
    expect(await anna.engine.conflicts()).toMatchObject([
      { kind: 'local', code: null, resolution: 'resubmit', losing: { rawNoteText: 'mine' } },
    ])
  })

  it('[ENG-38] a patch waits where its value is another by now, and goes out where it is not', async () => {
    const { server, anna, ben } = await testWorld()
    await anna.sync()
    await ben.sync()
    const opened = (await anna.engine.record('playbook', PLAYBOOK))?.document
    if (!opened) throw new Error('no playbook')
    const patch = (value: number, path = WIND) => ({
      playbookId: PLAYBOOK,
      reason: `to ${value}`,
      operations: [{ op: 'replace' as const, path, value }],
    })
    await kept(ben.engine.patchPlaybook(patch(9), { basedOn: opened }))
    await ben.sync()
    await anna.sync()
    const other = '/rules/rule_heat_moderate/constraints/maxWindKph'
    expect(await anna.engine.patchPlaybook(patch(22, other), { basedOn: opened })).toMatchObject({
      ok: true,
      conflictId: null,
    })
    const clash = { code: 'PLAYBOOK_VERSION_MISMATCH', issues: [{ path: '/operations/0' }] }
    expect(await anna.engine.preview.patch(patch(14), { basedOn: opened })).toMatchObject({
      likelyConflict: clash,
    })
    const saved = await anna.engine.patchPlaybook(patch(14), { basedOn: opened })
    expect(saved).toMatchObject({ ok: true, likelyConflict: clash })
    expect(await anna.findings()).toEqual([])
    await anna.sync()
    const windOf = () => server.playbook()?.rules[RuleId.parse('rule_pm_moderate')]?.constraints.maxWindKph
    expect(windOf()).toBe(9)
    await anna.engine.resolve.rebase((saved.ok && saved.conflictId) || '')
    await anna.sync()
    expect(windOf()).toBe(14)
    expect(anna.engine.status()).toMatchObject(settled)
  })
})

describe('a write that names no base', () => {
  it('[ENG-39] is taken for an edit of the newest version only if it shows that by its time or checksum', async () => {
    const { server, anna, opened, id, changedByBen } = await openForm('draft')
    await changedByBen(id, { extraction: { severity: 'high' } })
    const refused = { ok: false, issues: [{ path: '', message: expect.stringContaining('basedOn') }] }
    const { deterministicChecksum, updatedAt: _u, ...form } = { ...opened, rawNoteText: 'from an old form' }
    for (const old of [form, { ...form, deterministicChecksum }, { ...opened, rawNoteText: 'old' }]) {
      expect(await anna.engine.saveObservation(old)).toMatchObject(refused)
      expect(await anna.engine.preview.observation(old)).toMatchObject(refused)
    }
    const newest = await seenBy(anna, id)
    await kept(anna.engine.saveObservation({ ...newest, rawNoteText: 'of the newest' }))
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'of the newest',
      extraction: { severity: 'high' },
    })
    // The same again, as after an answer that nobody heard.
    const { updatedAt: _time, deterministicChecksum: _sum, ...again } = await seenBy(anna, id)
    expect(await anna.engine.saveObservation(again)).toMatchObject({ ok: true })
  })

  it('[ENG-39] a correction changes only what it names, also inside of the extraction', async () => {
    const { server, anna, id, changedByBen } = await openForm('confirmed')
    await changedByBen(id, { extraction: { severity: 'high', variety: 'Syrah' } })
    await kept(anna.engine.correct(id, { extraction: { fieldBlock: 'Block 3' } }, 'wrong row'))
    await anna.sync()
    expect(server.observation(id)?.extraction).toMatchObject({
      fieldBlock: 'Block 3',
      severity: 'high',
      variety: 'Syrah',
    })
    await kept(anna.engine.correct(id, { extraction: { variety: undefined } }, 'not known'))
    await anna.sync()
    expect(server.observation(id)?.extraction).not.toHaveProperty('variety')
  })
})

describe('a conflict that is resolved later', () => {
  /** Both corrected the text; Anna sees hers beside Ben's. */
  async function bothCorrected() {
    const form = await openForm('confirmed')
    const { anna, ben, id } = form
    await kept(ben.engine.correct(id, { rawNoteText: 'Ben writes' }, 'B 1'))
    await ben.sync()
    await kept(anna.engine.correct(id, { rawNoteText: 'Anna writes' }, 'A 1'))
    await anna.sync()
    const [conflict] = await anna.engine.conflicts()
    return { ...form, conflictId: conflict?.id ?? '' }
  }

  it('[ENG-40] keeps what came after the version that it shows', async () => {
    const { server, anna, id, conflictId, changedByBen } = await bothCorrected()
    await changedByBen(id, { extraction: { severity: 'high' } })
    // A later correction of Anna's waits behind it.
    await kept(anna.engine.correct(id, { normalization: { windEstimateKph: 33 } }, 'A 2'))
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
    expect(await anna.findings()).toEqual([])
    expect(await correct(conflictId, { reason: 'mine is right' })).toMatchObject({ ok: true })
    await anna.sync()
    expect(server.observation(id)).toMatchObject({
      rawNoteText: 'Anna writes',
      extraction: { severity: 'high' },
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
    server.isPoison = (record) => 'rawNoteText' in record && record.rawNoteText === 'unreadable'
    await kept(anna.engine.saveObservation({ ...opened, rawNoteText: 'unreadable' }, { basedOn: opened }))
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

it('[ENG-37] an edit that names a version of another record is refused, and stores nothing', async () => {
  const { anna, opened, id } = await openForm('confirmed')
  const other = await anna.saved()
  const playbook = (await anna.engine.record('playbook', PLAYBOOK))?.document
  if (!playbook) throw new Error(`${PLAYBOOK} is not on the device`)
  const { engine } = anna
  const { pending } = engine.status()
  const outcomes = [
    await engine.saveObservation(opened, { basedOn: other }),
    await engine.correct(id, { rawNoteText: 'x' }, 'wrong block', { basedOn: other }),
    await engine.patchPlaybook(
      { playbookId: PLAYBOOK, reason: 'gusts', operations: [{ op: 'replace', path: WIND, value: 9 }] },
      { basedOn: { ...playbook, playbookId: PlaybookId.parse('pbk_other') } },
    ),
  ]
  const issue = { message: 'is not the one of basedOn' }
  expect(outcomes).toMatchObject(outcomes.map(() => ({ ok: false, issues: [issue] })))
  expect(engine.status().pending).toBe(pending)
})
