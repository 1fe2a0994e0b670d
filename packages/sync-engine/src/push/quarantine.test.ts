import { Observation, PlaybookPatch, Recommendation } from '@fieldsync/contracts'
import { observation, playbookPatch, recommendation, seededRandom } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { InFlightBatch } from '../core/engine-meta.ts'
import { nameOf } from '../testing/documents.ts'
import { testContext } from '../testing/test-context.ts'
import { namedIssues, quarantine } from './quarantine.ts'

const random = seededRandom(3)
const note = Observation.parse(observation({ rawNoteText: 'first' }, random))
const batch: InFlightBatch = {
  syncId: 'syn_1' as InFlightBatch['syncId'],
  cursor: '',
  reported: { resolved: 0, drift: false },
  entries: [
    ...Array.from({ length: 11 }, (_, i) => ({ key: `o${i}`, type: 'observation' as const, id: `a${i}` })),
    { key: 'r0', type: 'recommendation', id: 'c' },
    { key: 'p0', type: 'playbookPatch', id: 'd' },
  ],
}
const named = (issues: unknown) =>
  namedIssues(batch, { code: 'VALIDATION_ERROR', message: '', retryable: false, details: { issues } })

describe('the issues of a refusal', () => {
  it.each([
    ['/upserts/observations/0', 'o0', ''],
    ['/upserts/observations/1/extraction/issue', 'o1', '/extraction/issue'],
    ['/upserts/observations/10/status', 'o10', '/status'],
    ['/upserts/recommendations/0/action', 'r0', '/action'],
    ['/upserts/playbookPatches/0/operations/0', 'p0', '/operations/0'],
  ])('[ENG-12, ERR-5] with the path %s are of the write %s, at %j', (path, place, within) => {
    expect(named([{ path, message: 'is wrong' }])).toEqual({
      byPlace: new Map([[place, [{ path: within, message: 'is wrong' }]]]),
      others: [],
    })
  })

  it.each([
    '/device/appVersion',
    '/upserts/observations',
    '/upserts/observations/x',
    '/upserts/observations/0x',
    '/upserts/observations/11',
    '/upserts/recommendations/1',
    '/upserts/weather/0',
    '/other/upserts/observations/0',
    '/upserts/observations/0/a\nb',
  ])('[ENG-12] with the path %j are of no record', (path) => {
    expect(named([{ path, message: 'is wrong' }])).toEqual({
      byPlace: new Map(),
      others: [{ path, message: 'is wrong' }],
    })
  })

  it('[ENG-12] are taken together for each record, in their order, and what is no issue is passed over', () => {
    const issues = [
      { path: '/upserts/observations/0/a', message: '1' },
      null,
      { path: 5 },
      { path: '/upserts/observations/0/b', message: '2' },
      { path: '/upserts/observations/11', message: '3' },
    ]
    expect(named(issues)).toEqual({
      byPlace: new Map([
        [
          'o0',
          [
            { path: '/a', message: '1' },
            { path: '/b', message: '2' },
          ],
        ],
      ]),
      others: [{ path: '/upserts/observations/11', message: '3' }],
    })
    expect(named('none')).toEqual({ byPlace: new Map(), others: [] })
  })
})

describe('a write that is quarantined', () => {
  const issues = [{ path: '/a', message: 'is wrong' }]

  it('[ENG-12, ENG-40] leaves the outbox with its issues, and keeps the version that it was made on', async () => {
    const { change, queue, tables, time } = await testContext()
    const second = { ...note, rawNoteText: 'second' }
    const keys = await queue({ document: note }, { document: second })
    const parked = await change((changeset) =>
      quarantine(changeset, new Map([[keys[1] ?? '', issues]]), time.now),
    )
    const expected = {
      kind: 'quarantine',
      type: 'observation',
      entityId: note.observationId,
      losing: second,
      place: keys[1],
      foundAt: time.now,
      issues,
      base: note,
    }
    expect(parked).toMatchObject([expected])
    expect([...tables().conflicts.values()]).toEqual(parked)
    expect([...tables().outbox.keys()]).toEqual([keys[0]])
  })

  it('[ENG-12] of a first version was made on nothing', async () => {
    const { change, queue } = await testContext()
    const [key = ''] = await queue({ document: note })
    const parked = await change((changeset) => quarantine(changeset, new Map([[key, issues]]), 5))
    expect(parked).toMatchObject([{ base: null, foundAt: 5 }])
  })

  it('[ENG-12] of a playbook holds back the others on it, and names no base', async () => {
    const { change, queue, tables } = await testContext()
    const patch = PlaybookPatch.parse(playbookPatch({}, random))
    const advice = Recommendation.parse(recommendation({}, random))
    const [key = '', other = ''] = await queue({ document: patch }, { document: advice })
    const parked = await change((changeset) =>
      quarantine(
        changeset,
        new Map([
          [key, issues],
          [other, []],
        ]),
        5,
      ),
    )
    expect(parked).toMatchObject([
      { type: 'playbookPatch', entityId: patch.patchId, base: null, issues },
      { type: 'recommendation', entityId: nameOf(advice).id, base: null, issues: [] },
    ])
    expect(tables().outbox.size).toBe(0)
    expect(tables().records.get(`playbook/${patch.playbookId}`)?.status).toBe('quarantined')
  })

  it('[ENG-12] that was sent meanwhile is no longer there to be quarantined', async () => {
    const { change, tables } = await testContext()
    expect(await change((changeset) => quarantine(changeset, new Map([['gone', issues]]), 5))).toEqual([])
    expect(tables().conflicts.size).toBe(0)
  })
})
