import pg from 'pg'

import type { Prisma } from './generated/client.ts'
import type { Queryable } from './transaction.ts'

/** As Prisma returns them: whole numbers of 64 bits are bigints. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === pg.types.builtins.INT8 && format !== 'binary' ? BigInt : pg.types.getTypeParser(id, format),
}

/** Runs a statement that was put together by `Prisma.sql` on a connection that Prisma does not have. */
export async function queryRows<T extends object>(source: Queryable, sql: Prisma.Sql): Promise<T[]> {
  const { rows } = await source.query<T & pg.QueryResultRow>({ text: sql.text, values: sql.values, types })
  return rows
}
