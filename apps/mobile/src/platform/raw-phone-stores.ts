import * as sqlite from 'expo-sqlite'

import { type RawExport, rawExport } from './raw-export.ts'

/** The stores of these names as they lie there, whatever version of the app wrote them. */
export const rawPhoneStores = (names: readonly string[]): Promise<RawExport> => rawExport(names, contentOf)

async function contentOf(name: string): Promise<unknown> {
  const database = await sqlite.openDatabaseAsync(`${name}.db`, { useNewConnection: true })
  try {
    const tables = await database.getAllAsync<{ name: string }>(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'",
    )
    const rows: [string, unknown][] = []
    for (const table of tables) {
      const all = await database.getAllAsync(`select * from "${table.name.replaceAll('"', '""')}"`)
      rows.push([table.name, all])
    }
    return Object.fromEntries(rows)
  } finally {
    await database.closeAsync()
  }
}
