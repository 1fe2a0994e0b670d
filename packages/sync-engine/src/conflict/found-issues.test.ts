import { type Observation, Playbook, PlaybookPatch, type ValidationIssue } from '@fieldsync/contracts'
import { patchBreaches } from '@fieldsync/domain'
import { observation, playbook, playbookPatch } from '@fieldsync/testkit'
import { expect, it } from 'vitest'

import { type LocalConflict, TOO_LARGE } from '../core/local-conflict.ts'
import { foundIssues } from './found-issues.ts'

const WIND = '/rules/rule_pm_moderate/constraints/maxWindKph'
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
  const only = [
    TOO_LARGE,
    { path: '/rawNoteText', message: 'names a competitor' },
    { path: '', message: 'no' },
  ]
  const found = foundIssues(refusedNote({}, only))
  expect(found.map(({ breach }) => breach?.code ?? null)).toEqual(['too_large', null, null])
})
