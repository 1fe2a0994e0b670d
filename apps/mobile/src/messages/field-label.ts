import { parsePointer } from '@fieldsync/domain'
import { termsEn } from '@fieldsync/messages'

import type { Say } from './messages.ts'

type Named = Extract<keyof typeof termsEn, `field.${string}`>

const isNamed = (key: string): key is Named => Object.hasOwn(termsEn, key)

/** The last part of a pointer, by which the contract names a value. */
export const lastOf = (pointer: string): string => parsePointer(pointer)?.at(-1) ?? pointer

/** What a place in a record or a playbook is called; its own name where we have no word for it. */
export function pointerLabel(t: Say, pointer: string): string {
  const name = lastOf(pointer)
  const key = `field.${name}`
  return isNamed(key) ? t(key) : name
}
