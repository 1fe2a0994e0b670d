import type { Playbook } from '@fieldsync/contracts'
import { applyPatch } from '@fieldsync/domain'
import type { Unit } from '@fieldsync/messages'
import { z } from 'zod'

import type { PlainValue } from './rule-values.ts'
import { typedOf, valueOfTyped } from './typed-value.ts'

/** What is typed for a value of a playbook. */
export const ValueEdit = z.object({
  typed: z.string(),
  reason: z.string(),
  /** The value that the edit started from, and the version of the playbook that had it. */
  from: z.union([z.string(), z.number(), z.boolean()]),
  version: z.number(),
})
export type ValueEdit = z.infer<typeof ValueEdit>

export const beginValue = ({ version }: Playbook, value: PlainValue): ValueEdit => ({
  typed: typedOf(value),
  reason: '',
  from: value,
  version,
})

/** True where the playbook has by now what was typed: it was applied, and the app went away before it was forgotten. */
export const isApplied = ({ typed, from }: ValueEdit, value: PlainValue, unit: Unit | undefined): boolean =>
  from !== value && valueOfTyped(typed, value, unit) === value

/** A value that nobody edits here follows the newest version; one that is edited stays on the version it started from. */
export function followValue(edit: ValueEdit, { version }: Playbook, value: PlainValue): ValueEdit {
  if (edit.from === value) return { ...edit, version }
  return edit.typed === typedOf(edit.from) ? { ...edit, typed: typedOf(value), from: value, version } : edit
}

/** The playbook as the edit started from it, as far as the edited value is concerned. */
export function baseOf({ from, version }: ValueEdit, newest: Playbook, pointer: string): Playbook {
  const set = applyPatch(newest, [{ op: 'replace', path: pointer, value: from }])
  // A value that may be edited is there.
  return { ...(set.ok ? (set.document as Playbook) : newest), version }
}
