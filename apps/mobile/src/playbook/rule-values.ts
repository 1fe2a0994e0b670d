import { numberRange, type NumberRange, type Playbook, PlaybookRule } from '@fieldsync/contracts'
import { editablePaths, formatPointer, parsePointer, valueAt } from '@fieldsync/domain'

export type PlainValue = string | number | boolean

/** One value of a rule, where it lies in the playbook, and whether the playbook lets it be changed. */
export type RuleValue = { readonly pointer: string; readonly value: PlainValue; readonly isEditable: boolean }

type RuleValues = {
  readonly instructions: RuleValue
  readonly limits: readonly RuleValue[]
  readonly window: readonly RuleValue[]
}

/** A rule's single values, as a person reads them. */
export function ruleValues(rule: PlaybookRule): RuleValues {
  const isEditable = editablePaths({ rules: { [rule.ruleId]: rule } })
  const at = (path: readonly string[], value: PlainValue): RuleValue => {
    const segments = ['rules', rule.ruleId, ...path]
    return { pointer: formatPointer(segments), value, isEditable: isEditable(segments) }
  }
  const { startOffsetHours, endOffsetHours } = rule.timing.baseWindowHours
  return {
    instructions: at(['action', 'instructions'], rule.action.instructions),
    limits: Object.entries(rule.constraints).flatMap(([name, value]) =>
      value === undefined ? [] : [at(['constraints', name], value)],
    ),
    window: [
      at(['timing', 'baseWindowHours', 'startOffsetHours'], startOffsetHours),
      at(['timing', 'baseWindowHours', 'endOffsetHours'], endOffsetHours),
    ],
  }
}

/** What a number at a pointer into a rule may be; undefined where it is none, or its rule knows no bounds. */
export function rangeOf(pointer: string): NumberRange | undefined {
  const [, , ...place] = parsePointer(pointer) ?? []
  return numberRange(PlaybookRule, place)
}

/** The value at a pointer that may be changed; null where there is none, or it may not. */
export function editableValue(playbook: Playbook, pointer: string): PlainValue | null {
  const segments = parsePointer(pointer) ?? []
  if (!editablePaths(playbook)(segments)) return null
  const found = valueAt(playbook, segments)?.value
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? found : null
}
