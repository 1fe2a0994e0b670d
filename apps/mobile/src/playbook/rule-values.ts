import { numberRange, type NumberRange, type Playbook, PlaybookRule } from '@fieldsync/contracts'
import { formatPointer, parsePointer, valueAt } from '@fieldsync/domain'

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
  const at = (path: readonly string[], value: PlainValue): RuleValue => {
    const segments = ['rules', rule.ruleId, ...path]
    return { pointer: formatPointer(segments), value, isEditable: isEditable(rule, segments) }
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

/** A place that may be changed equals an editable path of its rule or lies below one, by segment (PCH-7). */
function isEditable(rule: PlaybookRule, segments: readonly string[]): boolean {
  return rule.editablePaths.some((path) => {
    const editable = parsePointer(path)
    return editable !== undefined && editable.every((segment, at) => segments[at] === segment)
  })
}

/** What a number at a pointer into a rule may be; undefined where it is none, or its rule knows no bounds. */
export function rangeOf(pointer: string): NumberRange | undefined {
  const [, , ...place] = parsePointer(pointer) ?? []
  return numberRange(PlaybookRule, place)
}

/** The value at a pointer that may be changed; null where there is none, or it may not. */
export function editableValue(playbook: Playbook, pointer: string): PlainValue | null {
  const segments = parsePointer(pointer) ?? []
  const [top, ruleId] = segments
  const rule =
    top === 'rules' ? Object.values(playbook.rules).find((each) => each.ruleId === ruleId) : undefined
  const found = valueAt(playbook, segments)?.value
  if (rule === undefined || !isEditable(rule, segments)) return null
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? found : null
}
