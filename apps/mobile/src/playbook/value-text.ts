import { parsePointer } from '@fieldsync/domain'
import { hasUnit, termsEn, VALUE_UNITS } from '@fieldsync/messages'

import type { Say, Texts } from '../messages/messages.ts'

type Named = Extract<keyof typeof termsEn, `field.${string}`>

const isNamed = (key: string): key is Named => Object.hasOwn(termsEn, key)

const lastOf = (pointer: string): string => parsePointer(pointer)?.at(-1) ?? pointer

/** What a place in a playbook is called; its own name where we have no word for it. */
export function pointerLabel(t: Say, pointer: string): string {
  const name = lastOf(pointer)
  const key = `field.${name}`
  return isNamed(key) ? t(key) : name
}

/** The unit of a place, in its short form; empty where it has none. */
export function unitOf(t: Say, pointer: string): string {
  const name = lastOf(pointer)
  return hasUnit(name) ? t(`unit.${VALUE_UNITS[name]}`) : ''
}

/** A value as it is read, with its unit. */
export function valueText({ t, formats }: Texts, pointer: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? t('playbook.yes') : t('playbook.no')
  if (typeof value === 'number') return `${formats.number(value)} ${unitOf(t, pointer)}`.trim()
  return typeof value === 'string' ? value : JSON.stringify(value)
}
