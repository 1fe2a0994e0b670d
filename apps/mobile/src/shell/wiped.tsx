import type { WipeProgress } from '@fieldsync/sync-engine'
import { type ReactNode, useEffect, useEffectEvent } from 'react'

import { useSyncStatus } from '../data/client-context.ts'
import { storeName, withoutStore } from '../data/known-stores.ts'
import { useSettings } from '../data/settings-context.ts'
import { useTexts } from '../messages/messages-context.ts'
import type { Say } from '../messages/messages.ts'
import { useGo } from '../navigation/navigation-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import { Loading } from '../ui/loading.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page } from './page.tsx'
import { TopBar } from './top-bar.tsx'

/** The app, until an administrator lets this device be wiped: then how far that is, in place of every screen (APP-70). */
export function UnlessWiped({ children }: { readonly children: ReactNode }) {
  const { wipe } = useSyncStatus()
  const { settings, change } = useSettings()
  const isDone = wipe?.step === 'done'
  // From here on the app goes on without the client, also after a restart.
  const note = useEffectEvent(() => {
    if (wipe === null) return
    const { workspaceName, unsentDeleted } = wipe
    change({ wiped: { store: storeName(settings), workspaceName, unsentDeleted } })
  })
  useEffect(() => {
    if (isDone) note()
  }, [isDone])
  return wipe === null ? children : <Wiping step={wipe.step} workspaceName={wipe.workspaceName} />
}

type WipingProps = Pick<WipeProgress, 'step' | 'workspaceName'>

function Wiping({ step, workspaceName }: WipingProps) {
  const { t } = useTexts()
  const isWaiting = step === 'acknowledging'
  const label = isWaiting
    ? t('wipe.acknowledging')
    : t('wipe.deleting', { workspace: named(t, workspaceName) })
  return (
    <>
      <TopBar title={t('wipe.title')} />
      <Page label={t('wipe.title')}>
        <Loading label={label} />
      </Page>
    </>
  )
}

/** Between tries to delete a store that another tab still has open. */
const AGAIN_MS = 500

/** Deletes the store of a wiped device, and then its connection: from then on the app is one that was never set up (APP-71). */
export function RemoveWiped() {
  const platform = usePlatform()
  const go = useGo()
  const { settings, change } = useSettings()
  const name = settings.wiped?.store ?? ''
  const workspaceName = settings.wiped?.workspaceName ?? null
  const leave = useEffectEvent(() => go.to({ screen: 'home' }))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isCurrent = true
    const remove = async () => {
      try {
        await platform.deleteStore(name)
      } catch {
        if (isCurrent) timer = setTimeout(() => void remove(), AGAIN_MS)
        return
      }
      if (!isCurrent) return
      change((latest) => withoutStore(latest, name))
      // The screen that was open is about a record that is gone.
      leave()
    }
    void remove()
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [platform, name, change])
  return <Wiping step="deleting" workspaceName={workspaceName} />
}

/** What has happened to this device, until it is set up again. */
export function WipedNotice() {
  const { t } = useTexts()
  const { wiped } = useSettings().settings
  if (wiped === null) return null
  const { workspaceName, unsentDeleted: count } = wiped
  return (
    <Notice
      tone="clash"
      icon="lock"
      text={t('wipe.done', { workspace: named(t, workspaceName), count })}
      isUrgent
    />
  )
}

const named = (t: Say, workspaceName: string | null): string => workspaceName ?? t('wipe.workspace')
