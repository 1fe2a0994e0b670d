export {
  createFieldsyncClient,
  type DeviceInfo,
  type FieldsyncClient,
  type OnlineClient,
  type OnlineClientOptions,
  type OwnConnection,
  type SyncingClientOptions,
} from './create-fieldsync-client.ts'
export { type ConnectionOptions, connectServer, type ServerConnection } from './server-connection.ts'
export type { FieldsyncApi } from './api/typed-api.ts'
export {
  type AnswerToProof,
  type CredentialProvider,
  type CredentialWipe,
  deviceToken,
  type RequestToProve,
} from './credentials/credential-provider.ts'
export type { DeviceSigner, KeyOwner, StoredSigner } from './credentials/device-signer.ts'
export {
  type ErrorDetails,
  FieldsyncError,
  isFieldsyncError,
  type KnownOrNot,
  UNKNOWN_CODE,
} from './errors/fieldsync-error.ts'
export { NetworkError, type NetworkErrorKind } from './errors/network-error.ts'
export type { Fetch } from './http/fetch.ts'
export type { LiveWeatherCall } from './live/live-weather.ts'
export type { TimeLimits } from './http/time-limits.ts'
export { cryptoRandom } from './platform/crypto-random.ts'
export { alwaysOnline } from './platform/platform-connectivity.ts'
export { sha256 } from './platform/sha256.ts'
export { systemClock } from './platform/system-clock.ts'
export { ulidIds } from './platform/ulid-ids.ts'
