export {
  type InstalledPostgres,
  installedPostgres,
  installedStandby,
  pgBouncer,
} from './pg/installed-postgres.ts'
export { type SilentLink, silentLink } from './pg/silent-link.ts'
export { startTemporaryCluster, type TemporaryCluster } from './pg/temporary-cluster.ts'
export { testCluster, type TestCluster } from './pg/test-cluster.ts'
export { testDatabase, type TestDatabase } from './pg/test-database.ts'
export { device, type DeviceInput } from './records/device.ts'
export { mintId, ulidAt } from './records/ids.ts'
export { checksumOf, observation, type ObservationInput } from './records/observation.ts'
export type { Overrides } from './records/overrides.ts'
export { playbookPatch, type PlaybookPatchInput } from './records/playbook-patch.ts'
export { recommendation, type RecommendationInput } from './records/recommendation.ts'
export { syncBatch, type SyncBatchInput, type SyncBatchOverrides } from './records/sync-batch.ts'
export { type SeededRandom, seededRandom } from './seeded-random.ts'
export { arbitraryOf } from './arbitraries/arbitrary-of.ts'
export { type Mutation, mutationOf } from './arbitraries/mutation-of.ts'
export { altered, without } from './records/altered.ts'
export { playbook, type PlaybookInput } from './records/playbook.ts'
export { weatherFeatures, type WeatherFeaturesInput } from './records/weather-features.ts'
export { seededRuns } from './arbitraries/seeded-runs.ts'
export { type Ended, type NodeProcess, runProgram, startProgram } from './server/node-process.ts'
export { type LiveEvent, type LiveEvents, openLive } from './server/live-events.ts'
export { type ServerOptions, startServer, type TestServer } from './server/start-server.ts'
export {
  acceptedBody,
  type Caller,
  isReplay,
  postBatch,
  pullPage,
  pullPages,
  refusal,
  type RestAnswer,
} from './server/sync-calls.ts'
export { roundSeeds } from './round-seeds.ts'
export { callOperation, TRANSPORTS, type OperationCall } from './server/call-operation.ts'
export { sha256 } from './sha256.ts'
