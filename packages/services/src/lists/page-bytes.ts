import { Prisma } from '@fieldsync/db'

/** A page, of the downstream or of a list, ends when its records reach about this many bytes (DWN-1, OPS-17). */
export const MAX_PAGE_BYTES = 4 * 1024 * 1024

/**
 * A list's rows, newest first, as far as their bytes fit in one answer, the one that reaches the limit included: a
 * page shows at least one. Rows are weighed where they lie, so that what is not sent is not read.
 *
 * @param candidates a query for `key`, `bytes` and whatever `document` is made of, at most one row beyond the page
 */
export const withinPageBytes = (candidates: Prisma.Sql): Prisma.Sql => Prisma.sql`(
    SELECT * FROM (
      SELECT c.*, count(*) OVER () AS found, sum(c.bytes) OVER (ORDER BY c.key DESC) - c.bytes AS before
      FROM (${candidates}) c
    ) weighed WHERE before < ${MAX_PAGE_BYTES}
  )`
