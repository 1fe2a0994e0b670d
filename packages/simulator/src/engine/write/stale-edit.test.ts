import { PlaybookId, type Recommendation, RuleId } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { savedOf, openForm, seenBy } from '../testing/open-form.ts'
import { testWorld } from '../testing/test-world.ts'

const PLAYBOOK = 'pbk_yolo_grape'
const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'

const settled = { pending: 0, conflicts: 0, quarantined: 0 }

const capitals = (checksum: string) => checksum.replace(/[0-9a-f]{64}$/, (hash) => hash.toUpperCase())

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
    const edited = await savedOf(
      anna.engine.saveObservation({ ...form, rawNoteText: 'powdery mildew' }, { basedOn: opened }),
    )
    await anna.sync()
    await ben.sync()
    await changedByBen(id, { extraction: { fieldBlock: 'Block 12' } })
    await savedOf(anna.engine.saveObservation({ ...edited, status: 'confirmed' }, { basedOn: edited }))
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
      transcription: { ...draft.transcription, text: 'as Ben heard it' },
    }
    await savedOf(ben.engine.saveObservation(byBen, { basedOn: draft }))
    await ben.sync()
    await anna.sync()
    const byAnna = {
      ...draft,
      notObserved: ['/extraction/severity', '/normalization/leafWetness'],
      normalization: { ...draft.normalization, windEstimateKph: 17 },
    }
    await savedOf(anna.engine.saveObservation(byAnna, { basedOn: draft }))
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
    const heard = { ...byAnna, transcription: { ...draft.transcription, confidence: 0.123 } }
    expect(await anna.engine.preview.observation(heard, { basedOn: draft })).toMatchObject({
      likelyConflict: { issues: [{ path: '/transcription' }] },
    })
  })

  it('[ENG-37] a recommendation is merged in the same way', async () => {
    const { server, anna, ben, clock } = await testWorld()
    const { observationId } = await anna.saved()
    const opened = await savedOf<Recommendation>(
      anna.engine.saveRecommendation(anna.advice({ observationId })),
    )
    await anna.sync()
    await ben.sync()
    clock.advance(60_000)
    await savedOf(
      ben.engine.saveRecommendation({ ...opened, riskFlags: ['high_drift_risk'] }, { basedOn: opened }),
    )
    await ben.sync()
    await anna.sync()
    clock.advance(60_000)
    const { updatedAt: _u, ...form } = opened
    await savedOf(anna.engine.saveRecommendation({ ...form, action: 'wait a day' }, { basedOn: opened }))
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

  it('[ENG-38] an edit of a record that was deleted meanwhile is neither dropped nor created again unasked', async () => {
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
    await savedOf(ben.engine.patchPlaybook(patch(9), { basedOn: opened }))
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
    const { updatedAt: _n, ...untimed } = newest
    for (const checksum of [newest.deterministicChecksum, capitals(newest.deterministicChecksum)]) {
      const byChecksum = { ...untimed, deterministicChecksum: checksum, rawNoteText: 'by its checksum' }
      expect(await anna.engine.preview.observation(byChecksum)).toMatchObject({ ok: true })
    }
    await savedOf(anna.engine.saveObservation({ ...newest, rawNoteText: 'of the newest' }))
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
    await savedOf(anna.engine.correct(id, { extraction: { fieldBlock: 'Block 3' } }, 'wrong row'))
    await anna.sync()
    expect(server.observation(id)?.extraction).toMatchObject({
      fieldBlock: 'Block 3',
      severity: 'high',
      variety: 'Syrah',
    })
    await savedOf(anna.engine.correct(id, { extraction: { variety: undefined } }, 'not known'))
    await anna.sync()
    expect(server.observation(id)?.extraction).not.toHaveProperty('variety')
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
