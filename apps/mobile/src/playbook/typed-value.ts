import {
  numberOf,
  storedAsTyped,
  type Unit,
  typedText,
  typedValue,
  type UnitSystem,
  withTypedUnit,
} from '@fieldsync/messages'

import type { PlainValue } from './rule-values.ts'

/** How a value stands in a form: as typed, a number in a unit that is not the contract's with that unit (`12 mph`). */
export const typedOf = (value: PlainValue): string => String(value)

/** What the field of a value shows of that, in the person's units; of an untouched value no more than was typed for it. */
export function fieldText(
  typed: string,
  value: PlainValue,
  unit: Unit | undefined,
  units: UnitSystem,
): string {
  if (typeof value !== 'number' || unit === undefined) return typed
  return typedText(unit, typed === typedOf(value) ? storedAsTyped(unit, value) : typed, units)
}

/** What is typed in that field, for the form. */
export const typedFrom = (
  text: string,
  value: PlainValue,
  unit: Unit | undefined,
  units: UnitSystem,
): string => (typeof value === 'number' && unit !== undefined ? withTypedUnit(unit, text, units) : text)

/** What was typed, as the kind of value that was there, in the contract's unit; null where it is none. */
export function valueOfTyped(typed: string, kind: PlainValue, unit: Unit | undefined): PlainValue | null {
  if (typeof kind === 'string') return typed.trim()
  if (typeof kind === 'boolean') return typed === 'true'
  const number = unit === undefined ? numberOf(typed) : typedValue(unit, typed)
  return Number.isFinite(number) ? number : null
}
