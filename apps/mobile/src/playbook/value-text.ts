import { type Unit, unitOf } from '@fieldsync/messages'

import { lastOf } from '../messages/field-label.ts'
import type { Texts } from '../messages/messages.ts'

/** The unit of a place in a playbook; undefined where it has none. */
export const unitAt = (pointer: string): Unit | undefined => unitOf(lastOf(pointer))

/** A value as it is read, with its unit. */
export function valueText({ t, formats }: Texts, pointer: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? t('playbook.yes') : t('playbook.no')
  if (typeof value === 'number') {
    const unit = unitAt(pointer)
    return unit === undefined ? formats.number(value) : formats.quantity(unit, value)
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}
