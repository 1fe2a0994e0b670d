import { StoreError } from '@fieldsync/sync-engine'

import type { Say } from '../messages/messages.ts'

/** Why something could not be read or written on this device, in the person's words. */
export function storeFailure(t: Say, error: unknown): string {
  if (error instanceof StoreError && error.code === 'full') return t('store.full')
  return t('store.failed', { message: messageOf(error) })
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Kinds of causes for which a store does not open; each has words of its own. */
export const OPENING_FAILURES = ['newer', 'full', 'blocked', 'damaged', 'unavailable'] as const
export type OpeningFailure = (typeof OPENING_FAILURES)[number]

export function openingFailure(error: unknown): OpeningFailure {
  if (!(error instanceof StoreError)) return 'unavailable'
  switch (error.code) {
    case 'newer_schema':
      return 'newer'
    case 'full':
      return 'full'
    case 'blocked':
    case 'busy':
      return 'blocked'
    case 'damaged':
      return 'damaged'
    default:
      return 'unavailable'
  }
}
