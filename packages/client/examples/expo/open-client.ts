import { createFieldsyncClient, cryptoRandom, deviceToken, type FieldsyncClient } from '@fieldsync/client'
import { openExpoSqliteStore } from '@fieldsync/sync-engine/stores/expo-sqlite'
import * as Crypto from 'expo-crypto'
import * as Network from 'expo-network'
import * as SecureStore from 'expo-secure-store'
import * as sqlite from 'expo-sqlite'
import { fetch } from 'expo/fetch'
import { AppState, Platform } from 'react-native'

/** One client for the whole app, created once, after the device was given its token. */
export async function openClient(deviceId: string): Promise<FieldsyncClient> {
  const token = await SecureStore.getItemAsync('fieldsync-token')
  const client = createFieldsyncClient({
    url: 'https://sync.example.com',
    credentials: deviceToken(token ?? ''),
    store: await openExpoSqliteStore({ sqlite, databaseName: 'fieldsync.db' }),
    device: {
      deviceId,
      platform: Platform.OS === 'android' ? 'android' : 'ios',
      appVersion: '1.0.0',
      modelPackageVersion: '1.0.0',
    },
    // React Native's own fetch does not stream answers: live pokes would not arrive.
    fetch,
    random: cryptoRandom(Crypto),
    connectivity: await phoneConnectivity(),
  })
  client.start()
  AppState.addEventListener('change', (state) => {
    if (state === 'active') client.foreground()
  })
  return client
}

async function phoneConnectivity() {
  let online = isOnline(await Network.getNetworkStateAsync())
  return {
    isOnline: () => online,
    onChange: (listener: (online: boolean) => void) => {
      const subscription = Network.addNetworkStateListener((state) => {
        online = isOnline(state)
        listener(online)
      })
      return () => subscription.remove()
    },
  }
}

// When in doubt, yes: a wrong yes costs a call, a wrong no would keep the device from syncing.
const isOnline = ({ isConnected }: Network.NetworkState): boolean => isConnected !== false
