/** Settings hold the device's token, and leases nothing of a person's. */
const LEFT_OUT = /-lease$|^fieldsync-app$/

/** All of the app's stores in this browser as they lie there, whatever version of the app wrote them. */
export async function rawBrowserStores(): Promise<string> {
  const names = (await indexedDB.databases()).flatMap(({ name }) => name ?? [])
  const ours = names.filter((name) => name.startsWith('fieldsync') && !LEFT_OUT.test(name))
  const stores = await Promise.all(ours.map(async (name) => [name, await contentOf(name)] as const))
  return JSON.stringify({ stores: Object.fromEntries(stores) }, null, 2)
}

async function contentOf(name: string): Promise<unknown> {
  // Without a version it opens as it is.
  const database = await answered(indexedDB.open(name))
  try {
    const tables = [...database.objectStoreNames]
    if (tables.length === 0) return {}
    const transaction = database.transaction(tables, 'readonly')
    const rows = tables.map(async (table) => {
      const store = transaction.objectStore(table)
      const [keys, values] = await Promise.all([answered(store.getAllKeys()), answered(store.getAll())])
      return [table, keys.map((key, i): unknown => [key, values[i]])] as const
    })
    return Object.fromEntries(await Promise.all(rows))
  } finally {
    database.close()
  }
}

const answered = <T>(asked: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    asked.addEventListener('success', () => resolve(asked.result))
    asked.addEventListener('error', () => reject(asked.error ?? new Error('the browser refused to read')))
  })
