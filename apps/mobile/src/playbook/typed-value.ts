import { numberOf } from '../note/note-values.ts'
import type { PlainValue } from './rule-values.ts'

/** How a value stands in a field to be typed. */
export const typedOf = (value: PlainValue): string => String(value)

/** What was typed, as the kind of value that was there; null where it is none. */
export function valueOfTyped(text: string, kind: PlainValue): PlainValue | null {
  if (typeof kind === 'string') return text.trim()
  if (typeof kind === 'boolean') return text === 'true'
  const number = numberOf(text)
  return Number.isFinite(number) ? number : null
}
