import { SyncBatchRequest, type SyncBatchResponse } from '@fieldsync/contracts'
import { syncBatch } from '@fieldsync/testkit'
import { beforeAll, describe, expect, it } from 'vitest'

import type { WorkspaceState } from '../state/workspace-state.ts'
import { acknowledged, noGaps } from './answer-guarantees.ts'
import { completeAudit, durable, exactlyOnce, immutable, linearPlaybooks } from './server-guarantees.ts'
import { playedScript, read } from './testing/played-script.ts'

const SEEDS = [1, 2, 3, 4, 5]
const TIME_LIMIT_MS = 60_000

it.each(SEEDS)(
  '[GUA-1, GUA-2, GUA-3, GUA-5, GUA-6, GUA-8] hold for the model after every step of a script (seed %i)',
  async (seed) => {
    const { state, pages, findings } = await playedScript(seed)
    expect(findings).toEqual([])
    expect(noGaps(pages, state)).toEqual([])
  },
  TIME_LIMIT_MS,
)

type Sound = { before: WorkspaceState; after: WorkspaceState; pages: SyncBatchResponse[] }

describe('a guarantee', () => {
  let sound: Sound

  beforeAll(async () => {
    // The first script at whose end there is everything to break.
    for (let seed = 1; ; seed++) {
      const { state, pages } = await playedScript(seed)
      sound = { before: state, after: state, pages }
      if (isRich(sound)) return
    }
  }, TIME_LIMIT_MS)

  type Break = (state: Sound) => string[]

  const BROKEN: Readonly<Record<string, Readonly<Record<string, Break>>>> = {
    'GUA-1': {
      'a record is gone': ({ before, after }) => {
        after.observations.delete(first(after.observations.keys()))
        return durable(before, after)
      },
      'an audit row is gone': ({ before, after }) =>
        durable(before, { ...after, audit: after.audit.slice(0, -1) }),
      'a patch attempt was altered': ({ before, after }) => {
        first(after.patches).receivedAt = '2026-02-12T00:00:00.000Z'
        return durable(before, after)
      },
      'a conflict is gone': ({ before, after }) =>
        durable(before, { ...after, conflicts: after.conflicts.slice(1) }),
    },
    'GUA-2': {
      'a patch was applied twice': ({ after }) => {
        const applied = after.patches.filter(({ outcome }) => outcome === 'applied')
        return exactlyOnce({ ...after, patches: [...after.patches, first(applied)] })
      },
      'a correction was made twice': ({ after }) =>
        exactlyOnce({ ...after, corrections: [...after.corrections, first(after.corrections)] }),
      'a record was made twice': ({ after }) => {
        const made = after.audit.filter(({ chg }) => chg.some(({ kind }) => kind === 'create'))
        return exactlyOnce({ ...after, audit: [...after.audit, first(made)] })
      },
    },
    'GUA-3': {
      'a page is skipped': ({ after, pages }) => noGaps(pages.slice(1), after),
      'the last page is missing': ({ after, pages }) => noGaps(pages.slice(0, -1), after),
      'a page came twice': ({ after, pages }) => noGaps([first(pages), ...pages], after),
      'a page came in another order': ({ after, pages }) => noGaps(pages.toReversed(), after),
      'a record came in an old state': ({ after, pages }) => {
        edit(after, 'observations')
        return noGaps(pages, after)
      },
    },
    'GUA-5': {
      'a confirmed observation changed': ({ before, after }) => {
        edit(after, 'observations', 'draft')
        return immutable(before, after)
      },
      'a status went back': ({ before, after }) => {
        first(notIn(after, 'observations', 'draft')).status = 'draft'
        return immutable(before, after)
      },
      'a decided recommendation changed': ({ before, after }) => {
        edit(after, 'recommendations', 'pending_confirmation')
        return immutable(before, after)
      },
    },
    'GUA-6': {
      'a version is missing': ({ after }) =>
        linearPlaybooks({ ...after, versions: after.versions.toSpliced(1, 1) }),
      'a version was made by nobody': ({ after }) => linearPlaybooks({ ...after, patches: [] }),
      'the active version is an old one': ({ after }) => {
        after.playbooks.set('pbk_yolo_grape', first(after.versions).document)
        return linearPlaybooks(after)
      },
    },
    'GUA-8': {
      'a change has no entry': ({ after }) =>
        completeAudit(withoutEntries(after, 'advance', 'correct', 'update')),
      'a refused patch has no entry': ({ after }) => completeAudit(withoutEntries(after, 'refused')),
      'a row is missing': ({ after }) => completeAudit({ ...after, audit: after.audit.toSpliced(2, 1) }),
      'a record changed past the audit': ({ after }) => {
        edit(after, 'observations')
        return completeAudit(after)
      },
    },
  }

  const cases = Object.entries(BROKEN).flatMap(([id, breaks]) =>
    Object.entries(breaks).map(([how, broken]) => ({ id, how, broken })),
  )

  it.each(cases)('[$id] is found broken when $how', ({ broken }) => {
    const { before, after, pages } = sound
    expect(broken({ before, after: structuredClone(after), pages })).not.toEqual([])
  })

  it('[GUA-1, BAT-3] is found broken when what was counted is not held, or counts do not add up', () => {
    const observations = [first(sound.after.observations.values()).record]
    const batch = read(SyncBatchRequest, JSON.stringify(syncBatch({ observations })))
    const accepted = (count: number) => ({
      acceptedCounts: { observations: count, recommendations: 0, playbookPatches: 0 },
      conflicts: [],
    })
    expect(acknowledged(batch, accepted(1), sound.after)).toEqual([])
    expect(acknowledged(batch, accepted(0), sound.after)).toHaveLength(1)
    const emptied = { ...sound.after, observations: new Map(), corrections: [] }
    expect(acknowledged(batch, accepted(1), emptied)).toHaveLength(1)
  })
})

function isRich({ after, pages }: Sound): boolean {
  const outcomes = new Set(after.patches.map(({ outcome }) => outcome))
  return (
    notIn(after, 'observations', 'draft').length > 0 &&
    notIn(after, 'recommendations', 'pending_confirmation').length > 0 &&
    after.versions.length > 2 &&
    after.corrections.length > 0 &&
    outcomes.size === 2 &&
    after.conflicts.length > 0 &&
    pages.length > 2
  )
}

const notIn = (state: WorkspaceState, kind: 'observations' | 'recommendations', status: string) =>
  [...state[kind].values()].map(({ record }) => record).filter((record) => record.status !== status)

function edit(state: WorkspaceState, kind: 'observations' | 'recommendations', unless?: string): void {
  const record = first(notIn(state, kind, unless ?? ''))
  Object.assign(record, 'action' in record ? { action: 'Tampered.' } : { rawNoteText: 'Tampered.' })
}

const withoutEntries = (state: WorkspaceState, ...kinds: string[]): WorkspaceState => ({
  ...state,
  audit: state.audit.map((row) => ({ ...row, chg: row.chg.filter(({ kind }) => !kinds.includes(kind)) })),
})

function first<T>(items: Iterable<T>): T {
  for (const item of items) return item
  throw new Error('there is none')
}
