import {
  type Breach,
  breachesOf,
  type PatchOperation,
  Playbook,
  type PlaybookPatch,
  RequiredText,
} from '@fieldsync/contracts'
import { applyPatch, canonicalText, editablePaths, parsePointer } from '@fieldsync/domain'
import { numberOf, typedValue, unitOf } from '@fieldsync/messages'

import { type Change, changesBetween, type Leaf, leavesOf } from './leaves.ts'

/** The plain values that the playbook's own rules let be edited (PCH-7). */
export function editableLeaves({ rules }: Pick<Playbook, 'rules'>): Leaf[] {
  const isEditable = editablePaths({ rules })
  return leavesOf({ rules }).filter(({ path }) => isEditable(parsePointer(path) ?? []))
}

export type Draft = {
  readonly operations: PatchOperation[]
  readonly changes: Change[]
  /** The next version, as it would be; null for one that is not valid, or where nothing is changed. */
  readonly after: Playbook | null
  /** What is wrong with a value, by its path. */
  readonly wrong: ReadonlyMap<string, Pick<Breach, 'code' | 'bound'>>
}

/**
 * What typed values make of a playbook, judged by the contract before anything is sent.
 *
 * @param typed by path; a number with its unit where that is not the contract's (see `withTypedUnit`)
 */
export function draftPatch(playbook: Playbook, typed: ReadonlyMap<string, string | boolean>): Draft {
  const operations: PatchOperation[] = []
  for (const { path, segments, value } of editableLeaves(playbook)) {
    const text = typed.get(path)
    if (text === undefined) continue
    const next = typeof value === 'number' ? numberAt(segments.at(-1) ?? '', text) : text
    if (next !== value) operations.push({ op: 'replace', path: path, value: next })
  }
  const patched = applyPatch(playbook, operations)
  if (!patched.ok) {
    const wrong = new Map([[operations[patched.index]?.path ?? '', { code: 'not_applicable' } as const]])
    return { operations, changes: [], after: null, wrong }
  }
  const wrong = new Map(breachesOf(Playbook, patched.document).map((breach) => [breach.path, breach]))
  const after = patched.document as Playbook
  return {
    operations,
    changes: changesBetween({ rules: playbook.rules }, { rules: after.rules }),
    after: operations.length > 0 && wrong.size === 0 ? { ...after, version: playbook.version + 1 } : null,
    wrong,
  }
}

/** Empty or no number is no value, which the contract refuses at its place. */
function numberAt(name: string, text: string | boolean): number | null {
  if (typeof text !== 'string') return null
  const unit = unitOf(name)
  const number = unit === undefined ? numberOf(text) : typedValue(unit, text)
  return Number.isFinite(number) ? number : null
}

/** Whether a reason will be taken. */
export const isReason = (text: string): boolean => RequiredText.safeParse(text).success

/**
 * The patch to send for a draft. A draft that was sent before goes out as the same patch, with its ID and time, whether an
 * answer came or not: the server then applies it once (PCH-1). Any other draft is a patch of its own (PCH-2).
 *
 * @param sent the patches that were sent from this form
 */
export function patchToSend(sent: readonly PlaybookPatch[], draft: PlaybookPatch): PlaybookPatch {
  const contentOf = (patch: PlaybookPatch): string =>
    canonicalText({ ...patch, patchId: '', requestedAt: '' })
  return sent.find((patch) => contentOf(patch) === contentOf(draft)) ?? draft
}
