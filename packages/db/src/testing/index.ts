export {
  type InstalledPostgres,
  installedPostgres,
  installedStandby,
  pgBouncer,
} from './installed-postgres.ts'
export { expectNothingLeft } from './left-over.ts'
export { type Placement, undividedTables, WHAT_TO_DO } from './placement.ts'
export { type SilentLink, silentLink } from './silent-link.ts'
export { startTemporaryCluster, type TemporaryCluster } from './temporary-cluster.ts'
export { testCluster, type TestCluster } from './test-cluster.ts'
export { testDatabase, type TestDatabase } from './test-database.ts'
