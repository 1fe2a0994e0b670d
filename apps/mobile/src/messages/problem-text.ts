import { isFieldsyncError, NetworkError } from '@fieldsync/client'
import { BREACH_CODES, type BreachCode } from '@fieldsync/contracts'
import { breachText, refusalText } from '@fieldsync/messages'
import type { EngineStatus, WriteIssue } from '@fieldsync/sync-engine'

import { pointerLabel } from './field-label.ts'
import type { Say, Texts } from './messages.ts'

/** What the engine's status says of the sync that failed last. */
export type SyncProblem = Pick<EngineStatus, 'state' | 'problem' | 'problemDetail'>

/** Why a sync failed, in the person's language (APP-49); what the server says of it belongs in the details. */
export function problemText(t: Say, { state, problemDetail }: SyncProblem): string {
  switch (problemDetail?.kind) {
    case 'refused':
      return refusalText(t, problemDetail)
    case 'redirected':
      return redirectText(t, problemDetail.address)
    case undefined:
      if (state === 'auth_required') return t('server.AUTH_REQUIRED')
      return t(state === 'error' ? 'sync.unexpected' : 'sync.noAnswer')
  }
}

/**
 * Why a device was not set up with a code, or did not get another key, in the person's language; what a program says of it
 * belongs in the details.
 */
export function keyProblem(
  t: Say,
  error: unknown,
  noAnswer: 'setup.noAnswer' | 'settings.key.noAnswer',
): string {
  if (isFieldsyncError(error)) {
    const hasReason =
      isFieldsyncError(error, 'AUTH_REQUIRED') || isFieldsyncError(error, 'CONTRACT_UNSUPPORTED')
    return refusalText(t, { code: error.sentCode, reason: hasReason ? error.details?.reason : undefined })
  }
  if (!(error instanceof NetworkError)) return t('store.failed')
  switch (error.kind) {
    case 'redirected':
      return redirectText(t, error.address)
    case 'not_ours':
      return t('setup.notOurs')
    case 'busy':
      return t('server.UNAVAILABLE')
    default:
      return t(noAnswer)
  }
}

const redirectText = (t: Say, address: string | null): string =>
  address === null ? t('home.redirectedUnknown') : t('home.redirected', { address })

/** Why a write was not stored, in the person's language, after the name of the field where it is about one. */
export function writeIssueText(texts: Texts, { path, code, bound }: WriteIssue): string {
  const { t } = texts
  if (!isBreach(code)) return t(`refusal.${code}`)
  const text = breachText(texts, bound === undefined ? { code } : { code, bound }, path)
  return path === '' ? text : `${pointerLabel(t, path)}: ${text}`
}

const isBreach = (code: WriteIssue['code']): code is BreachCode => BREACH_CODES.some((each) => each === code)
