import * as sqlite from 'expo-sqlite'

/** The stores of these names as they lie there, whatever version of the app wrote them. */
export async function rawPhoneStores(names: readonly string[]): Promise<string> {
  const stores: [string, unknown][] = []
  for (const name of names) stores.push([name, await contentOf(name)])
  return JSON.stringify({ stores: Object.fromEntries(stores) }, null, 2)
}

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
