// The parts of Expo SDK 57 that the example uses, as the packages declare them: an app has the packages, this repository
// does not.

declare module 'expo/fetch' {
  export function fetch(input: string, init?: object): Promise<Response>
}

declare module 'expo-crypto' {
  export function getRandomValues<T extends Uint8Array | Uint16Array | Uint32Array>(typedArray: T): T
}

declare module 'expo-network' {
  export type NetworkState = { isConnected?: boolean; isInternetReachable?: boolean }
  export function getNetworkStateAsync(): Promise<NetworkState>
  export function addNetworkStateListener(listener: (state: NetworkState) => void): { remove(): void }
}

declare module 'expo-secure-store' {
  export function getItemAsync(key: string): Promise<string | null>
}

declare module 'expo-sqlite' {
  import type { ExpoSqlite } from '@fieldsync/sync-engine/stores/expo-sqlite'

  export const openDatabaseAsync: ExpoSqlite['openDatabaseAsync']
}

declare module 'react-native' {
  export const AppState: {
    addEventListener(type: 'change', listener: (state: string) => void): { remove(): void }
  }
  export const Platform: { OS: 'ios' | 'android' | 'web' }
}
