import type { Queryable } from '../transaction.ts'

/** The first sync of a device on a day, with its audit row around the number (AUD-17). */
export type Contact = {
  readonly deviceId: string
  /** UTC, as `2026-02-12`. */
  readonly day: string
  readonly at: Date
  readonly auditPrefix: string
  readonly auditSuffix: string
}

/**
 * Records contacts of one workspace under its head row; what is recorded already is passed over.
 * @returns how many entries were written
 */
export async function storeContacts(
  connection: Queryable,
  workspaceId: string,
  contacts: readonly Contact[],
): Promise<number> {
  const rows = contacts.map(({ deviceId, day, at, auditPrefix, auditSuffix }) => ({
    device: deviceId,
    day,
    at: at.toISOString(),
    prefix: auditPrefix,
    suffix: auditSuffix,
  }))
  const { rows: found } = await connection.query<{ written: number }>({
    name: 'fieldsync_contacts',
    text: 'SELECT fieldsync_contacts($1, $2) AS written',
    values: [workspaceId, JSON.stringify(rows)],
  })
  return found[0]?.written ?? 0
}
