import { Observation, Playbook, PlaybookPatch, Recommendation, type SyncConflict } from '@fieldsync/contracts'
import {
  observation,
  playbook,
  playbookPatch,
  recommendation,
  seededRandom,
  sha256,
} from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import type { LocalConflict } from '../core/local-conflict.ts'
import { blankRecord, type LocalRecord } from '../core/local-record.ts'
import { corrected, minutes, START } from '../testing/documents.ts'
import { testContext } from '../testing/test-context.ts'
import { enqueueKnown, isLost, mayBeResent, resendLost, resendReleased } from './resend-lost.ts'

const DAY = 24 * 60 * 60_000
const random = seededRandom(31)
const draft = Observation.parse(
  observation({ deviceId: 'dev_scout_1', createdAt: '2026-02-11T18:00:00Z' }, random),
)
const noteOf = (more: Partial<Observation>): Observation => ({ ...draft, ...more })
const confirmed = noteOf({ status: 'confirmed' })
const logged = noteOf({ status: 'logged' })
const pending = Recommendation.parse(recommendation({ generatedAt: '2026-02-11T18:00:00Z' }, random))
const adviceOf = (more: Partial<Recommendation>): Recommendation => ({ ...pending, ...more })

describe('an acknowledged version is lost', () => {
  it.each<[string, Observation | Recommendation, Observation | Recommendation, boolean]>([
    [
      'where the server has a draft before it',
      noteOf({ rawNoteText: 'later', updatedAt: minutes(9) }),
      draft,
      true,
    ],
    ['where the server has the draft that was confirmed', confirmed, draft, true],
    [
      'no draft that a newer one replaced',
      draft,
      noteOf({ rawNoteText: 'later', updatedAt: minutes(9) }),
      false,
    ],
    [
      'where the server has the same words as a later draft',
      confirmed,
      noteOf({ updatedAt: minutes(9) }),
      true,
    ],
    ['no version that the server has', confirmed, confirmed, false],
    [
      'no draft that was confirmed with other words',
      draft,
      noteOf({ status: 'confirmed', rawNoteText: 'other' }),
      false,
    ],
    [
      'where the server has other confirmed words without a correction',
      confirmed,
      noteOf({ status: 'confirmed', rawNoteText: 'other', deterministicChecksum: 'sha256:other' }),
      true,
    ],
    ['no confirmed version that was corrected', confirmed, corrected(confirmed, 'fixed'), false],
    ['no confirmed version that is further along', confirmed, logged, false],
    ['where the server has what it corrects', corrected(confirmed, 'fixed'), confirmed, true],
    [
      'where the server has another correction',
      corrected(confirmed, 'fixed'),
      corrected(confirmed, 'other'),
      true,
    ],
    [
      'where the server has it as a note of another device',
      confirmed,
      noteOf({ deviceId: 'dev_ben' as Observation['deviceId'], rawNoteText: 'his' }),
      true,
    ],
    [
      'no recommendation that a newer one replaced while it was pending',
      pending,
      adviceOf({ action: 'Wait.', updatedAt: minutes(999) }),
      false,
    ],
    [
      'where the server has a recommendation before it',
      adviceOf({ action: 'Wait.', updatedAt: minutes(999) }),
      pending,
      true,
    ],
    ['where a confirmed recommendation is pending again', adviceOf({ status: 'confirmed' }), pending, true],
    [
      'where the server has another confirmed recommendation',
      adviceOf({ status: 'confirmed' }),
      adviceOf({ status: 'confirmed', action: 'Wait.' }),
      true,
    ],
    [
      'no pending recommendation that was confirmed with other words',
      pending,
      adviceOf({ status: 'confirmed', action: 'Wait.' }),
      false,
    ],
  ])('[ENG-15, CUR-6] %s', (_, acknowledged, pulled, lost) => {
    expect(isLost(acknowledged, pulled, sha256)).toBe(lost)
  })
})

