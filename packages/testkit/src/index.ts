export {
  type InstalledPostgres,
  installedPostgres,
  installedStandby,
  pgBouncer,
} from './pg/installed-postgres.ts'
export { expectNothingLeft } from './pg/left-over.ts'
export { type SilentLink, silentLink } from './pg/silent-link.ts'
export { startTemporaryCluster, type TemporaryCluster } from './pg/temporary-cluster.ts'
export { testCluster, type TestCluster } from './pg/test-cluster.ts'
export { testDatabase, type TestDatabase } from './pg/test-database.ts'
export {
  device,
  type DeviceInput,
  syncBatch,
  type SyncBatchInput,
  type SyncBatchOverrides,
} from './records/sync-batch.ts'
export { mintId, ulidAt } from './records/ids.ts'
export { checksumOf, observation, type ObservationInput, sha256 } from './records/observation.ts'
export { altered, type Overrides, without } from './records/overrides.ts'
export { playbook, type PlaybookInput, playbookPatch, type PlaybookPatchInput } from './records/playbook.ts'
export {
  recommendation,
  type RecommendationInput,
  weatherFeatures,
  type WeatherFeaturesInput,
} from './records/recommendation.ts'
export { type SeededRandom, seededRandom } from './seeded-random.ts'
export { arbitraryOf } from './arbitraries/arbitrary-of.ts'
export { type Mutation, mutationOf } from './arbitraries/mutation-of.ts'
export { roundSeeds, seededRuns } from './seeded-runs.ts'
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
export { callOperation, TRANSPORTS, type OperationCall } from './server/call-operation.ts'
