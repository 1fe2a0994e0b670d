import type { SyncBatchRequest } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { savedOf } from '../testing/open-form.ts'
import { testWorld } from '../testing/test-world.ts'

const countsOf = ({ upserts }: SyncBatchRequest) => [
  upserts.observations.length,
  upserts.recommendations.length,
  upserts.playbookPatches.length,
]
const wind = (value: number) => ({
  playbookId: 'pbk_yolo_grape',
  reason: `wind ${value}`,
  operations: [{ op: 'replace' as const, path: '/rules/rule_pm_moderate/constraints/maxWindKph', value }],
})

describe('what goes into a batch', () => {
  it('[ENG-5] is what was queued first, up to the number of records, batch after batch', async () => {
    const { server, anna } = await testWorld({ settings: { batchRecords: 3 } })
    const saved = []
    for (let i = 0; i < 7; i++) saved.push((await anna.saved()).observationId)
    await anna.sync()
    expect(anna.sent.map(countsOf)).toEqual([
      [3, 0, 0],
      [3, 0, 0],
      [1, 0, 0],
    ])
    expect(
      anna.sent.flatMap(({ upserts }) => upserts.observations.map((each) => each.observationId)),
    ).toEqual(saved)
    expect(server.size).toBe(8)
  })

  it('[ENG-5, ENG-19] is what was saved while the call before was under way, though many pages are still to come', async () => {
    const { anna, ben } = await testWorld({ settings: { pageRecords: 2 } })
    for (let i = 0; i < 9; i++) await ben.saved()
    await ben.sync()
    const first = await anna.saved()
    let newest = first
    const texts: string[] = []
    anna.link.always = async (answer) => {
      const rawNoteText = `during call ${texts.length}`
      const isEdit = texts.length % 2 === 0
      if (texts.length < 4) {
        if (isEdit) newest = await savedOf(anna.engine.saveObservation({ ...newest, rawNoteText }))
        else await anna.saved({ rawNoteText })
        texts.push(rawNoteText)
      }
      return answer
    }
    await anna.sync()
    const sent = anna.sent.map(({ upserts }) => upserts.observations.map(({ rawNoteText }) => rawNoteText))
    expect(sent.slice(0, 6)).toEqual([[first.rawNoteText], ...texts.map((text) => [text]), []])
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 0, conflicts: 0 })
  })

  it('[ENG-5] ends before it has too many bytes, counted as UTF-8; one record alone always goes', async () => {
    const { anna } = await testWorld({ settings: { batchBytes: 10_000 } })
    await anna.saved({ rawNoteText: 'ü'.repeat(4_000) })
    await anna.saved({ rawNoteText: 'ü'.repeat(4_000) })
    await anna.saved({ rawNoteText: '🍇'.repeat(8_000) })
    await anna.sync()
    expect(anna.sent.map(countsOf)).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [1, 0, 0],
    ])
  })

  it('[ENG-5] a recommendation goes with its observation, and waits where that has to wait', async () => {
    const { server, anna } = await testWorld({ settings: { batchRecords: 2 } })
    const draft = await anna.saved()
    const { observationId } = draft
    await anna.engine.saveRecommendation(anna.advice({ observationId }))
    await anna.sync()
    expect(anna.sent.map(countsOf)).toEqual([[1, 1, 0]])
    server.model.setBuild({ refuses: (record) => 'rawNoteText' in record && record.rawNoteText === 'bad' })
    await anna.engine.saveObservation({ ...draft, rawNoteText: 'bad' })
    await anna.sync()
    expect(await anna.engine.recordStatus('observation', observationId)).toBe('quarantined')
    await anna.engine.saveRecommendation(anna.advice({ observationId }))
    await anna.sync()
    expect(anna.engine.status()).toMatchObject({ state: 'idle', pending: 1, quarantined: 1 })
  })

  it('[ENG-5] a recommendation that was queued before its observation waits for it', async () => {
    const { anna } = await testWorld({ settings: { batchRecords: 1 } })
    const note = anna.note()
    await anna.engine.saveRecommendation(anna.advice({ observationId: note.observationId }))
    await anna.engine.saveObservation(note)
    await anna.sync()
    expect(anna.sent.map(countsOf)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ])
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it('[ENG-5, BAT-7] a chain of patches goes in one batch while its base is the active version', async () => {
    const { server, anna } = await testWorld()
    await anna.sync()
    for (const value of [9, 10, 11]) await anna.engine.patchPlaybook(wind(value))
    await anna.sync()
    expect(anna.sent.slice(1).map(countsOf)).toEqual([
      [0, 0, 0],
      [0, 0, 3],
    ])
    expect(server.playbook()?.version).toBe(6)
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it('[ENG-5, ENG-16] behind a first patch whose base is gone the chain waits, so that none lands on a version it was not made for', async () => {
    const { server, anna, ben } = await testWorld()
    await anna.sync()
    await ben.sync()
    const rule = '/rules/rule_heat_moderate/constraints/maxWindKph'
    const heat = { ...wind(9), operations: [{ op: 'replace' as const, path: rule, value: 9 }] }
    await ben.engine.patchPlaybook(heat)
    await ben.sync()
    await anna.engine.patchPlaybook(wind(10))
    await anna.engine.patchPlaybook(wind(11))
    const { observationId } = await anna.saved()
    await anna.sync()
    expect(server.playbook()?.rules).toMatchObject({
      rule_pm_moderate: { constraints: { maxWindKph: 11 } },
      rule_heat_moderate: { constraints: { maxWindKph: 9 } },
    })
    expect(server.observation(observationId)).toBeDefined()
    expect(anna.engine.status()).toMatchObject({ pending: 0, conflicts: 0 })
  })

  it('[ENG-5] many writes that wait for a person do not keep the others back', async () => {
    const { server, anna, ben } = await testWorld({ settings: { batchRecords: 10 } })
    const taken = []
    for (let i = 1; i <= 30; i++) taken.push(`obs_20260211_${String(i).padStart(4, '0')}`)
    for (const observationId of taken) await anna.saved({ observationId })
    await anna.sync()
    for (const observationId of taken) await ben.saved({ observationId })
    await ben.sync()
    expect(ben.engine.status().conflicts).toBe(30)
    for (const observationId of taken) await ben.engine.saveObservation(ben.note({ observationId }))
    const last = await ben.saved()
    await ben.sync()
    expect(server.observation(last.observationId)).toBeDefined()
    expect(ben.engine.status()).toMatchObject({ pending: 30, state: 'idle' })
    expect(await ben.findings()).toEqual([])
  })
})
