import {
  type Breach,
  breachesOf,
  Observation,
  PlaybookPatch,
  Recommendation,
  type ValidationIssue,
} from '@fieldsync/contracts'
import { patchBreaches } from '@fieldsync/domain'

import { type LocalConflict, TOO_LARGE } from '../core/local-conflict.ts'
import { conflictIssues } from './choices.ts'
import { existingPlaybook } from './existing-version.ts'

/** An issue of a conflict, with what this device finds at the same place itself. */
export type FoundIssue = {
  /** As the server has reported it, in English. */
  readonly issue: ValidationIssue
  /** The value it is about, as a JSON Pointer into the record, or for a value that a patch sets, into the playbook. */
  readonly pointer: string
  /** What it is for a program; null where only the server knows what is wrong. */
  readonly breach: Breach | null
}

/**
 * The issues of a conflict for a program that describes them in the language of its user: each is looked for in the losing
 * record by the contract, and in what its patch would make of the playbook by the rules. Pure; the server's issues have
 * no codes.
 */
export function foundIssues(conflict: LocalConflict): readonly FoundIssue[] {
  const issues = conflictIssues(conflict)
  if (issues.length === 0) return []
  const own = ownBreaches(conflict)
  return issues.map((issue) => {
    const at = own.filter(({ path }) => path === issue.path)
    const breach: Placed | null = isSame(issue, TOO_LARGE)
      ? { ...TOO_LARGE, code: 'too_large' }
      : (at.find((each) => isSame(issue, each)) ?? at[0] ?? null)
    return { issue, breach, pointer: breach?.pointer ?? pointerOf(conflict, issue.path) }
  })
}

type Placed = Breach & { readonly pointer?: string }

function ownBreaches(conflict: LocalConflict): readonly Placed[] {
  const { losing } = conflict
  if (!('patchId' in losing)) {
    return breachesOf('rawNoteText' in losing ? Observation : Recommendation, losing)
  }
  const playbook = existingPlaybook(conflict)
  const shape: Placed[] = breachesOf(PlaybookPatch, losing).map((breach) => ({
    ...breach,
    pointer: pointerOf(conflict, breach.path),
  }))
  return playbook ? [...shape, ...patchBreaches(playbook, losing.operations)] : shape
}

const isSame = (a: ValidationIssue, b: ValidationIssue): boolean =>
  a.path === b.path && a.message === b.message

/** An operation of a patch is about the value that it sets. */
function pointerOf({ losing }: LocalConflict, path: string): string {
  const place = /^\/operations\/(\d+)/.exec(path)?.[1]
  const operation = 'patchId' in losing ? losing.operations[Number(place)] : undefined
  return operation?.path ?? path
}
