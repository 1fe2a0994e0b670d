import type { EngineStatus } from '@fieldsync/sync-engine'

import { OnlineOnlyNotice } from '../components/online-only-notice.tsx'
import { StorageNotice } from '../components/storage-risk.tsx'
import { useOtherStores } from '../data/other-stores.tsx'
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
      {state === 'auth_required' && (
        <Notice
          tone="clash"
          icon="lock"
          text={`${problemText(t, status)} ${t('home.safe')}`}
          details={problem ?? ''}
          action={{ label: t('home.auth.action'), onPress: () => go.to({ screen: 'settings' }) }}
        />
      )}
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

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How far the device's clock is off, in the largest unit that says it (APP-15). @param offset milliseconds; ahead is positive */
function clockText(t: Say, offset: number): string {
  const off = Math.abs(offset)
  const by =
    off >= 2 * DAY
      ? t('home.clock.days', { count: Math.round(off / DAY) })
      : off >= 2 * HOUR
        ? t('home.clock.hours', { count: Math.round(off / HOUR) })
        : t('home.clock.minutes', { count: Math.round(off / MINUTE) })
  return t(offset > 0 ? 'home.clock.ahead' : 'home.clock.behind', { by })
}
