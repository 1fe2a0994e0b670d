import { type RawExport, rawExport } from './raw-export.ts'

/** Settings hold the device's token, the keys are secret too, and leases hold nothing of a person's. */
const LEFT_OUT = /-lease$|^fieldsync-(?:app|keys)$/

/** Names of all databases of this site; none where the browser cannot list them (Firefox before 126). */
export const databaseNames = async (): Promise<string[]> =>
  ((await indexedDB.databases?.()) ?? []).flatMap(({ name }) => name ?? [])

/** Deletes a database, and the lease beside it. @throws Error while another tab has it open */
export async function deleteDatabase(name: string): Promise<void> {
  for (const each of [name, `fieldsync-store:${name}-lease`]) {
    await new Promise<void>((resolve, reject) => {
      const asked = indexedDB.deleteDatabase(each)
      asked.addEventListener('success', () => resolve())
      asked.addEventListener('error', () => reject(asked.error ?? new Error(`${each} cannot be deleted`)))
      asked.addEventListener('blocked', () => reject(new Error(`another tab has ${each} open`)))
    })
  }
}

/** All of the app's stores in this browser as they lie there, whatever version of the app wrote them. */
export async function rawBrowserStores(known: readonly string[]): Promise<RawExport> {
  const listed = await databaseNames().catch(() => [])
  const names = [...known, ...listed].filter((name) => name.startsWith('fieldsync') && !LEFT_OUT.test(name))
  return rawExport(names, contentOf)
}

async function contentOf(name: string): Promise<unknown> {
  // Without a version it opens as it is; one that does not exist must not be created.
  const opening = indexedDB.open(name)
  let isMissing = false
  opening.addEventListener('upgradeneeded', () => {
    isMissing = true
    opening.transaction?.abort()
  })
  const database = await answered(opening).catch((error: unknown) => {
    if (isMissing) return undefined
    throw error
  })
  if (database === undefined) return undefined
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
