import type { EngineStatus } from '@fieldsync/sync-engine'

import { OnlineOnlyNotice } from '../components/online-only-notice.tsx'
import { StorageNotice } from '../components/storage-risk.tsx'
import { type Connection, shortFingerprint } from '../data/known-stores.ts'
import { useOtherStores } from '../data/other-stores.tsx'
import { useSettings } from '../data/settings-context.ts'
import { durationText } from '../messages/duration-text.ts'
import { useTexts } from '../messages/messages-context.ts'
import type { Say } from '../messages/messages.ts'
import { problemText } from '../messages/problem-text.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { ForeignStoreCard } from '../other-stores/foreign-store-card.tsx'
import { Notice } from '../ui/notice.tsx'

/** What a person should know of the sync, and can do about it; nothing while all is well. */
export function StateNotices({ status }: { readonly status: EngineStatus }) {
  const { t } = useTexts()
  const go = useGo()
  const { state, problem, problemDetail, conflicts, quarantined, foreign, clockOffset } = status
  const others = useOtherStores().stores
  const elsewhere = others.reduce((sum, { unsent }) => sum + (unsent ?? 0), 0)
  const lostElsewhere = others.reduce((sum, { localOnly }) => sum + localOnly, 0)
  const toDecide = conflicts + quarantined
  return (
    <>
      <OnlineOnlyNotice />
      <StorageNotice />
      <ForeignStoreCard />
      {elsewhere > 0 && (
        <Notice
          tone="waiting"
          icon="clock"
          text={t('stores.elsewhere', { count: elsewhere })}
          action={{ label: t('stores.elsewhere.action'), onPress: () => go.to({ screen: 'settings' }) }}
        />
      )}
      {lostElsewhere > 0 && (
        <Notice
          tone="clash"
          icon="warning"
          text={t('stores.elsewhere.localOnly', { count: lostElsewhere })}
          action={{ label: t('stores.elsewhere.action'), onPress: () => go.to({ screen: 'settings' }) }}
        />
      )}
      {foreign === null && toDecide > 0 && (
        <Notice
          tone="clash"
          icon="conflict"
          text={t('home.decide', { count: toDecide })}
          action={{ label: t('home.decide.action'), onPress: () => go.to({ screen: 'conflicts' }) }}
        />
      )}
      {clockOffset !== 0 && <Notice tone="clash" icon="clock" text={clockText(t, clockOffset)} />}
      {state === 'offline' && <Notice tone="calm" icon="offline" text={t('home.offline')} />}
      {state === 'sync_deferred' && <Notice tone="waiting" icon="clock" text={t('home.deferred')} />}
      {state === 'auth_required' && <RefusedNotice status={status} />}
      {state === 'error' && problemDetail?.kind === 'redirected' && (
        <Notice
          tone="broken"
          text={problemText(t, status)}
          action={{ label: t('home.redirected.action'), onPress: () => go.to({ screen: 'settings' }) }}
        />
      )}
      {state === 'error' && problemDetail?.kind !== 'redirected' && foreign === null && (
        <Notice
          tone="broken"
          text={t('home.error', { problem: problemText(t, status) })}
          details={problem ?? ''}
        />
      )}
    </>
  )
}

/** The server does not accept this device: what becomes of it, and what a person can do. */
function RefusedNotice({ status }: { readonly status: EngineStatus }) {
  const { t } = useTexts()
  const go = useGo()
  const { settings } = useSettings()
  const details = status.problem ?? ''
  const isWaiting = actionOf(status) === 'wait'
  const isAgain = settings.key !== null || actionOf(status) === 're_enrol'
  return (
    <Notice
      tone={isWaiting ? 'waiting' : 'clash'}
      icon={isWaiting ? 'clock' : 'lock'}
      text={`${refusedText(t, status, settings)} ${t('home.safe')}`}
      details={details}
      {...(isWaiting
        ? {}
        : {
            action: {
              label: t(isAgain ? 'home.auth.again' : 'home.auth.action'),
              onPress: () => go.to({ screen: 'settings' }),
            },
          })}
    />
  )
}

const actionOf = ({ problemDetail }: EngineStatus): string | null =>
  problemDetail?.kind === 'refused' ? problemDetail.action : null

const reasonOf = ({ problemDetail }: EngineStatus): string | null =>
  problemDetail?.kind === 'refused' ? problemDetail.reason : null

/** Why the server does not accept this device: by its key, where it has one. */
function refusedText(
  t: Say,
  status: EngineStatus,
  { deviceId, key }: Pick<Connection, 'deviceId' | 'key'>,
): string {
  const action = actionOf(status)
  if (action === 're_enrol')
    return t(reasonOf(status) === 'token_refused' ? 'home.auth.tokenRefused' : 'home.auth.revoked')
  if (key === null) return problemText(t, status)
  if (action === 'wait') return t('home.auth.wait', { device: deviceId, fingerprint: shortFingerprint(key) })
  return action === 'authenticate' ? t('home.auth.key') : problemText(t, status)
}

/** How far the device's clock is off, in the largest unit that says it (APP-15). @param offset milliseconds; ahead is positive */
const clockText = (t: Say, offset: number): string =>
  t(offset > 0 ? 'home.clock.ahead' : 'home.clock.behind', { by: durationText(t, Math.abs(offset)) })
