export {
  createFieldsyncClient,
  type FieldsyncClient,
  type ForeignStoreControl,
  type OnlineClient,
  type OnlineClientOptions,
  type OwnConnection,
  type SyncingClientOptions,
} from './create-fieldsync-client.ts'
export type { DeviceInfo } from './create-fieldsync-client.ts'
export { type ConnectionOptions, connectServer, type ServerConnection } from './server-connection.ts'
export type { FieldsyncApi } from './api/typed-api.ts'
export type { CredentialProvider, RequestToProve } from './credentials/credential-provider.ts'
export { deviceToken } from './credentials/credential-provider.ts'
export type { ErrorDetails } from './errors/fieldsync-error.ts'
export { FieldsyncError, isFieldsyncError, type KnownOrNot, UNKNOWN_CODE } from './errors/fieldsync-error.ts'
export { NetworkError, type NetworkErrorKind } from './errors/network-error.ts'
export type { Fetch, FetchInit } from './http/fetch.ts'
export { TIME_LIMITS, type TimeLimits } from './http/time-limits.ts'
export { cryptoRandom, type RandomSource } from './platform/crypto-random.ts'
export { alwaysOnline, platformConnectivity } from './platform/platform-connectivity.ts'
export { sha256 } from './platform/sha256.ts'
export { systemClock } from './platform/system-clock.ts'
export { ulidIds } from './platform/ulid-ids.ts'
