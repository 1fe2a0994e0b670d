import { StoreError, type WriteIssue } from '@fieldsync/sync-engine'
import { useRef, useState } from 'react'

import { useTexts } from '../messages/messages-context.ts'
import type { Say } from '../messages/messages.ts'
import { writeIssueText } from '../messages/problem-text.ts'

/** What a write came to, as the client reports it. */
type Outcome = { readonly ok: true } | { readonly ok: false; readonly issues: readonly WriteIssue[] }

/** Why something was not done: in the person's language, and as a program says it, for whoever helps. */
export type Failed = { readonly text: string; readonly details: string }

export type Write = {
  /** Why the last write was not done; undefined where it was. */
  readonly failure: Failed | undefined
  /** Carries a write out, one at a time. @returns whether it was done */
  readonly write: (work: () => Promise<Outcome>) => Promise<boolean>
}

/** Writes to this device's store. Whatever prevents a write is returned to its caller. */
export function useWrite(): Write {
  const texts = useTexts()
  const { t } = texts
  const [failure, setFailure] = useState<Failed>()
  const isWriting = useRef(false)
  const write = async (work: () => Promise<Outcome>) => {
    if (isWriting.current) return false
    isWriting.current = true
    try {
      const outcome = await work()
      setFailure(
        outcome.ok
          ? undefined
          : {
              text: outcome.issues.map((issue) => writeIssueText(texts, issue)).join('; '),
              details: outcome.issues.map(({ path, message }) => `${path} ${message}`.trim()).join('; '),
            },
      )
      return outcome.ok
    } catch (error) {
      setFailure(storeFailure(t, error))
      return false
    } finally {
      isWriting.current = false
    }
  }
  return { failure, write }
}

/** Why something could not be read or written on this device. */
export function storeFailure(t: Say, error: unknown): Failed {
  const isFull = error instanceof StoreError && error.code === 'full'
  return { text: t(isFull ? 'store.full' : 'store.failed'), details: messageOf(error) }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Kinds of causes for which a store does not open; each has words of its own. */
const OPENING_FAILURES = ['newer', 'full', 'blocked', 'damaged', 'locked', 'unavailable'] as const
type OpeningFailure = (typeof OPENING_FAILURES)[number]

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
    case 'locked':
      return error.code
    default:
      return 'unavailable'
  }
}
