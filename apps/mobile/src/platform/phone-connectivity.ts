import type { Connectivity } from '@fieldsync/sync-engine'
import * as Network from 'expo-network'

/** What the system says of the network. In doubt yes: a wrong yes costs a call, a wrong no would keep from syncing. */
export function phoneConnectivity(): Connectivity {
  let online = true
  const listeners = new Set<(online: boolean) => void>()
  const take = ({ isConnected }: Network.NetworkState) => {
    const next = isConnected !== false
    if (next === online) return
    online = next
    for (const listener of listeners) listener(next)
  }
  Network.addNetworkStateListener(take)
  void Network.getNetworkStateAsync().then(take, () => undefined)
  return {
    isOnline: () => online,
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
