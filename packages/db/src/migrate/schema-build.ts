/**
 * What prisma/migrations and prisma/functions together hashed to in each build, oldest first (see schema-build.test.ts).
 * A change of either adds a line; a line that was merged is never changed or removed.
 */
export const SCHEMA_HISTORY: readonly string[] = [
  'fc7fb472815736b68dbedf952e23febda9a68b1be4b1b82b1074f16e87affacd',
]

/** Number of this build: of two builds, the one with the greater number has the newer functions. */
export const SCHEMA_BUILD = SCHEMA_HISTORY.length
