/**
 * What prisma/migrations and prisma/functions together hashed to in each build, oldest first (see schema-build.test.ts).
 * A change of either adds a line; a line that was merged is never changed or removed.
 */
export const SCHEMA_HISTORY: readonly string[] = [
  '7a4d7925d0eb20a5bdacf01c6df39a22cb11dd8e9d1a794d0c7952121524b8d3',
  '2f44b11b9f30fa25e79083a11ea68ab3f308e85e556961ddb8dfa89a424c22cc',
  '8631a4acaf798709bc3767c3274311c6edbf744c37b84108ba3ca6864237e399',
  '74678732627382bfc4bae5448b1c2008843506012beda97a8aa5ad3f57be0488',
]

/** Number of this build: of two builds, the one with the greater number has the newer functions. */
export const SCHEMA_BUILD = SCHEMA_HISTORY.length
