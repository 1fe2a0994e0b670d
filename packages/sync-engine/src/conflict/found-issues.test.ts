import {
  type Observation,
  Playbook,
  PlaybookPatch,
  Recommendation,
  type ValidationIssue,
} from '@fieldsync/contracts'
import { patchBreaches } from '@fieldsync/domain'
import { observation, playbook, playbookPatch, recommendation } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

import { type LocalConflict, TOO_LARGE } from '../core/local-conflict.ts'
import { quarantined, refusedBy } from '../testing/conflicts.ts'
import { foundIssues } from './found-issues.ts'

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
const HEAT = '/rules/rule_heat_moderate/constraints/maxWindKph'
const at = { id: 'c1', foundAt: 0, place: '1' } as const

const refusedNote = (changes: object, issues: ValidationIssue[]): LocalConflict => ({
  ...at,
  type: 'observation',
  entityId: 'obs_20260211_0001',
  // What a device of an earlier contract has stored, which this one no longer allows.
  losing: { ...observation(), ...changes } as Observation,
  kind: 'quarantine',
  issues,
})

it('[CNF-7] finds again what the server has found in a note, as a code', () => {
  const issues = [{ path: '/rawNoteText', message: 'a sentence of any server' }]
  expect(foundIssues(refusedNote({ rawNoteText: '' }, issues))).toEqual([
    { issue: issues[0], pointer: '/rawNoteText', breach: expect.objectContaining({ code: 'text_empty' }) },
  ])
})

it('[CNF-7] finds the value of a playbook that a patch would break, and its bound', () => {
  const document = Playbook.parse(playbook())
  const operations = [{ op: 'replace' as const, path: WIND, value: 101 }]
  const losing = PlaybookPatch.parse(playbookPatch({ operations }))
  const [issue] = patchBreaches(document, losing.operations).map(({ path, message }) => ({ path, message }))
  if (issue === undefined) throw new Error('the patch breaks nothing')
  const conflict: LocalConflict = {
    ...at,
    type: 'playbookPatch',
    entityId: losing.patchId,
    losing,
    kind: 'server',
    conflict: {
      entityType: 'playbookPatch',
      entityId: losing.patchId,
      code: 'PLAYBOOK_PATCH_INVALID',
      message: 'in English',
      conflictId: 'cnf_1' as never,
      resolution: 'fix',
      playbook: { activeVersion: document.version, document, intervening: [], overlapping: false },
      issues: [issue],
    },
  }
  expect(foundIssues(conflict)).toMatchObject([
    { issue, pointer: WIND, breach: { code: 'number_large', bound: 100, path: '/operations/0' } },
  ])
})

it('[CNF-7] knows the engine’s own issue, and admits what only the server knows', () => {
  expect(TOO_LARGE).toEqual({ path: '', message: 'is larger than the server takes' })
  const only = [
    TOO_LARGE,
    { path: '/rawNoteText', message: 'names a competitor' },
    { path: '', message: 'no' },
  ]
  const found = foundIssues(refusedNote({}, only))
  expect(found.map(({ breach }) => breach?.code ?? null)).toEqual(['too_large', null, null])
})

describe('an issue and the breach that is found at the same place', () => {
  const breaking = {
    rawNoteText: '',
    transcription: { ...observation().transcription, confidence: 7, text: 7 },
  }

  it.each([
    ['the one that says the same', '/transcription/confidence', 'must be at most 1', 'number_large'],
    ['else the first at the place', '/transcription/confidence', 'another server’s words', 'number_large'],
    ['none at another place', '/location/lat', 'must be at most 90', null],
  ])('[CNF-7] is %s', (_, path, message, code) => {
    const [found] = foundIssues(refusedNote(breaking, [{ path, message }]))
    expect(found).toMatchObject({ issue: { path, message }, pointer: path })
    expect(found?.breach?.code ?? null).toBe(code)
  })

  it('[CNF-7] is the one with the same message of several', () => {
    const keys = { color: 1, shade: 2 }
    const broken = refusedNote({ ...keys, location: { lat: 91, lon: 181, source: 'x' } }, [])
    const own = ['/color', '/shade', '/location/lat', '/location/lon', '/location/source']
    const issues = own.map((path) => ({ path, message: 'no' }))
    const found = foundIssues({ ...broken, issues } as LocalConflict)
    expect(found.map(({ breach }) => breach?.path)).toEqual(own)
  })

  it('[CNF-7] of a recommendation is looked for by its own contract', () => {
    const losing = { ...Recommendation.parse(recommendation()), action: '' }
    const conflict = quarantined(losing, { issues: [{ path: '/action', message: 'no' }] })
    expect(foundIssues(conflict)).toMatchObject([{ pointer: '/action', breach: { code: 'text_empty' } }])
  })

  it('[CNF-7] is none where the engine’s own words are at another place', () => {
    const [found] = foundIssues(refusedNote({}, [{ ...TOO_LARGE, path: '/rawNoteText' }]))
    expect(found?.breach).toBeNull()
  })

  it('[CNF-7] is not looked for where there is no issue', () => {
    expect(foundIssues(refusedNote({ rawNoteText: '' }, []))).toEqual([])
  })
})

it('[CNF-7] of several breaches at one place is the one that says the same', () => {
  const document = Playbook.parse(playbook())
  const path = '/rules/rule_pm_moderate/timing/baseWindowHours'
  const value = { startOffsetHours: 'early', endOffsetHours: 1e9 }
  const operations = [{ op: 'replace' as const, path, value }]
  const losing = PlaybookPatch.parse(playbookPatch({ operations }))
  const breaches = patchBreaches(document, losing.operations)
  expect(breaches.map((breach) => breach.path)).toEqual(['/operations/0', '/operations/0'])
  const issues = breaches.map((breach) => ({ path: breach.path, message: breach.message }))
  const found = foundIssues(
    refusedBy('PLAYBOOK_PATCH_INVALID', losing, { issues, playbook: shown(document) }),
  )
  expect(found.map(({ pointer }) => pointer)).toEqual([`${path}/startOffsetHours`, `${path}/endOffsetHours`])
  expect(found.map(({ breach }) => breach)).toEqual(breaches)
})

const shown = (document: Playbook) => ({
  activeVersion: document.version,
  document,
  intervening: [],
  overlapping: false,
})

describe('the value that an issue of a patch is about', () => {
  const operations = Array.from({ length: 11 }, (_, i) => ({
    op: 'replace' as const,
    path: i === 10 ? HEAT : WIND,
    value: 9,
  }))
  const losing = PlaybookPatch.parse(playbookPatch({ operations }))

  it.each([
    ['/operations/0', WIND],
    ['/operations/0/value', WIND],
    ['/operations/10', HEAT],
    ['/operations/11', '/operations/11'],
    ['/reason', '/reason'],
    ['/rules/operations/0', '/rules/operations/0'],
    ['', ''],
  ])('[CNF-7] %j is %j', (path, pointer) => {
    const issues = [{ path, message: 'no' }]
    expect(foundIssues(quarantined(losing, { issues }))).toEqual([
      { issue: issues[0], pointer, breach: null },
    ])
  })

  it('[CNF-7] is that of its operation where its own shape is broken', () => {
    const broken = {
      ...losing,
      operations: [{ ...operations[0], justification: 7 }],
    } as unknown as PlaybookPatch
    const issues = [{ path: '/operations/0/justification', message: 'no' }]
    expect(foundIssues(quarantined(broken, { issues }))).toMatchObject([
      { pointer: WIND, breach: { code: 'wrong_type' } },
    ])
  })
})
