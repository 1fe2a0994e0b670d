import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

type Texts = DBSchema & { texts: { key: string; value: string } }

const NAME = 'fieldsync-app'
const VERSION = 1

let connection: Promise<IDBPDatabase<Texts>> | undefined

function connected(): Promise<IDBPDatabase<Texts>> {
  if (connection !== undefined) return connection
  const forget = () => {
    if (connection === opening) connection = undefined
  }
  const opening = triedAgain(() =>
    openDB<Texts>(NAME, VERSION, {
      upgrade: (db) => void db.createObjectStore('texts'),
      // Another tab deletes the database, or a newer version of the app migrates it.
      blocking: (_current, _wanted, event) => {
        if (event.target instanceof IDBDatabase) event.target.close()
        forget()
      },
      // The browser closed the connection by itself.
      terminated: forget,
    }),
  )
  connection = opening
  opening.catch(forget)
  return opening
}

/** Between the tries of an opening that fails: most causes are over in a moment. */
const WAITS_MS = [100, 400]

async function triedAgain<T>(work: () => Promise<T>): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await work()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return work()
}

type Store = ReturnType<typeof storeOf>

const storeOf = (db: IDBPDatabase<Texts>) => {
  // What lies in localStorage reaches the disk seconds later, and a browser that dies before loses it.
  const { store, done } = db.transaction('texts', 'readwrite', { durability: 'strict' })
  return { store, done }
}

/**
 * Works on the app's small database in one transaction, on a new connection where the browser has closed the last one
 * (STO-15). It rejects where there is none to be had: the caller says so.
 */
export async function withTexts<T>(work: (store: Store['store']) => Promise<T>): Promise<T> {
  const { store, done } = await begin()
  // An aborted transaction rejects its calls first.
  done.catch(() => undefined)
  const result = await work(store)
  await done
  return result
}

async function begin(): Promise<Store> {
  const opening = connected()
  try {
    return storeOf(await opening)
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error
    // Closed without an event, as browsers do to tabs in the background.
    if (connection === opening) connection = undefined
    return storeOf(await connected())
  }
}