describe('an acknowledged version is sent again', () => {
  const record = (more: Partial<LocalRecord>): LocalRecord => ({
    ...blankRecord('observation', draft.observationId),
    server: confirmed,
    acknowledgedAt: START,
    ...more,
  })

  it.each<[string, Partial<LocalRecord>, boolean, number?]>([
    ['just now', {}, true],
    ['within 30 days', { acknowledgedAt: START - 30 * DAY + 1 }, true],
    ['not after them', { acknowledgedAt: START - 30 * DAY }, false],
    ['whatever a clock says that was set back since', { acknowledgedAt: START + 99 * DAY }, true],
    ['never where others wrote it', { acknowledgedAt: null }, false],
    ['never where others wrote it, though the clock begins in 1970', { acknowledgedAt: null }, false, 5],
    ['not where something newer waits', { queued: ['1'] }, false],
    ['while a person decides on something newer', { status: 'conflict' }, true],
  ])('[ENG-15] %s', async (_, more, expected, now = START) => {
    const { context } = await testContext()
    expect(mayBeResent(context, record(more), now)).toBe(expected)
  })

  it.each<[string, Partial<LocalRecord>, Observation, boolean]>([
    ['where a page shows one before it', {}, draft, true],
    ['not where a page shows what followed', {}, corrected(confirmed, 'fixed'), false],
    ['not where it may not be', { acknowledgedAt: null }, draft, false],
    ['not where the server had none', { server: null }, draft, false],
  ])('[CUR-6, ENG-15] %s', async (_, more, pulled, expected) => {
    const { context, change, tables } = await testContext()
    const resent = await change(async (changeset) => {
      await changeset.read('observation', draft.observationId)
      const before = record(more) as LocalRecord<'observation'>
      return resendLost(context, changeset, before, pulled, START)
    })
    expect(resent).toBe(expected)
    expect([...tables().outbox.values()].map(({ document }) => document)).toEqual(expected ? [confirmed] : [])
  })

  it('[CUR-6] in front of what was written since, and a patch in the order of its chain', async () => {
    const { change, tables } = await testContext()
    const patch = PlaybookPatch.parse(playbookPatch({}, random))
    const book = Playbook.parse(playbook())
    await change(async (changeset) => {
      await changeset.load([
        { type: 'observation', id: draft.observationId },
        { type: 'playbookPatch', id: patch.patchId },
        { type: 'playbook', id: patch.playbookId },
      ])
      enqueueKnown(changeset, record({}), confirmed, 7)
      enqueueKnown(changeset, blankRecord('playbookPatch', patch.patchId), patch, 8)
      enqueueKnown(changeset, blankRecord('playbookPatch', patch.patchId), patch, 9, { asks: true })
      enqueueKnown(changeset, blankRecord('playbook', book.playbookId), book, 9)
      enqueueKnown(changeset, record({}), null, 9)
    })
    const ofPatch = { type: 'playbookPatch', id: patch.patchId, document: patch, offer: true }
    expect([...tables().outbox.values()]).toEqual([
      {
        type: 'observation',
        id: draft.observationId,
        document: confirmed,
        writtenAt: 7,
        since: '0000000000000000',
        offer: true,
      },
      { ...ofPatch, writtenAt: 8 },
      { ...ofPatch, writtenAt: 9, asks: true },
    ])
  })
})

describe('the version beneath a write that a person gave up', () => {
  const losing = noteOf({ rawNoteText: 'given up' })
  const conflictOf = (code: SyncConflict['code']): LocalConflict =>
    ({
      kind: 'server',
      type: 'observation',
      entityId: draft.observationId,
      losing,
      conflict: { code },
    }) as unknown as LocalConflict
  const local: LocalConflict = { ...conflictOf('FORBIDDEN'), kind: 'local' } as LocalConflict
  const known = { server: null, localOnly: confirmed, acknowledgedAt: START } as const

  it.each<[string, Partial<LocalRecord>, LocalConflict, boolean]>([
    ['goes out again', known, conflictOf('OBSERVATION_STALE_WRITE'), true],
    ['goes out again behind a local conflict', known, local, true],
    ['is refused in any version by the rights of this device', known, conflictOf('FORBIDDEN'), false],
    ['is refused in any version without its observation', known, conflictOf('RECOMMENDATION_ORPHAN'), false],
    ['is the one that was given up', { ...known, localOnly: losing }, local, false],
    ['is none where the server has one', { ...known, server: confirmed }, local, false],
    ['is none where nothing is only here', { server: null, acknowledgedAt: START }, local, false],
    ['stays while a person decides on another write', { ...known, status: 'conflict' }, local, false],
    [
      'stays where it was acknowledged long ago',
      { ...known, acknowledgedAt: START - 30 * DAY },
      local,
      false,
    ],
  ])('[ENG-15] %s', async (_, more, conflict, resent) => {
    const { context, change, tables } = await testContext()
    await change(async (changeset) => {
      changeset.put({ ...(await changeset.read('observation', draft.observationId)), ...more })
      resendReleased(context, changeset, conflict)
    })
    expect([...tables().outbox.values()]).toMatchObject(
      resent ? [{ document: confirmed, offer: true, writtenAt: START }] : [],
    )
    expect(tables().outbox.size).toBe(resent ? 1 : 0)
  })
})
