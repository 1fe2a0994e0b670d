import * as sqlite from 'expo-sqlite'

/** The store of that name as it lies there, whatever version of the app wrote it. */
export async function rawPhoneStore(name: string | undefined): Promise<string> {
  if (name === undefined) return JSON.stringify({ stores: {} })
  const database = await sqlite.openDatabaseAsync(`${name}.db`, { useNewConnection: true })
  try {
    const tables = await database.getAllAsync<{ name: string }>(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'",
    )
    const rows: [string, unknown][] = []
    for (const table of tables) {
      rows.push([table.name, await database.getAllAsync(`select * from "${table.name.replaceAll('"', '""')}"`)])
    }
    return JSON.stringify({ stores: { [name]: Object.fromEntries(rows) } }, null, 2)
  } finally {
    await database.closeAsync()
  }
}
