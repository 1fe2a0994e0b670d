import type { FieldsyncClient } from '@fieldsync/client'
import { playbookGrant } from '@fieldsync/domain'
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react'

import type { AppSettings } from '../data/app-settings.ts'
import { ClientContext } from '../data/client-context.ts'
import { useFailures } from '../data/failures.ts'
import { storeName, type StoreSettings } from '../data/known-stores.ts'
import { openStoreClient, type StoreClient } from '../data/open-store-client.ts'
import { OtherStores } from '../data/other-stores.tsx'
import { RecommendationsHolder } from '../data/recommendations-holder.tsx'
import { SessionKeeper } from '../data/session-keeper.ts'
import { useSettings } from '../data/settings-context.ts'
import { usePlatform } from '../platform/platform-context.ts'
import type { Platform } from '../platform/platform.ts'
import { OpeningStore, UnopenedStore } from './unopened-store.tsx'
import { UnlessWiped } from './wiped.tsx'

type Opened = { readonly key: string } & (
  | { readonly client: FieldsyncClient }
  | { readonly client: null; readonly failure: unknown }
)

// The last one is shown: a listener may fail at every event.
const LISTENER = Symbol('a listener')

/** Opens the client of the settings' connection, and another one when that changes. */
export function ClientHolder({ children }: { readonly children: ReactNode }) {
  const platform = usePlatform()
  const failures = useFailures()
  const { settings, change } = useSettings()
  const { server, deviceId, token, role, grants, fourEyes } = settings
  const store = storeName(settings)
  const [opened, setOpened] = useState<Opened>()
  const [tries, setTries] = useState(0)
  const key = JSON.stringify([store, server, deviceId, token, settings.key?.name, tries])
  // A change of rights alone does not reopen the store: a person may be typing.
  const latest = useRef({ role, grants, fourEyes })
  useEffect(() => {
    latest.current = { role, grants, fourEyes }
  }, [role, grants, fourEyes])
  const open = useEffectEvent(() =>
    openClient(
      platform,
      settings,
      () => latest.current,
      (error) => failures.report(LISTENER, { error }),
      (fingerprint) =>
        change(({ key: known }) => {
          // It was replaced, here or in another tab.
          const isOther = known?.name === settings.key?.name && known?.fingerprint !== fingerprint
          return known && isOther ? { key: { ...known, fingerprint } } : {}
        }),
    ),
  )
  useEffect(() => {
    let isCurrent = true
    const opening = open()
    const close = () => opening.then(({ close: end }) => end()).catch(() => undefined)
    opening.then(
      ({ client }) => isCurrent && setOpened({ key, client }),
      (failure: unknown) => isCurrent && setOpened({ key, client: null, failure }),
    )
    return () => {
      isCurrent = false
      void close()
    }
  }, [key])

  const retry = () => setTries(tries + 1)
  if (opened?.key !== key) return <OpeningStore key={key} onRetry={retry} />
  if (opened.client === null) return <UnopenedStore failure={opened.failure} onRetry={retry} />
  return (
    <ClientContext value={opened.client}>
      <UnlessWiped>
        <SessionKeeper />
        <OtherStores>
          <RecommendationsHolder>{children}</RecommendationsHolder>
        </OtherStores>
      </UnlessWiped>
    </ClientContext>
  )
}

type KnownRights = Pick<AppSettings, 'role' | 'grants' | 'fourEyes'>

/**
 * The client of the connection in the settings, which syncs by itself from now on.
 *
 * @param rights as they are known by then, for what is likely to be refused; empty while it is not known
 * @param onAccepted called with the fingerprint of the key that the server accepts
 * @param onListenerError something that followed a change threw, or an adapter; the engine goes on
 * @throws StoreError where the platform does not let the store be opened
 */
export async function openClient(
  platform: Platform,
  settings: StoreSettings,
  rights: () => KnownRights,
  onListenerError: (error: unknown) => void,
  onAccepted?: (fingerprint: string) => void,
): Promise<StoreClient> {
  const opened = await openStoreClient(platform, storeName(settings), settings, {
    onListenerError,
    ...(onAccepted === undefined ? {} : { onAccepted }),
    role: () => {
      const { role } = rights()
      return role === '' ? undefined : role
    },
    grants: () => rights().grants?.map(playbookGrant),
    fourEyes: () => rights().fourEyes,
  })
  await opened.client.load()
  // Once the device is wiped there is nothing to sync, and no key to do it with.
  if (opened.client.status().wipe?.step !== 'done') opened.client.start()
  return opened
}
