/**
 * What prisma/migrations and prisma/functions together hashed to in each build, oldest first (see schema-build.test.ts).
 * A change of either adds a line; a line that was merged is never changed or removed.
 */
export const SCHEMA_HISTORY: readonly string[] = [
  'c870348728483e9779ec67dc01e3c099e89e6986285f912aec01e7ccf0a28973',
]

/** Number of this build: of two builds, the one with the greater number has the newer functions. */
export const SCHEMA_BUILD = SCHEMA_HISTORY.length
