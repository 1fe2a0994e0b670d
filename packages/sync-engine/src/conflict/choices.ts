import type { ValidationIssue } from '@fieldsync/contracts'
import { CONFLICT_TABLE } from '@fieldsync/domain'

import type { LocalConflict } from '../core/local-conflict.ts'
import { existingPlaybook } from './existing-version.ts'

/** What a person can decide about a conflict; `Resolutions.by` carries each out. */
export const CONFLICT_CHOICES = [
  'accept_server',
  'correct',
  'rename',
  'rebase',
  'resubmit',
  'fix',
  'discard',
] as const
export type ConflictChoice = (typeof CONFLICT_CHOICES)[number]

/**
 * What a conflict allows, the likeliest choice first: what the server proposes, what else its table has, and always to
 * drop one's own version, which is `accept_server` where there is a version to accept and else `discard`.
 */
export function conflictChoices(conflict: LocalConflict): readonly ConflictChoice[] {
  const allowed = allowedBy(conflict)
  if (allowed.includes('accept_server')) return allowed
  const isShown = conflictWinner(conflict) !== null || existingPlaybook(conflict) !== undefined
  return [...allowed, isShown ? 'accept_server' : 'discard']
}

function allowedBy(conflict: LocalConflict): ConflictChoice[] {
  switch (conflict.kind) {
    case 'quarantine':
      // A recommendation is computed, so there is nothing in it for a person to repair.
      return conflict.type === 'recommendation' ? ['resubmit'] : ['fix', 'resubmit']
    case 'local':
      return [conflict.resolution]
    case 'server': {
      const { code, resolution } = conflict.conflict
      const choices = new Set([resolution, ...CONFLICT_TABLE[code].resolutions])
      if (conflict.type === 'recommendation') choices.delete('fix')
      return [...choices]
    }
  }
}

/** The version that won, where there is one to show. Of a patch: the patch that has its id. */
export function conflictWinner(conflict: LocalConflict): LocalConflict['losing'] | null {
  switch (conflict.kind) {
    case 'quarantine':
      return null
    case 'local':
      return conflict.server
    case 'server':
      return conflict.conflict.server?.record ?? null
  }
}

/** What is wrong with the losing value, as far as the server has said. */
export function conflictIssues(conflict: LocalConflict): readonly ValidationIssue[] {
  if (conflict.kind === 'quarantine') return conflict.issues
  return conflict.kind === 'server' ? (conflict.conflict.issues ?? []) : []
}
