import type { EngineStatus } from '@fieldsync/sync-engine'
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'
import type { Platform } from '../platform/platform.ts'
import { useSettings } from '../settings/settings-context.ts'
import { messageOf } from '../sync/store-failure.ts'
import { useSyncStatus } from '../sync/use-sync-status.ts'
import { forgottenStores, type KnownStore, otherStores, storeName, withStore } from './known-stores.ts'
import { openStoreClient } from './open-store-client.ts'

/** A store that is not in use, and how much of it no server has. */
export type OtherStore = {
  readonly store: KnownStore
  /** Null where the store cannot be read, and `problem` says why. */
  readonly unsent: number | null
  readonly problem: string | null
}

type Access = {
  /** Those with something unsent, and those that cannot be read. */
  readonly stores: readonly OtherStore[]
  /** Sends what is in one with its own credential: now, and until it is done. */
  readonly send: (name: string) => void
  /** Everything unsent in one, as the text of a file. */
  readonly exported: (store: KnownStore) => Promise<string>
}

const OtherStoresContext = createContext<Access>({
  stores: [],
  send: () => undefined,
  exported: () => Promise.resolve(''),
})

export const useOtherStores = (): Access => use(OtherStoresContext)

/** Looks after the stores of connections that are not in use: what waits in them is seen, and sent where it was asked for. */
export function OtherStores({ children }: { readonly children: ReactNode }) {
  const platform = usePlatform()
  const { settings, change } = useSettings()
  const { lastSyncAt } = useSyncStatus()
  const [found, setFound] = useState<readonly OtherStore[]>([])
  const others = useMemo(() => otherStores(settings), [settings])
  const key = JSON.stringify(others)
  useEffect(() => {
    let isCurrent = true
    const look = async () => {
      const seen: OtherStore[] = []
      for (const store of JSON.parse(key) as KnownStore[]) seen.push(await visit(platform, store))
      if (isCurrent) setFound(seen.filter(({ unsent, problem }) => unsent !== 0 || problem !== null))
    }
    void look()
    return () => {
      isCurrent = false
    }
    // Where this store has just reached its server, another may reach its own.
  }, [platform, key, lastSyncAt])
  useEffect(() => {
    const remember = (names: readonly string[]) =>
      change((latest) => {
        const forgotten = forgottenStores(latest, names)
        if (forgotten.length === 0) return {}
        return { store: storeName(latest), stores: [...latest.stores, ...forgotten] }
      })
    platform.storeNames().then(remember, () => undefined)
    // Once: the app forgets none while it runs.
  }, [platform])
  const send = useCallback(
    (name: string) => change((latest) => withStore(latest, name, { drain: true })),
    [change],
  )
  const access = useMemo(
    (): Access => ({ stores: found, send, exported: (store) => exportedText(platform, store) }),
    [found, send, platform],
  )
  return <OtherStoresContext value={access}>{children}</OtherStoresContext>
}

const unsentOf = ({ pending, conflicts, quarantined }: EngineStatus): number =>
  pending + conflicts + quarantined

/** Counts what is unsent in a store, and sends it if that was asked for. */
async function visit(platform: Platform, store: KnownStore): Promise<OtherStore> {
  try {
    const { client, close } = await openStoreClient(platform, store.name, store)
    try {
      let status = await client.sync.load()
      if (store.drain && status.pending > 0) status = await client.sync.now()
      return { store, unsent: unsentOf(status), problem: store.drain ? status.problem : null }
    } finally {
      await close()
    }
  } catch (error) {
    return { store, unsent: null, problem: messageOf(error) }
  }
}

async function exportedText(platform: Platform, store: KnownStore): Promise<string> {
  const { client, close } = await openStoreClient(platform, store.name, store)
  try {
    return JSON.stringify(await client.sync.exportQueue(), null, 2)
  } finally {
    await close()
  }
}
