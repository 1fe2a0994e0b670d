import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from 'react'

import { usePlatform } from '../platform/platform-context.ts'
import type { Platform } from '../platform/platform.ts'
import { useSyncStatus } from './client-context.ts'
import {
  forgottenStores,
  type KnownStore,
  otherStores,
  storeName,
  withoutStore,
  withStore,
} from './known-stores.ts'
import { openStoreClient } from './open-store-client.ts'
import { isListed, type OtherStore, readStore, unreadableStore } from './other-store.ts'
import { useSettings } from './settings-context.ts'
import { messageOf } from './use-write.ts'

type Access = {
  /** Those with something that no server has, and those that cannot be read. */
  readonly stores: readonly OtherStore[]
  /** False until every one was counted: nothing can be said of what is not in `stores`. */
  readonly isCounted: boolean
  /** Sends what is in one with its own credential: now, and until it is done. */
  readonly send: (name: string) => void
  /** Everything in one that no server has, as the text of a file. */
  readonly exported: (store: KnownStore) => Promise<string>
}

/** `key` names the stores that were counted. */
type Found = { readonly key: string | null; readonly stores: readonly OtherStore[] }

const OtherStoresContext = createContext<Access>({
  stores: [],
  isCounted: false,
  send: () => undefined,
  exported: () => Promise.resolve(''),
})

export const useOtherStores = (): Access => use(OtherStoresContext)

/** Looks after the stores of connections that are not in use: what waits in them is seen, and sent where it was asked for. */
export function OtherStores({ children }: { readonly children: ReactNode }) {
  const platform = usePlatform()
  const { settings, change } = useSettings()
  const { lastSyncAt } = useSyncStatus()
  const [found, setFound] = useState<Found>({ key: null, stores: [] })
  const others = useMemo(() => otherStores(settings), [settings])
  const key = JSON.stringify(others)
  useEffect(() => {
    let isCurrent = true
    const look = async () => {
      const seen: OtherStore[] = []
      const show = () => {
        const stores = seen.filter(isListed)
        if (isCurrent) setFound({ key, stores })
      }
      for (const store of JSON.parse(key) as KnownStore[]) seen.push(await visit(platform, store, 'count'))
      // Before anything is sent, which takes as long as the network does: all of it is unsent meanwhile.
      show()
      for (const [index, { store, unsent }] of seen.entries()) {
        if (!store.drain || unsent === 0 || unsent === null) continue
        seen[index] = await visit(platform, store, 'send')
        show()
      }
      for (const { store, isWiped } of seen) {
        if (!isWiped) continue
        await platform.deleteStore(store.name)
        change((latest) => withoutStore(latest, store.name))
      }
    }
    // A store that cannot be deleted now is wiped, and is deleted next time.
    look().catch(() => undefined)
    return () => {
      isCurrent = false
    }
    // Where this store has just reached its server, another may reach its own.
  }, [platform, key, lastSyncAt, change])
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
    (): Access => ({
      stores: found.stores,
      isCounted: found.key === key,
      send,
      exported: (store) => exportedText(platform, store),
    }),
    [found, key, send, platform],
  )
  return <OtherStoresContext value={access}>{children}</OtherStoresContext>
}

/** Counts what is unsent in a store, after it was sent where that is asked for. */
async function visit(platform: Platform, store: KnownStore, what: 'count' | 'send'): Promise<OtherStore> {
  try {
    const { client, close } = await openStoreClient(platform, store.name, store)
    try {
      let status = await client.load()
      // A wipe that has begun goes on, whatever is asked for.
      if (status.wipe !== null || (what === 'send' && status.pending > 0)) status = await client.sync()
      return readStore(store, status)
    } finally {
      await close()
    }
  } catch (error) {
    return unreadableStore(store, messageOf(error))
  }
}

async function exportedText(platform: Platform, store: KnownStore): Promise<string> {
  const { client, close } = await openStoreClient(platform, store.name, store)
  try {
    return JSON.stringify(await client.exportQueue(), null, 2)
  } finally {
    await close()
  }
}
